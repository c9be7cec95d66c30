"""Essaimage: how innovations spread, from one site to many."""
