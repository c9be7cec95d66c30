"""What a staff edit may say: a value that its field cannot hold is never composed."""

from collections.abc import Callable, Mapping
from typing import Any

from carrefour.html import safe_html
from innovations.composition import REPRODUCTION
from innovations.models import LegalForm, Maturity, Nature, Reach, Reproduction

YEARS = range(1800, 2101)


def usable(field: str, value: Any) -> Any:
    """The value as composition may take it. Raises ``ValueError`` (in French) when it cannot."""
    check = CHECKS.get(field)
    if check is None:
        raise ValueError(f"Le champ « {field} » ne se modifie pas.")
    return check(value)


def _text(longest: int | None = None, *, required: bool = False) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or (required and not value.strip()):
            raise ValueError("Un texte est attendu.")
        if longest is not None and len(value) > longest:
            raise ValueError(f"Le texte dépasse {longest} caractères.")
        return value

    return check


def _choice(allowed: list[str]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in {"", *allowed}:
            raise ValueError(f"Valeurs attendues : {', '.join(allowed)}.")
        return value

    return check


def _description(value: Any) -> str:
    return safe_html(_text()(value))


def _website(value: Any) -> str:
    text = _text(500)(value).strip()
    if text and not text.lower().startswith(("http://", "https://")):
        raise ValueError("Une adresse http ou https est attendue.")
    return text


def _year(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value not in YEARS):
        raise ValueError("Une année entre 1800 et 2100 est attendue.")
    return value


def _yes_or_no(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError("Oui ou non est attendu.")
    return value


def _organisation(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("Une structure porteuse est attendue : son nom et sa forme juridique.")
    form = _choice(LegalForm.values)(value.get("legal_form", ""))
    return {"name": _text(250, required=True)(value.get("name")), "legal_form": form}


def _terms(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("Une liste de termes « vocabulaire:code » est attendue.")
    return value


CHECKS: dict[str, Callable[[Any], Any]] = {
    "title": _text(300, required=True),
    "summary": _text(),
    "description": _description,
    "website": _website,
    "nature": _choice(Nature.values),
    "maturity": _choice(Maturity.values),
    "reach": _choice(Reach.values),
    "started_year": _year,
    "is_commun": _yes_or_no,
    "commun_governance": _text(),
    "commun_licence": _text(120),
    "organisation": _organisation,
    "terms": _terms,
    **{f"{REPRODUCTION}.{f.name}": _text() for f in Reproduction.text_fields()},
}
