"""How the embedded PostgreSQL and Redis are placed, started, shared and stopped."""
