"""One innovation, many partners: what is linked, by whom, and how it is undone."""
