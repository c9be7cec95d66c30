"""Administrative obstacles: looked up, told of by anyone, read for their form, lifted."""
