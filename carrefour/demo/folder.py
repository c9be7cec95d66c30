"""The files of a folder (`make demo DATA=folder`) as sources, each read by its own content."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from django.utils.text import slugify

from carrefour.demo.samples import DATA
from carrefour.french import counted
from carrefour.http import Fetcher, FetchError
from carrefour.text import key, one_line
from innovations.licences import Licence
from partners.connectors import RawRow, SourceError, connect
from partners.detection import detect
from partners.mapping import links
from partners.mapping.emptiness import is_empty
from partners.mapping.proposal import propose
from partners.models import Frequency, Partner, PartnerKind, PartnerStep, RecordType, Source
from partners.moving import move_source

SUFFIXES = {".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".geojson", ".xml", ".rss", ".atom"}
SAMPLE = 400
MOST = 100
# Below this confidence in the proposed mapping, records wait for a person before they show.
TRUSTED = 0.6
PREFIX = "donnees-"
# Columns whose one value names the platform that the whole file comes from.
PLATFORM = {"sourceur", "plateforme", "partenaire", "fournisseur", "producteur", "source"}
Tell = Callable[[str], None]


def create_sources(
    folder: Path | None, address: str, tell: Tell, licence: Licence = Licence.UNKNOWN
) -> list[Source]:
    """A source per file of ``folder`` that can be read, served at ``address``; idempotent.

    Sources of files that are no longer given are paused. ``tell`` receives a French line per file.
    """
    files = list(islice(_files(folder), MOST)) if folder else []
    found = []
    for path in files:
        source = _source(path, folder or path, address, tell, licence)
        if source:
            found.append(source)
    gone = Source.objects.filter(slug__startswith=PREFIX).exclude(pk__in=[s.pk for s in found])
    gone.update(is_active=False)
    return found


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and path.suffix.lower() in SUFFIXES and not hidden:
            yield path


def _source(path: Path, folder: Path, address: str, tell: Tell, licence: Licence) -> Source | None:
    name = path.relative_to(folder).as_posix()
    url = f"{address}/{DATA}/{quote(name)}"
    slug = f"{PREFIX}{slugify(key(name))}"[:120].strip("-")
    source = Source.objects.filter(slug=slug).first()
    if source is not None:
        move_source(source, url)
        Source.objects.filter(pk=source.pk).update(is_active=True, licence=licence)
        return source
    try:
        return _proposed(name, slug, url, tell, licence)
    except (FetchError, SourceError) as error:
        tell(f"{name} : laissé de côté. {error.message}")
        return None


def _proposed(name: str, slug: str, url: str, tell: Tell, licence: Licence) -> Source | None:
    """The file's source with the mapping proposed for it; None when it has no title."""
    with Fetcher() as fetcher:
        found = detect(url, fetcher)
        connector = connect(found.connector, found.url, found.options, fetcher)
        rows = list(islice(connector.rows(), SAMPLE))
    proposal = propose(rows, found.connector)
    chosen = proposal.by_target()
    if not {"title"} <= set(chosen) or not {"description", "summary", "url"} & set(chosen):
        tell(f"{name} : laissé de côté, ce ne sont pas des fiches (ni titre, ni description).")
        return None
    for warning in proposal.warnings:
        tell(f"{name} : {warning}")
    trusted = proposal.confidence >= TRUSTED
    waiting = "" if trusted else " Ses fiches attendent une relecture dans l’espace de gestion."
    sure = f"{proposal.confidence:.0%} sûr"
    tell(f"{name} : {counted(len(proposal.mapping), 'champ reconnu')} ({sure}).{waiting}")
    return Source.objects.create(
        partner=_partner(name, rows, url),
        name=name[:200],
        slug=slug,
        connector=found.connector,
        url=found.url,
        options=found.options,
        mapping=proposal.mapping,
        # What the records are is the operator's choice: the proposal only warns.
        record_type=RecordType.INNOVATION,
        licence=licence,
        publishes_directly=trusted,
        frequency=Frequency.MANUAL,
    )


def _partner(name: str, rows: list[RawRow], url: str) -> Partner:
    """The platform that every row names, else one that bears the file's name."""
    said, website = platform_of(rows)
    shown = said or f"Fichier {Path(name).stem.replace('_', ' ')}"
    slug = slugify(key(shown))[:110]
    partner, _ = Partner.objects.get_or_create(
        slug=slug,
        defaults={
            "name": shown[:200],
            "kind": PartnerKind.AUTRE,
            "description": "Fichier donné à la démonstration par le dossier DATA.",
            "website": website or url,
            "step": PartnerStep.LIVE,
        },
    )
    return partner


def platform_of(rows: list[RawRow]) -> tuple[str, str]:
    """(name, web site) of the platform that the file says it comes from; "" when it does not."""
    name = website = ""
    for column in rows[0].data if rows else ():
        words = set(key(str(column)).split())
        values = {one_line(str(r.data.get(column) or "")) for r in rows}
        value = values.pop() if len(values) == 1 else ""
        if not words & PLATFORM or is_empty(value):
            continue
        if "url" in words and "logo" not in words:
            website = website or links.mended(value)
        elif len(words) == 1 and not links.mended(value):
            name = name or value
    return name, website
