"""Pages of the essaimage for staff, one file per kind of work."""
