"""Reading what partners wrote before it is public: personal data, and texts that say nothing."""

from partners.screening import personal, texts

LABELS = {**dict(personal.Kind.choices), **dict(texts.Kind.choices)}


def label_of(kind: str) -> str:
    return str(LABELS.get(kind, kind))
