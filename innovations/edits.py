"""What a staff edit may say: a value that its field cannot hold is never composed."""

from collections.abc import Callable, Mapping
from typing import Any

from carrefour.html import safe_html
from innovations.composition import REPRODUCTION
from innovations.models import (
    DocumentBasis,
    DocumentKind,
    GrantDependence,
    LegalForm,
    Maturity,
    Means,
    Nature,
    Reach,
    Reproduction,
    Resource,
)

YEARS = range(1800, 2101)


def usable(field: str, value: Any) -> Any:
    """The value as composition may take it. Raises ``ValueError`` (in French) when it cannot."""
    check = CHECKS.get(field)
    if check is None:
        raise ValueError(f"Le champ « {field} » ne se modifie pas.")
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
            raise ValueError(f"Valeurs attendues : {', '.join(allowed)}.")
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
        raise ValueError("Une structure porteuse est attendue : son nom et sa forme juridique.")
    form = _choice(LegalForm.values)(value.get("legal_form", ""))
    return {"name": _text(250, required=True)(value.get("name")), "legal_form": form}


def _terms(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("Une liste de termes « vocabulaire:code » est attendue.")
    return value


def _kinds(value: Any) -> list[str]:
    if not isinstance(value, list) or not set(value) <= set(DocumentKind.values):
        raise ValueError(f"Valeurs attendues : {', '.join(DocumentKind.values)}.")
    return [kind for kind in DocumentKind.values if kind in value]


def _resources(value: Any) -> list[dict[str, Any]]:
    """{kind, share}, each kind once; shares from 1 to 100, 100 at most together."""
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise ValueError("Une liste de ressources est attendue.")
    kinds = [v.get("kind") for v in value]
    if not set(kinds) <= set(Resource.values) or len(set(kinds)) < len(kinds):
        raise ValueError(f"Ressources attendues, chacune une fois : {', '.join(Resource.values)}.")
    shares = [v.get("share") for v in value]
    if any(s is not None and (type(s) is not int or not 0 < s <= 100) for s in shares):
        raise ValueError("Une part est un nombre entier entre 1 et 100.")
    if (total := sum(s or 0 for s in shares)) > 100:
        raise ValueError(f"Les parts font {total} % : elles ne peuvent dépasser 100 % ensemble.")
    return [{"kind": k, "share": s} for k, s in zip(kinds, shares, strict=True)]


def _amount(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise ValueError("Un montant en euros est attendu, positif et inférieur à un milliard.")
    return round(float(value), 2)


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
    "documentation.kinds": _kinds,
    "documentation.basis": _choice(DocumentBasis.values),
    **{f"means.{f.name}": _text() for f in Means._meta.concrete_fields if not f.primary_key},
    "economics.resources": _resources,
    "economics.grant_dependence": _choice(GrantDependence.values),
    **{f"economics.{name}": _text() for name in ("payers", "beneficiaries", "autonomy")},
    "economics.beneficiary_cost": _amount,
    "economics.cost_basis": _text(200),
}
