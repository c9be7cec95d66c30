"""The fields a rule may fill, each with its label and the way its value is typed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carrefour.html import safe_html
from innovations.licences import Licence
from innovations.models import LegalForm, Maturity, Nature, Reach, Reproduction
from partners.mapping import choices, dates, links, texts
from partners.mapping.emptiness import is_empty
from partners.mapping.transforms import number, split

WEBSITE_LENGTH = 500
EVIDENCE = {"field": 40, "document": 200, "section": 200, "page": 20, "quote": 5000}


class Problem(ValueError):
    """A value that cannot be kept: ``code`` and a French sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Target:
    """``typed`` makes the value of its type. Raises ``Problem`` when it cannot."""

    label: str
    typed: Callable[[Any], Any]
    is_list: bool = False


def line(length: int) -> Callable[[Any], str]:
    """One line of plain text of at most ``length`` characters."""

    def typed(value: Any) -> str:
        text = texts.plain(_text(value))
        return text if len(text) <= length else text[: length - 1].rstrip() + "…"

    return typed


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_text(v) for v in value)
    if isinstance(value, dict):
        return _text(next((value[k] for k in ("name", "nom", "label", "title") if k in value), ""))
    return str(value)


def _words(value: Any) -> list[str]:
    words = [line(300)(w) for w in split(value, {})]
    return list(dict.fromkeys(w for w in words if not is_empty(w)))


def _url(value: Any) -> str:
    if not (url := links.mended(_text(value))):
        raise Problem("adresse", f"Adresse illisible : « {_text(value)[:120]} ».")
    return url


def _website(value: Any) -> str:
    if len(url := _url(value)) > WEBSITE_LENGTH:
        raise Problem("adresse", f"Adresse trop longue : « {url[:120]}… ».")
    return url


def _evidence(value: Any) -> list[dict[str, str]]:
    """Documents quoted: {field, document, section, page, quote}, within the columns' lengths."""
    said = [v for v in value if isinstance(v, dict) and v.get("document")]
    return [{n: line(length)(v.get(n, "")) for n, length in EVIDENCE.items()} for v in said]


def _year(value: Any) -> int:
    if (year := dates.year(value)) is None:
        raise Problem("annee", f"Année illisible : « {_text(value)[:60]} ».")
    return year


def _coordinate(value: Any) -> float:
    found = number(value, {})
    if found is None or not -180 <= found <= 180:
        raise Problem("point", f"Coordonnée illisible : « {_text(value)[:60]} ».")
    return float(found)


def _point(value: Any) -> list[float]:
    """[latitude, longitude] from « 48.1, -1.7 », [lat, lon] or {lat, lon}."""
    if isinstance(value, dict):
        pairs = (("lat", "lon"), ("lat", "lng"), ("latitude", "longitude"))
        value = next(([value[a], value[b]] for a, b in pairs if a in value and b in value), "")
    parts = value if isinstance(value, list) else str(value).replace(";", ",").split(",")
    if len(parts) != 2:
        raise Problem("point", f"Point illisible : « {_text(value)[:60]} ».")
    return [_coordinate(p) for p in parts]


def _places(value: Any) -> list[Any]:
    return [v if isinstance(v, dict) else line(300)(v) for v in split(value, {})]


def choice(kind: Any, label: str) -> Callable[[Any], str]:
    def typed(value: Any) -> str:
        if not (found := choices.find(kind, _text(value))):
            raise Problem("valeur", f"{label} inconnue : « {_text(value)[:80]} ».")
        return found

    return typed


TARGETS: dict[str, Target] = {
    "external_id": Target("identifiant chez le partenaire", line(500)),
    "title": Target("titre", line(300)),
    "summary": Target("résumé", line(2000)),
    "description": Target("description", lambda v: safe_html(_text(v))),
    "porteur_name": Target("structure porteuse", line(250)),
    "porteur_kind": Target("nature de la structure porteuse", line(120)),
    "legal_form": Target("forme juridique", choice(LegalForm, "Forme juridique")),
    "url": Target("page de la fiche", _url),
    "website": Target("site web du projet", _website),
    "picture": Target("image", _url),
    "year": Target("année de démarrage", _year),
    "themes": Target("thèmes", _words, is_list=True),
    "publics": Target("publics", _words, is_list=True),
    "methods": Target("méthodes", _words, is_list=True),
    "place": Target("lieux", _places, is_list=True),
    "address": Target("adresse", line(300)),
    "postcode": Target("code postal", line(20)),
    "insee_code": Target("code INSEE", line(20)),
    "departement": Target("département", line(120)),
    "region": Target("région", line(120)),
    "latitude": Target("latitude", _coordinate),
    "longitude": Target("longitude", _coordinate),
    "point": Target("point (latitude, longitude)", _point),
    "nature": Target("nature de l’innovation", choice(Nature, "Nature")),
    "maturity": Target("maturité", choice(Maturity, "Maturité")),
    "reach": Target("portée", choice(Reach, "Portée")),
    "licence": Target("licence", choice(Licence, "Licence")),
    "partners_text": Target("partenaires du projet", line(2000)),
    "hold": Target("à vérifier avant publication", bool),
    "slug": Target("adresse souhaitée", line(90)),
    "evidence": Target("références", _evidence, is_list=True),
    **{
        f.name: Target(str(f.verbose_name), lambda v: texts.paragraphs(_text(v)))
        for f in Reproduction.text_fields()
    },
}
