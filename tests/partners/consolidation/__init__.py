"""Tests of what is linked, by whom, and how it is undone."""
