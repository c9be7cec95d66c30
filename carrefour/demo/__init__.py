"""The demonstration: sample partner sites, accounts, mail viewer. Never in production."""
