"""The fields of a record that people may write: what they are called, asked and compared by."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carrefour.html import safe_html
from innovations import enrichment
from innovations.composition import REPRODUCTION
from innovations.models import (
    DocumentBasis,
    DocumentKind,
    GrantDependence,
    Innovation,
    Maturity,
    Nature,
    Reach,
    Reproduction,
    Resource,
)

LINE, TEXT, HTML, ADDRESS, YEAR = "ligne", "texte", "html", "adresse", "annee"
CHOICE, YES_NO, ORGANISATION, TERMS = "choix", "oui-non", "structure", "termes"
KINDS, RESOURCES, AMOUNT = "documents", "ressources", "montant"
HELP = {
    "summary": "Deux ou trois phrases : ce que fait le projet, pour qui.",
    "description": "Texte simple, ou HTML réduit à des paragraphes, des listes et des liens.",
    "website": "Format attendu : https://exemple.fr",
    "started_year": "Format attendu : 2014",
    "commun_licence": "Exemple : CC BY-SA 4.0",
    f"{REPRODUCTION}.need": "Le besoin social, sans la réponse du projet.",
    f"{REPRODUCTION}.core": "Ce qui ne peut changer sans que ce soit un autre projet.",
    f"{REPRODUCTION}.adaptation_margin": "Ce que chaque territoire peut faire à sa manière.",
    f"{REPRODUCTION}.lessons": "Ce qui serait fait autrement, échecs compris.",
    "economics.beneficiaries": "Ceux qui en profitent, s’ils ne sont pas ceux qui paient.",
    "economics.beneficiary_cost": "En euros. Exemple : 350 ou 12,50",
    "economics.cost_basis": "Exemple : par personne accompagnée et par an",
    "economics.autonomy": "Le projet tient-il sans soutien public, et depuis quand ?",
    "means.budget": "Ordre de grandeur, d’investissement et de fonctionnement.",
    "means.staff": "Postes, compétences, bénévoles. Aucun nom de personne.",
}


@dataclass(frozen=True)
class EditableField:
    """``kind`` says how it is asked; ``choices`` are those of a list; ``is_text``: in words."""

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    longest: int | None = None
    is_required: bool = False

    @property
    def help(self) -> str:
        return HELP.get(self.name, "")

    @property
    def anchor(self) -> str:
        return f"champ-{self.name.replace('.', '-')}"

    @property
    def is_text(self) -> bool:
        return self.kind in {LINE, TEXT, HTML, ADDRESS}


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    fields: tuple[EditableField, ...]


def _reproduction(*names: str) -> tuple[EditableField, ...]:
    known = {f.name: str(f.verbose_name) for f in Reproduction.text_fields()}
    return tuple(EditableField(f"{REPRODUCTION}.{n}", known[n], TEXT) for n in names)


def _enriched(family: str) -> tuple[EditableField, ...]:
    special: dict[str, dict[str, Any]] = {
        "documentation.kinds": {"kind": KINDS, "choices": tuple(DocumentKind.choices)},
        "documentation.basis": {"kind": CHOICE, "choices": tuple(DocumentBasis.choices)},
        "economics.resources": {"kind": RESOURCES, "choices": tuple(Resource.choices)},
        "economics.grant_dependence": {"kind": CHOICE, "choices": tuple(GrantDependence.choices)},
        "economics.beneficiary_cost": {"kind": AMOUNT},
        "economics.cost_basis": {"kind": LINE, "longest": 200},
    }
    names = [f"{family}.{column}" for column in enrichment.columns(family)]
    return tuple(
        EditableField(n, enrichment.label(n), **special.get(n, {"kind": TEXT})) for n in names
    )


SECTIONS = (
    Section(
        "projet",
        "Le projet",
        (
            EditableField("title", "titre", LINE, longest=300, is_required=True),
            EditableField("summary", "résumé", TEXT),
            EditableField("description", "description", HTML),
            EditableField("nature", "nature", CHOICE, tuple(Nature.choices)),
            EditableField("maturity", "maturité", CHOICE, tuple(Maturity.choices)),
            EditableField("reach", "portée", CHOICE, tuple(Reach.choices)),
            EditableField("started_year", "année de démarrage", YEAR),
            EditableField("website", "site web", ADDRESS, longest=500),
            EditableField("organisation", "structure porteuse", ORGANISATION),
            EditableField("terms", "thèmes, publics et méthodes", TERMS),
        ),
    ),
    Section(
        "commun",
        "Un commun",
        (
            EditableField("is_commun", "est un commun", YES_NO),
            EditableField("commun_governance", "gouvernance du commun", TEXT),
            EditableField("commun_licence", "licence du commun", LINE, longest=120),
        ),
    ),
    Section(
        "reproduire",
        "Pour reproduire ce projet",
        _reproduction(*(f.name for f in Reproduction.text_fields())),
    ),
    Section("moyens", "Les moyens, un par un", _enriched("means")),
    Section("modele", "Le modèle économique", _enriched("economics")),
    Section("documentation", "La documentation", _enriched("documentation")),
)
FIELDS = {field.name: field for section in SECTIONS for field in section.fields}
# What a porteur completes: how its project can be reproduced.
PORTEUR_SECTIONS = SECTIONS[2:]


def shown(innovation: Innovation) -> dict[str, Any]:
    """What the record says now, field by field, in the form in which an edit says it."""
    return {name: _shown(innovation, name) for name in FIELDS}


def _shown(innovation: Innovation, name: str) -> Any:
    family, _, column = name.partition(".")
    if family == REPRODUCTION:
        return getattr(getattr(innovation, "reproduction", None), column, "")
    if family in enrichment.TABLES:
        return enrichment.value_of(innovation, name)
    if name == "organisation":
        owner = innovation.organisation
        return owner and {"name": owner.name, "legal_form": owner.legal_form}
    if name == "terms":
        return sorted(f"{t.vocabulary}:{t.code}" for t in innovation.terms.all())
    return getattr(innovation, name)


def canonical(name: str, value: Any) -> Any:
    """The value as two of them are compared: line ends, outer spaces and order left aside."""
    if value in (None, "", [], {}):
        return None
    if FIELDS[name].kind == HTML:
        value = safe_html(str(value))
    if isinstance(value, str):
        return "\n".join(value.split("\r\n")).strip() or None
    if name == "terms":
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: said or "" for key, said in sorted(value.items())}
    return value


def same(name: str, one: Any, other: Any) -> bool:
    return bool(canonical(name, one) == canonical(name, other))


def digest(name: str, value: Any) -> str:
    """What a form remembers of the value that it was opened on."""
    said = json.dumps(canonical(name, value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def readable(name: str, value: Any, labels: Mapping[str, str] | None = None) -> str:
    """The value as people read it; ``labels``: « theme:emploi » → « Emploi »."""
    field = FIELDS[name]
    if value in (None, "", [], {}):
        return ""
    if field.kind == TERMS:
        return ", ".join((labels or {}).get(code, code) for code in value)
    tell = TOLD.get(field.kind)
    return tell(field, value) if tell else str(value)


def _amount(value: float) -> str:
    return f"{value:.2f} €".replace(".", ",").replace(",00 €", " €")


def _resource(field: EditableField, said: Mapping[str, Any]) -> str:
    kind = dict(field.choices).get(said["kind"], said["kind"])
    return f"{kind} ({said['share']} %)" if said.get("share") else str(kind)


TOLD: dict[str, Callable[[EditableField, Any], str]] = {
    CHOICE: lambda field, value: str(dict(field.choices).get(value, value)),
    KINDS: lambda field, value: ", ".join(str(dict(field.choices).get(v, v)) for v in value),
    YES_NO: lambda field, value: "oui" if value else "non",
    ORGANISATION: lambda field, value: str(value.get("name", "")),
    RESOURCES: lambda field, value: ", ".join(_resource(field, said) for said in value),
    AMOUNT: lambda field, value: _amount(value),
}
