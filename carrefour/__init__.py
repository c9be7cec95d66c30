"""The house: settings, accounts and what every app shares, and the composition of the whole."""
