"""Forms of the essaimage for staff."""
