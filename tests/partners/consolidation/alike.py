"""Records to compare: titles, towns and web sites of ours."""

from typing import Any

from partners.models import Source, SourceRecord
from partners.publishing import publish_records
from tests.factories import SourceFactory, SourceRecordFactory

# Town → code and point, as SourceRecord.sites keeps them.
TOWNS = {
    "Lormes": ("58145", 47.289, 3.818),
    "Clamecy": ("58079", 47.460, 3.519),
    "Rennes": ("35238", 48.117, -1.677),
    "Le Mans": ("72181", 48.008, 0.199),
    "Rezé": ("44143", 47.183, -1.549),
}


def site(town: str, *, shift: float = 0.0, exact: bool = True) -> dict[str, Any]:
    """A site in a town; ``shift``: degrees north of its middle; not ``exact``: without a point."""
    code, latitude, longitude = TOWNS[town]
    return {
        "label": town, "kind": "commune", "code": code, "name": town, "confidence": 1.0, "note": "",
        "latitude": latitude + shift if exact else None,
        "longitude": longitude if exact else None,
    }  # fmt: skip


def values(title: str, **said: Any) -> dict[str, Any]:
    if "porteur" in said:
        said["porteur"] = {"name": said["porteur"]}
    return {"title": title, "summary": "Réparer ensemble.", **said}


def record(
    title: str, town: str = "", *, source: Source | None = None, shift: float = 0.0, **said: Any
) -> SourceRecord:
    """A published record of a source of its own unless one is given."""
    made = SourceRecordFactory(
        source=source or SourceFactory(publishes_directly=True),
        values=values(title, **said),
        sites=[site(town, shift=shift)] if town else [],
    )
    publish_records([made])
    made.refresh_from_db()
    return made
