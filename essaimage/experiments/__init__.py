"""Experiments under the droit à l’expérimentation: shown, kept, their ends told in time."""
