"""Writing a source's mapping: every version is kept, with who wrote it, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from partners.mapping.description import described
from partners.mapping.rules import MappingError, parse
from partners.mapping.targets import TARGETS
from partners.mapping_erasure import without
from partners.models import MappingVersion, Source
from partners.suppression import KEY_LOST, SuppressionKeyLost, Suppressions

Rules = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """One target whose rules differ; ``before`` and ``after`` are French sentences, "" if none."""

    label: str
    before: str
    after: str


@transaction.atomic
def write_mapping(
    source: Source, rules: Rules, user: Any = None, note: str = ""
) -> MappingVersion | None:
    """Make ``rules`` the source's mapping, as a new version; None when nothing changes.

    ``source`` is brought up to date. Raises ``MappingError`` for rules that cannot be used.
    """
    parse(list(rules))
    try:
        # They may come from a page opened before someone objected.
        rules = without(list(rules), Suppressions.hold().redactor)[0]
    except SuppressionKeyLost as error:
        raise MappingError([KEY_LOST]) from error
    held = Source.objects.select_for_update().get(pk=source.pk)
    number = _kept_number(held)
    version = None
    if list(rules) != held.mapping or not number:
        version = MappingVersion.objects.create(
            source=held,
            number=number + 1,
            rules=list(rules),
            note=note.strip()[:300],
            created_by=user,
        )
        number = version.number
    source.mapping, source.mapping_number = list(rules), number
    Source.objects.filter(pk=source.pk).update(
        mapping=source.mapping, mapping_number=source.mapping_number
    )
    return version


def restore(source: Source, number: int, user: Any) -> MappingVersion | None:
    """A new version equal to version ``number``; None when it is already in force.

    Raises ``ObjectDoesNotExist`` when the source has no such version.
    """
    old = source.mapping_versions.filter(number=number).first()
    if old is None:
        raise ObjectDoesNotExist
    return write_mapping(source, old.rules, user, f"Retour à la version {number}")


def changes(before: Rules, after: Rules) -> list[Change]:
    """What differs between two mappings, target by target, in the order of the targets."""
    old, new = _by_target(before), _by_target(after)
    return [
        Change(TARGETS[target].label, _told(old.get(target)), _told(new.get(target)))
        for target in TARGETS
        if _told(old.get(target)) != _told(new.get(target))
    ]


def _kept_number(source: Source) -> int:
    """The number of the last version; rules older than versions are first kept as version 1."""
    last = source.mapping_versions.order_by("-number").first()
    if last is None and source.mapping:
        last = MappingVersion.objects.create(
            source=source, number=1, rules=source.mapping, note="Règles d’origine"
        )
    return last.number if last else 0


def _by_target(rules: Rules) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        found.setdefault(str(rule.get("target")), []).append(rule)
    return found


def _told(rules: Rules | None) -> str:
    return " Puis : ".join(described(rule) for rule in rules or ())
