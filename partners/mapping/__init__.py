"""Mapping: typed rules, kept as data, from a partner's row to the directory's fields."""
