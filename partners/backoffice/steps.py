"""The four steps of a source's onboarding, for the State's stepper."""

STEPS = ("L’adresse", "Ce qui est reconnu", "Correspondance et aperçu", "Contrat et rythme")


def stepper(current: int) -> dict[str, str]:
    """For the tag dsfr_stepper; ``current`` from 1."""
    following = STEPS[current] if current < len(STEPS) else ""
    return {
        "current_step_id": str(current),
        "current_step_title": STEPS[current - 1],
        "next_step_title": following,
        "total_steps": str(len(STEPS)),
    }
