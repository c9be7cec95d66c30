"""The records of the real files as our own harvest makes them, each under a stable identifier.

``python benchmarks/real_records.py --data FOLDER [--file NAME …] > records.jsonl`` prints one JSON
object per record, for those who label pairs; nothing of it enters the repository.

An identifier is ``<file in the folder>#<external id>``, the external id being the one that the
harvest gives: the partner's, else the page's address, else the digest of the title and the porteur
(``titre-…``), which is what the two first states of the list of Bourgogne-Franche-Comté and the
list of Gironde have. The rows of a project that stands in several places are told apart too, as
``<file>#<external id>/<rank from 1>``: each is what a partner with that place only would have said.
"""

import argparse
import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from partners.models import Partner, SourceRecord
    from tests.partners.emulator import Emulator
    from tests.partners.real_rows import RealSource

# The files of projects and places that other files tell too.
FILES = (
    "cis-carrefour-innovations-sociales/france_s_engage_v0.csv",
    "cis-carrefour-innovations-sociales/france_s_engage_v3.xlsx",
    "tiers-lieux-cget-ping/cget_tiers_lieux_2019.csv",
    "tiers-lieux-cget-ping/tiers_lieux_pdl_ping_200516c.csv",
    "tiers-lieux-cget-ping/tiers_lieux_pdl_ping_210202a.csv",
    "tiers-lieux-cget-ping/tiers_lieux_pdl_ping_211106a.csv",
    "tiers-lieux-cget-ping/hub_conumm_mediation_200516b.csv",
    "tiers-lieux-cget-ping/hub_conumm_mediation_201019b.csv",
    "tiers-lieux-cget-ping/hub_conumm_mediation_210616b.csv",
    "mediation-bfc-ternum/bfc_ternum_200409-a.csv",
    "mediation-bfc-ternum/bfc_ternum_200430-a.csv",
    "mediation-bfc-ternum/bfc_ternum_200516-c.csv",
    "mednum-sources-locales/gironde.json",
    "mednum-sources-locales/angers.json",
    "mednum-sources-locales/etapes-numerique.json",
    "aic-eig-defis/defis/*.md",
    "aic-eig-defis/laureats/*.md",
    "aic-eig-defis/defis_eig_site_v1.yml",
    "beta-gouv-startups/startups/*.md",
)


def real_records(
    folder: Path, files: Collection[str] = FILES, *, published: bool = False
) -> "dict[str, SourceRecord]":
    """Identifier → record, the files harvested for good into the current database.

    Needs the taxonomy and the territories there, and 127.0.0.1 allowed to harvests. Records are of
    no public innovation, who measures decides what to publish; unless ``published``: each then has
    its own as any harvest gives it, under an open licence. Raises ``ValueError`` for a file that
    cannot be read.
    """
    from partners.models import Partner
    from tests.partners.emulator import Emulator
    from tests.partners.real_rows import sources

    partner = Partner.objects.create(
        name="Fichiers réels",
        slug="fichiers-reels",
        website="https://exemple.fr/",
        step="en-ligne",
    )
    found: dict[str, SourceRecord] = {}
    with Emulator(folder) as emulator:
        for source in sources():
            if source.file in files:
                found |= dict(_harvested(partner, emulator, source, published=published))
    return found


def _harvested(
    partner: "Partner", emulator: "Emulator", real: "RealSource", *, published: bool
) -> "Iterator[tuple[str, SourceRecord]]":
    """The records of one file, by the connector, options and mapping proposed for it."""
    from innovations.licences import Licence
    from partners.harvest import harvest
    from partners.models import RecordType, Source
    from partners.trial import try_address

    shape = next(s for s in ("plain", "zip", "tgz") if s in real.shapes)
    tried = try_address(emulator.serve(real, shape))
    if tried.problem:
        raise ValueError(f"{real.file} : {tried.problem}")
    name = f"reel-{Source.objects.count() + 1}"
    source = Source.objects.create(
        partner=partner, name=name, slug=name, url=tried.url, connector=tried.connector,
        options=tried.options, mapping=tried.rules,
        record_type=RecordType.INNOVATION if published else RecordType.OTHER,
        licence=Licence.ETALAB if published else Licence.UNKNOWN,
    )  # fmt: skip
    done = harvest(source)
    if done.problem:
        raise ValueError(f"{real.file} : {done.problem}")
    for record in source.records.order_by("external_id"):
        identifier = f"{real.file}#{record.external_id}"
        yield identifier, record
        yield from ((f"{identifier}/{rank}", row) for rank, row in _rows_apart(source, record))


def _rows_apart(source: Any, record: "SourceRecord") -> "Iterator[tuple[int, SourceRecord]]":
    """Each row of a record that has several, as the record (unsaved) that it alone would make."""
    from partners.mapping.places import looked_up
    from partners.mapping.record import map_rows
    from partners.mapping.rules import parse
    from partners.models import SourceRecord

    if len(record.raw) < 2:
        return
    rules = parse(source.mapping)
    for rank, row in enumerate(record.raw, start=1):
        mapped = map_rows(rules, [row], base=source.url, url=record.page)
        yield (
            rank,
            SourceRecord(
                source=source,
                external_id=f"{record.external_id}/{rank}",
                url=mapped.url,
                raw=[row],
                values=mapped.values,
                sites=looked_up(mapped.sites),
                record_type=record.record_type,
                state=record.state,
                licence=record.licence,
            ),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--file", action="append", choices=FILES, help="this file only")
    options = parser.parse_args()
    from benchmarks.database import database

    with database("real_records"):
        from innovations import taxonomy
        from territories import loading

        taxonomy.load()
        loading.load()
        for identifier, record in real_records(options.data, options.file or FILES).items():
            said = {"id": identifier, "url": record.url, "sites": record.sites, "raw": record.raw}
            sys.stdout.write(json.dumps({**said, **record.values}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
