"""The real records as the search serves them: harvested, published, each known by its identifier.

What a visitor searches is what the harvest and the staff made public: the files are harvested as
innovations, then what waits for the staff (a list of places gives names without a story) is
published by the staff's own gesture, so that every record of the files can be found. A list that
exists in several dated states stands once, in its last one, as it would after harvests in turn.
"""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

# Projects and places with words of their own; calls for projects, subsidies, organisations and
# reference lists are no innovations.
CORPUS = (
    "cis-carrefour-innovations-sociales/france_s_engage_v0.csv",
    "tiers-lieux-cget-ping/cget_tiers_lieux_2019.csv",
    "tiers-lieux-cget-ping/tiers_lieux_pdl_ping_211106a.csv",
    "tiers-lieux-cget-ping/hub_conumm_mediation_210616b.csv",
    "mediation-bfc-ternum/bfc_ternum_200516-c.csv",
    "mednum-sources-locales/gironde.json",
    "mednum-sources-locales/angers.json",
    "mednum-sources-locales/etapes-numerique.json",
    "aic-eig-defis/defis/*.md",
    "aic-eig-defis/laureats/*.md",
    "aic-eig-defis/defis_eig_site_v1.yml",
    "beta-gouv-startups/startups/*.md",
    "gogocarto-exemples/elements_gogofull.json",
    "gogocarto-exemples/elements_single.json",
)
COLUMNS = {"query_id", "query", "identifier", "grade"}


@dataclass(frozen=True)
class Document:
    """An innovation in the words that its page shows, tags taken away."""

    pk: int
    title: str
    summary: str
    description: str
    organisation: str = ""
    themes: str = ""
    places: str = ""


@dataclass(frozen=True)
class Query:
    """What a visitor types, and the grade (0 to 3) of each record that was judged for it."""

    query_id: str
    text: str
    kind: str
    part: str
    grades: dict[str, int]


def files_of(queries: Iterable[Query]) -> list[str]:
    """The corpus, and the other files that the judgements name."""
    named = {identifier.split("#", 1)[0] for q in queries for identifier in q.grades}
    return [*CORPUS, *sorted(named - set(CORPUS))]


def published(folder: Path, files: Collection[str]) -> dict[str, int]:
    """Identifier → innovation, everything public; needs an empty database of our own.

    A record that the harvest or the rules joined to another has that other's innovation.
    """
    from benchmarks.real_records import real_records
    from innovations import equivalents, publishing, searchrows, taxonomy, vocabulary
    from innovations.models import Innovation, Status
    from partners.models import SourceRecord
    from territories import loading

    taxonomy.load()
    loading.load()
    records = real_records(folder, files, published=True)
    standing = dict(SourceRecord.objects.values_list("pk", "innovation_id"))
    waiting = Innovation.objects.exclude(status=Status.PUBLISHED).exclude(status=Status.WITHDRAWN)
    publishing.set_status(list(waiting.values_list("pk", flat=True)), Status.PUBLISHED)
    searchrows.flush()
    equivalents.load()
    vocabulary.refresh()
    _analyse()
    return {
        identifier: innovation
        for identifier, record in records.items()
        if (innovation := standing.get(record.pk or 0))
    }


def _analyse() -> None:
    """Tell the planner what was just written, as autovacuum does in its own time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def documents() -> list[Document]:
    """Every public innovation, for the engines that are measured beside ours."""
    from django.utils.html import strip_tags

    from innovations.models import Innovation, Status

    innovations = Innovation.objects.filter(status=Status.PUBLISHED).order_by("pk")
    rows = innovations.select_related("organisation").prefetch_related(
        "terms", "locations__territory"
    )
    return [
        Document(
            pk=row.pk,
            title=row.title,
            summary=row.summary,
            description=" ".join(strip_tags(row.description.replace("<", " <")).split()),
            organisation=row.organisation.name if row.organisation else "",
            themes=" ".join(term.label for term in row.terms.all()),
            places=" ".join(
                dict.fromkeys(p.territory.name if p.territory else p.label
                              for p in row.locations.all())
            ),
        )
        for row in rows
    ]  # fmt: skip


def read_queries(path: Path, part: str = "") -> list[Query]:
    """The queries of a file of judgements. Raises ``SystemExit`` when a column or a grade is not
    what it should be."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if missing := COLUMNS - set(rows[0] if rows else ()):
        raise SystemExit(f"{path} : colonnes absentes : {', '.join(sorted(missing))}")
    found: dict[str, Query] = {}
    for number, row in enumerate(rows, start=2):
        if part and row.get("part") != part:
            continue
        if row["grade"] not in {"0", "1", "2", "3"}:
            raise SystemExit(f"{path}, ligne {number} : note « {row['grade']} » hors de 0 à 3")
        query = found.setdefault(
            row["query_id"],
            Query(row["query_id"], row["query"], row.get("kind") or "", row.get("part") or "", {}),
        )
        query.grades[row["identifier"]] = int(row["grade"])
    if not found:
        raise SystemExit(f"{path} : aucune requête{f' dans la partie « {part} »' if part else ''}")
    return list(found.values())
