"""Official French geography: what it is, where it is, and which place a partner's words mean."""
