"""Backup and restore: one command each, elsewhere, every table compared."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from innovations import taxonomy
from partners import editing
from partners.consolidation.regrouping import merge
from partners.models import Objection, ObjectionState, SourceRecord
from partners.models.objection import ObjectionScope
from partners.objections import apply
from partners.publishing import publish_records
from tests.conftest import ROOT
from tests.factories import ReplicationFactory, SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = "restauree"
# What each command writes of itself.
COUNTED = "SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def server(name: str) -> dict[str, object]:
    at = connection.get_connection_params()
    said = {k: at[k] for k in ("host", "port", "user", "password") if at.get(k)}
    return said | {"dbname": name, "autocommit": True}


def address(name: str) -> str:
    """The tests' DATABASE_URL with another database."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


@pytest.fixture
def elsewhere() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_{ELSEWHERE}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(**server(connection.settings_dict["NAME"])) as opened:
        opened.execute(drop)
        opened.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(**server(connection.settings_dict["NAME"])) as opened:
        opened.execute(drop)


def manage(name: str, *command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address(name), "CARREFOUR_MODE": "local"},
        text=True,
        capture_output=True,
        check=False,
    )


def everything(name: str) -> dict[str, tuple[int, str]]:
    """Table → (rows, digest of their content)."""
    with psycopg.connect(**server(name)) as opened:
        tables = [table for (table,) in opened.execute(TABLES).fetchall()]
        return {
            table: opened.execute(sql.SQL(COUNTED).format(sql.Identifier(table))).fetchone()
            for table in tables
        }


def told(title: str) -> SourceRecord:
    record = SourceRecordFactory(values={"title": title, "summary": "Réparer ensemble."})
    publish_records([record])
    record.refresh_from_db()
    return record


@pytest.fixture
def worked_on() -> SourceRecord:
    """A directory where staff merged, edited and followed a replication."""
    taxonomy.load()
    kept, other = told("Atelier de réparation"), told("Café bricole")
    editing.write(kept.innovation, {"title": "L’atelier"}, author=UserFactory(), note="Relu")
    ReplicationFactory(innovation=kept.innovation)
    merge(other.innovation, kept.innovation)
    return kept


@pytest.fixture
def saved(worked_on: SourceRecord, tmp_path: Path) -> Path:
    done = manage(connection.settings_dict["NAME"], "backup", tmp_path / "tout.dump")
    assert done.returncode == 0, done.stderr
    return tmp_path / "tout.dump"


def test_a_backup_restored_elsewhere_gives_every_table_as_it_was(
    saved: Path, elsewhere: str
) -> None:
    before = everything(connection.settings_dict["NAME"])
    done = manage(elsewhere, "restore", saved)

    assert done.returncode == 0, done.stderr
    after = everything(elsewhere)
    assert after == before
    assert before["innovations_fieldedit"][0] == 1
    assert before["partners_regroupingevent"][0] > 0
    assert saved.stat().st_mode & 0o077 == 0


def test_what_was_removed_on_request_since_the_backup_does_not_come_back(
    saved: Path, elsewhere: str, worked_on: SourceRecord
) -> None:
    assert manage(elsewhere, "restore", saved).returncode == 0
    with psycopg.connect(**server(elsewhere)) as opened:
        assert opened.execute("SELECT count(*) FROM partners_sourcerecord").fetchone() == (2,)
    objection = Objection.objects.create(
        scope=ObjectionScope.RECORD,
        innovation=worked_on.innovation,
        email="quelquun@example.org",
        state=ObjectionState.CONFIRMED,
        confirmed_at=timezone.now(),
    )
    apply(objection, UserFactory())

    done = manage(connection.settings_dict["NAME"], "restore", saved, "--over")

    assert done.returncode == 0, done.stderr
    assert "droit d’opposition" in done.stderr
    connection.close()
    assert not SourceRecord.objects.filter(values__title="Atelier de réparation").exists()
    assert not SourceRecord.objects.filter(values__title="Café bricole").exists()


def test_a_database_in_use_is_replaced_only_when_asked(saved: Path, elsewhere: str) -> None:
    assert manage(elsewhere, "restore", saved).returncode == 0
    again = manage(elsewhere, "restore", saved)
    assert again.returncode == 1
    assert "n’est pas vide" in again.stderr


def test_a_damaged_file_is_refused_and_nothing_changes(saved: Path, elsewhere: str) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: len(whole) // 3])
    done = manage(elsewhere, "restore", saved)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not everything(elsewhere)


def test_a_backup_never_replaces_another_and_old_ones_go_when_asked(
    worked_on: SourceRecord, tmp_path: Path
) -> None:
    name = connection.settings_dict["NAME"]
    assert manage(name, "backup", tmp_path / "un.dump").returncode == 0
    again = manage(name, "backup", tmp_path / "un.dump")
    assert again.returncode == 1
    assert "existe déjà" in again.stderr
    for day in (1, 2, 3):
        (tmp_path / f"carrefour-2026-01-0{day}T00-00-00.dump").touch()
    assert manage(name, "backup", tmp_path, "--keep", 2).returncode == 0
    left = sorted(p.name for p in tmp_path.glob("carrefour-*.dump"))
    assert len(left) == 2
    assert "carrefour-2026-01-03T00-00-00.dump" in left
