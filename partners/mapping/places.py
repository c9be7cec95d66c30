"""The sites of a record, looked up in the official geography."""

from collections.abc import Iterable
from typing import Any

from territories.kinds import Kind
from territories.lookup import Found, Place, find

# Below this an answer is a guess: the words are kept, no territory is given.
LIKELY = 0.5
KINDS = {str(kind.value) for kind in Kind}


def looked_up(sites: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places of a record's sites, each once, as SourceRecord.sites keeps them.

    Each is {label, kind, code, name, confidence, note, longitude, latitude}; kind, code and name
    are "" when no territory could be told, the point is None when none was given.
    """
    found = [place for site in sites for place in _of_site(site)]
    return list({_identity(place): place for place in reversed(found)}.values())[::-1]


def _of_site(site: dict[str, Any]) -> list[dict[str, Any]]:
    point = _point(site)
    written = [p for p in site.get("place", []) if p]
    told = [p for p in written if isinstance(p, dict)]
    texts = [p for p in written if isinstance(p, str)]
    if told:
        return [p for place in told for p in _told(place)]
    if len(texts) > 1:
        # Several places in one cell: the row's codes and point cannot be said of each.
        hint = str(site.get("departement", ""))
        return [p for text in texts for p in _answers(find(text, departement=hint), text, None)]
    text = _text(site, texts)
    answer = find(
        text or None,
        code=site.get("insee_code"),
        postcode=site.get("postcode"),
        point=point,
        departement=site.get("departement"),
    )
    return _answers(answer, text, point)


def _text(site: dict[str, Any], texts: list[str]) -> str:
    """The most precise words of the row for its place."""
    if texts and site.get("address") and texts[0] not in site["address"]:
        return f"{texts[0]}"
    for name in ("address", "departement", "region"):
        if texts:
            break
        if site.get(name):
            texts = [site[name]]
    return texts[0] if texts else ""


def _point(site: dict[str, Any]) -> tuple[float, float] | None:
    """(latitude, longitude) when both are given."""
    if site.get("point"):
        latitude, longitude = site["point"]
        return latitude, longitude
    if "latitude" in site and "longitude" in site:
        return site["latitude"], site["longitude"]
    return None


def _answers(answer: Place, text: str, point: tuple[float, float] | None) -> list[dict[str, Any]]:
    if answer.several and point is None:
        return [_place(text, t, answer.confidence, answer.reason, None) for t in answer.several]
    territory = answer.territory if answer.confidence >= LIKELY else None
    if territory is None and point is None and not text:
        return []
    return [_place(text, territory, answer.confidence, answer.reason, point)]


def _place(
    label: str,
    territory: Found | None,
    confidence: float,
    note: str,
    point: tuple[float, float] | None,
) -> dict[str, Any]:
    return {
        "label": label[:300],
        "kind": str(territory.kind) if territory else "",
        "code": territory.code if territory else "",
        "name": territory.name if territory else "",
        "confidence": round(confidence, 2) if territory else 0.0,
        "note": note[:300],
        "latitude": point[0] if point and abs(point[0]) <= 90 else None,
        "longitude": point[1] if point and abs(point[0]) <= 90 else None,
    }


def _told(place: dict[str, Any]) -> list[dict[str, Any]]:
    """A place that the source gives with its level: {text, kind, code, note}."""
    label, kind = str(place.get("text", "")), str(place.get("kind", ""))
    blank = _place(label, None, 0.0, str(place.get("note", "")), None)
    if kind in KINDS and place.get("code"):
        code = str(place["code"])
        return [blank | {"kind": kind, "code": code, "name": label, "confidence": 1.0}]
    # A level that the official geography does not know: the words are kept, without territory.
    return [blank] if kind else _answers(find(label, code=place.get("code")), label, None)


def _identity(place: dict[str, Any]) -> tuple[Any, ...]:
    if place["longitude"] is not None:
        return (round(place["longitude"], 4), round(place["latitude"], 4))
    return (place["kind"], place["code"], "" if place["code"] else place["label"])
