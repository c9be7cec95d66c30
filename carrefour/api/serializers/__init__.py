"""What the API says of each thing; one file per resource."""
