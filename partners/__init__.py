"""Partners: who gives records, and the harvest that brings them in."""
