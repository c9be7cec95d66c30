"""« Votre projet est-il essaimable ? »: a self-assessment; a basis for dialogue, never a score."""
