"""The demonstration's partners and sources, from partners.toml, at the sample server's address."""

import tomllib
from pathlib import Path
from typing import Any

from partners import life
from partners.loading import load_vocabulary
from partners.models import Partner, PartnerStep, Source
from partners.moving import move_source

FILE = Path(__file__).parent / "partners.toml"
SETTINGS = (
    "name", "connector", "options", "mapping", "record_type", "licence", "publishes_directly",
    "frequency",
)  # fmt: skip


def create_partners(address: str) -> list[Source]:
    """The sample partners and their sources at ``address`` (« http://127.0.0.1:8001 »).

    Idempotent: what exists is only moved to the address, so that what was changed by hand in the
    demonstration stays.
    """
    with FILE.open("rb") as file:
        described = tomllib.load(file)["partners"]
    return [source for said in described for source in _partner(said, address.rstrip("/"))]


def _partner(said: dict[str, Any], address: str) -> list[Source]:
    website = f"{address}/{said['site']}/"
    partner, is_new = Partner.objects.get_or_create(
        slug=said["slug"],
        defaults={n: said[n] for n in ("name", "kind", "description")}
        | {"website": website, "licence": said["sources"][0]["licence"]},
    )
    if is_new:
        _admit(partner)
    elif partner.website != website:
        partner.website = website
        partner.save(update_fields=["website"])
    sources = [_source(partner, one, website) for one in said["sources"]]
    life.catch_up(partner, author=None)
    return sources


def _admit(partner: Partner) -> None:
    """The steps that a partner goes through, up to the charter; its source does the rest."""
    life.begin(partner, author=None)
    told = life.Told(reference="Réunion d’exemple", note="Partenaire de démonstration.")
    life.move(partner, PartnerStep.ADMITTED, told, author=None)
    life.move(partner, PartnerStep.CHARTER, life.Told(), author=None)


def _source(partner: Partner, said: dict[str, Any], website: str) -> Source:
    url = website + said["path"].removeprefix("/")
    given = {name: said[name] for name in SETTINGS if name in said}
    source, created = Source.objects.get_or_create(
        slug=said["slug"], defaults={"partner": partner, "url": url, **given}
    )
    if created:
        if said.get("vocabulary"):
            load_vocabulary(source, said["vocabulary"])
    elif source.url != url:
        move_source(source, url)
    return source
