"""Loading the data sets written in the house: the study of 2017, its organisations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from carrefour.text import key
from innovations import slugs
from innovations.models import Evidence, Organisation
from partners.connectors.dataset import read
from partners.harvest import harvest
from partners.models import Frequency, Partner, PartnerStep, Source
from partners.reports import Report
from partners.suppression import Suppressions
from partners.vocabularies import FOLDER, load_file
from territories.models import Territory

STUDY = "etude-2017"
# The address that the study gives for its publisher's publications.
WEBSITE = "http://www.cget.gouv.fr/ressources/publications"
PLAIN = [
    "external_id", "slug", "title", "summary", "description", "year", "website", "themes",
    "publics", "methods", "nature", "maturity", "reach", "evidence",
]  # fmt: skip
STUDY_MAPPING: list[dict[str, Any]] = [
    *({"target": name, "path": name} for name in PLAIN),
    {"target": "porteur_name", "path": "porteur.name"},
    {"target": "legal_form", "path": "porteur.kind"},
    {"target": "porteur_kind", "path": "porteur.kind_text"},
    {"target": "place", "path": "territories"},
    *({"target": n, "path": f"reproduction.{n}"} for n in ("need", "core", "adaptation_margin")),
    {
        "target": "hold",
        "path": "published",
        "transforms": [{"op": "map", "values": {"true": False, "false": True}}],
    },
]


def load_study() -> Report:
    """The study's partner, source, organisations and innovations; idempotent."""
    source = study_source()
    load_organisations(read(STUDY)["organisations"])
    return harvest(source)


def study_source() -> Source:
    """The source of the study's data set, created or brought up to date."""
    said = read(STUDY)["source"]
    partner, _ = Partner.objects.get_or_create(
        slug=said["partner"]["slug"],
        defaults={
            "name": said["partner"]["name"],
            "kind": said["partner"]["kind"],
            "description": said["partner"]["description"],
            "step": PartnerStep.LIVE,
            "website": WEBSITE,
            "licence": said["licence"],
        },
    )
    source, _ = Source.objects.update_or_create(
        slug=said["slug"],
        defaults={
            "partner": partner,
            "name": said["name"],
            "connector": "dataset",
            "url": WEBSITE,
            "options": {"file": STUDY},
            "mapping": STUDY_MAPPING,
            "record_type": said["record_type"],
            "licence": said["licence"],
            "publishes_directly": said["publishes_directly"],
            "frequency": Frequency.MANUAL,
        },
    )
    return source


@transaction.atomic
def load_organisations(described: Sequence[Mapping[str, Any]]) -> int:
    """Create the organisations and complete what is empty in the known ones; returns how many.

    Their evidence is replaced by the one given. The number of queries does not depend on how many.
    What was removed on request stays away: an organisation whose very name was is left as it is.
    """
    listed = Suppressions.hold()
    shown = [
        listed.redact(dict(d))[0]
        for d in described
        if d.get("published", True) and not listed.redact([d["name"], d.get("slug", "")])[1]
    ]
    known = {o.name_key: o for o in Organisation.objects.filter(name_key__in=_keys(shown))}
    taken = set(Organisation.objects.values_list("slug", flat=True))
    territories = _territories(shown)
    new, changed = [], []
    for said in shown:
        organisation = known.get(key(said["name"]))
        if organisation is None:
            slug = slugs.free(said.get("slug") or slugify(key(said["name"])), taken)
            taken.add(slug)
            organisation = Organisation(name=said["name"], name_key=key(said["name"]), slug=slug)
            new.append(organisation)
            known[organisation.name_key] = organisation
            _complete(organisation, said, territories)
        elif _complete(organisation, said, territories):
            changed.append(organisation)
    Organisation.objects.bulk_create(new)
    names = ["legal_form", "kind", "description", "website", "territory", "roles"]
    Organisation.objects.bulk_update(changed, names)
    _write_evidence([(known[key(d["name"])], d) for d in shown])
    return len(shown)


def _keys(described: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key(d["name"]) for d in described]


def _complete(
    organisation: Organisation, said: Mapping[str, Any], territories: Mapping[Any, int]
) -> bool:
    """Fill what is empty from what is said; returns whether anything changed."""
    changed = False
    for name in ("legal_form", "kind", "description", "website"):
        if said.get(name) and not getattr(organisation, name):
            setattr(organisation, name, said[name])
            changed = True
    place = said.get("territory") or {}
    territory = territories.get((place.get("kind"), place.get("code")))
    if territory and organisation.territory_id is None:
        organisation.territory_id = territory
        changed = True
    roles = list(dict.fromkeys([*organisation.roles, *said.get("roles", [])]))
    if roles != organisation.roles:
        organisation.roles = roles
        changed = True
    return changed


def _territories(described: Sequence[Mapping[str, Any]]) -> dict[Any, int]:
    codes = [d["territory"]["code"] for d in described if (d.get("territory") or {}).get("code")]
    found = Territory.objects.filter(code__in=codes)
    return {(kind, code): pk for pk, kind, code in found.values_list("pk", "kind", "code")}


def _write_evidence(pairs: Sequence[tuple[Organisation, Mapping[str, Any]]]) -> None:
    names = ("field", "document", "section", "page", "quote")
    Evidence.objects.filter(organisation__in=[o.pk for o, _ in pairs]).delete()
    Evidence.objects.bulk_create(
        Evidence(organisation=o, **{n: str(e.get(n, "")) for n in names})
        for o, said in pairs
        for e in said.get("evidence", [])
    )


def load_vocabulary(source: Source, name: str) -> int:
    """The decisions of a file of partners/data/vocabularies; returns how many were written."""
    return load_file(source, FOLDER / Path(name).name)
