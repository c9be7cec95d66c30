"""Accounts: people log in with their e-mail address and hold roles."""
