"""What is measured of the harvest, from the bare loop to ``update_or_create``."""

import json
from typing import Any

BARE = (
    "CREATE UNLOGGED TABLE bare (external_id text, url text, raw jsonb, values jsonb, sites jsonb)"
)


def bare(source: Any) -> int:
    """The same parser and mapping, COPY into an unindexed table, nothing else."""
    from django.db import connection

    from carrefour.http import Fetcher
    from partners.connectors import connect
    from partners.mapping.places import looked_up
    from partners.mapping.record import map_rows
    from partners.mapping.rules import parse

    rules = parse(source.mapping)
    with Fetcher() as fetcher, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(BARE.replace("UNLOGGED ", ""))
        connector = connect(source.connector, source.url, source.options, fetcher)
        with cursor.copy("COPY bare FROM STDIN") as copy:
            number = 0
            for row in connector.rows():
                number += 1
                mapped = map_rows(rules, [row.data], base=source.url, url=row.url)
                said = (row.data, mapped.values, looked_up(mapped.sites))
                texts = (json.dumps(value, ensure_ascii=False) for value in said)
                copy.write_row((str(row.data["id"]), mapped.url, *texts))
        cursor.execute("DROP TABLE bare")
    return number


def harvested(source: Any) -> int:
    from partners.harvest import harvest

    report = harvest(source)
    assert not report.problem, report.problem
    return int(report.counts["seen"])


def warm(source: Any) -> None:
    """Everything imported and every cache of the process begun, as in a worker that has run."""
    from partners.harvest import harvest

    harvest(source, limit=500)


def stored(source: Any) -> int:
    """Source records only: their nature is not one that the public sees."""
    source.record_type = "acteur"
    source.save()
    return harvested(source)


def one_by_one(source: Any, rows: int) -> int:
    """``update_or_create`` of the record, its innovation and its parts, row by row."""
    from carrefour.http import Fetcher
    from partners.connectors import connect
    from partners.mapping.rules import parse
    from partners.vocabularies import Vocabularies

    rules, words = parse(source.mapping), Vocabularies.load([source.pk])
    with Fetcher() as fetcher:
        connector = connect(source.connector, source.url, source.options, fetcher)
        for number, row in enumerate(connector.rows()):
            if number == rows:
                break
            write_one(source, rules, words, row)
    return rows


def write_one(source: Any, rules: Any, words: Any, row: Any) -> None:
    from django.db import transaction
    from django.utils import timezone
    from django.utils.text import slugify

    from carrefour.text import key
    from innovations import searchrows
    from innovations.models import Citation, Innovation, Location, Organisation, Term
    from partners.mapping.places import looked_up
    from partners.mapping.record import map_rows
    from partners.models import SourceRecord
    from territories.models import Territory

    now = timezone.now()
    mapped = map_rows(rules, [row.data], base=source.url, url=row.url)
    values, sites = mapped.values, looked_up(mapped.sites)
    codes = [c.split(":") for c in words.terms(source.pk, values.get("words") or {})]
    with transaction.atomic():
        porteur, _ = Organisation.objects.update_or_create(
            name_key=key(mapped.porteur)[:250],
            defaults={"name": mapped.porteur, "slug": slugify(mapped.porteur)[:110]},
        )
        innovation, _ = Innovation.objects.update_or_create(
            slug=slugify(f"{mapped.title} {row.data['id']}")[:110],
            defaults={
                "title": mapped.title, "title_key": key(mapped.title), "status": "publiee",
                "description": values["description"], "organisation": porteur,
                "started_year": values.get("year"), "published_at": now,
            },
        )  # fmt: skip
        record, _ = SourceRecord.objects.update_or_create(
            source=source,
            external_id=row.data["id"],
            defaults={
                "raw": [row.data], "values": values, "sites": sites, "url": mapped.url,
                "record_type": "innovation", "state": "complete", "fingerprint": "",
                "licence": "etalab-2.0", "innovation": innovation, "changed_at": now,
                "seen_at": now,
            },
        )  # fmt: skip
        for position, site in enumerate(sites):
            territory = Territory.objects.filter(kind=site["kind"], code=site["code"]).first()
            told = {"territory": territory, "label": site["label"]}
            Location.objects.update_or_create(
                innovation=innovation, position=position, defaults=told
            )
        cited = {"partner_slug": "plateforme", "url": mapped.url, "collected_at": now}
        Citation.objects.update_or_create(
            innovation=innovation, source_record=record.pk, defaults=cited
        )
        innovation.terms.set(Term.objects.filter(code__in=[code for _, code in codes]))
        searchrows.refresh([innovation.pk])
