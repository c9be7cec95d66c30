"""The published facts as files: one line each, without anyone's address."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse

from essaimage import evidence
from essaimage.models import Facts

# Column → what it holds.
COLUMNS: dict[str, Any] = {
    "innovation": lambda f: f.shown_innovation.slug,
    "innovation_url": lambda f: settings.BASE_URL + f.shown_innovation.get_absolute_url(),
    "reprise": lambda f: f.replication.code if f.replication else "",
    "repreneur": lambda f: f.replication.repreneur_shown if f.replication else "",
    "territoire": lambda f: _place(f),
    "quand": evidence.when,
    "mois": lambda f: f.months,
    "effet_code": lambda f: f.effect,
    "effet": lambda f: f.get_effect_display(),
    "effet_en_clair": lambda f: f.effect_text,
    "solidite_code": lambda f: f.strength,
    "solidite": lambda f: f.get_strength_display(),
    "solidite_raisons": lambda f: f.reason_labels,
    "cout_code": lambda f: f.cost,
    "cout": lambda f: f.get_cost_display(),
    "cout_en_clair": lambda f: f.cost_text,
    "au_dela": lambda f: f.beyond,
    "arret_pourquoi": lambda f: f.stopped_because,
    "arret_enseignements": lambda f: f.learnt,
    "dit_par": lambda f: f.teller,
    "dit_le": lambda f: f.reported_at.date().isoformat(),
}
CHUNK = 500


def rows() -> Iterator[Sequence[Any]]:
    """The heading, then a line per fact, in the order in which they were told."""
    yield list(COLUMNS)
    for facts in _every():
        yield [_cell(read(facts)) for read in COLUMNS.values()]


def json_file() -> StreamingHttpResponse:
    """A list of objects; what is not known is null."""
    return StreamingHttpResponse(
        _json(),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="resultats.json"'},
    )


def _json() -> Iterator[str]:
    before = "["
    for facts in _every():
        told = {name: _known(read(facts)) for name, read in COLUMNS.items()}
        yield f"{before}\n{json.dumps(told, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _every() -> Iterator[Facts]:
    found = Facts.objects.of_public().for_reading().order_by("pk")
    return found.iterator(chunk_size=CHUNK)


def _cell(value: Any) -> Any:
    return " | ".join(value) if isinstance(value, list) else value


def _known(value: Any) -> Any:
    return None if value == "" else value


def _place(facts: Facts) -> str:
    territory = facts.replication.territory if facts.replication else None
    return f"{territory.kind}-{territory.code}" if territory else ""
