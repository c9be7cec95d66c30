"""The back-office of the essaimage: replications, obstacles, experiments, evidence."""
