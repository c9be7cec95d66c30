"""Innovations: the public records, their taxonomy, organisations, composition and search."""
