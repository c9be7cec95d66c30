"""Committed reference files of the official geography, and the script that rebuilds them."""
