"""`manage.py harvest`: its report, its exit status, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_httpserver import HTTPServer

from partners.models import Source, SourceRecord
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """(exit status, the JSON object of standard output or None, standard error)."""

    def command(*arguments: str) -> tuple[int, Any, str]:
        status = 0
        try:
            call_command("harvest", *arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
        said = capsys.readouterr()
        return status, json.loads(said.out) if said.out.strip() else None, said.err

    return command


KEYS = {"connector", "confidence", "mapping", "counts", "preview", "rejected", "warnings"}


def test_a_source_twice(source: Source, site: Site, run: Run) -> None:
    site.rows = [row(1), row(2)]
    status, report, _ = run("fiches", "--json")
    assert status == 0
    assert set(report) >= KEYS
    assert report["counts"] == {
        "seen": 2, "created": 2, "updated": 0, "unchanged": 0, "withdrawn": 0, "rejected": 0,
    }  # fmt: skip
    assert report["mapping"]["title"] == {"path": "titre", "confidence": 1.0}
    status, report, _ = run("fiches", "--json")
    assert (report["counts"]["created"], report["counts"]["updated"]) == (0, 0)
    assert report["counts"]["unchanged"] == 2


def test_an_address_is_tried(site: Site, terms: None, run: Run) -> None:
    text = "Des habitants réparent ensemble. " * 4
    themes = ["Lien social", "Culture"]
    site.rows = [row(n, texte=f"{text}{n}", theme=themes[n % 2]) for n in range(6)]
    status, report, _ = run("--url", site.url, "--dry-run", "--json")
    assert status == 0
    assert report["connector"] == "spreadsheet"
    assert report["mapping"]["title"]["path"] == "titre"
    assert report["mapping"]["themes"]["confidence"] > 0.5
    preview = report["preview"][0]
    assert preview["external_id"] == "p0"
    assert preview["territory"] == {
        **preview["territory"], "code": "44109", "name": "Nantes",
    }  # fmt: skip
    assert preview["territory"]["confidence"] >= 0.9
    assert preview["themes"][0]["label"] == "Lien social"
    assert not SourceRecord.objects.exists()


def test_a_trial_with_its_mapping_and_a_limit(
    site: Site, terms: None, run: Run, tmp_path: Path
) -> None:
    site.rows = [row(1), row(2, titre=""), row(3)]
    mapping = tmp_path / "correspondance.json"
    mapping.write_text(json.dumps(MAPPING))
    arguments = ("--url", site.url, "--dry-run", "--mapping", str(mapping), "--json")
    status, report, _ = run(*arguments)
    assert status == 1
    assert report["counts"]["rejected"] == 1
    assert report["rejected"][0]["where"] == "ligne 3"
    assert report["rejected"][0]["errors"][0].keys() == {"field", "code", "message"}
    status, report, _ = run(*arguments, "--limit", "1")
    assert (status, report["counts"]["seen"]) == (0, 1)


def test_what_cannot_be_used_is_one_line(
    httpserver: HTTPServer, site: Site, run: Run, tmp_path: Path
) -> None:
    broken = tmp_path / "x.json"
    broken.write_text("{")
    wrong = tmp_path / "y.json"
    wrong.write_text('[{"target": "titre", "path": "a"}]')
    httpserver.expect_request("/page").respond_with_data("<!doctype html><html><p>Bonjour")
    cases = [
        (["absente"], "Source inconnue"),
        ([], "Donnez une source"),
        (["--url", site.url, "fiches"], "Donnez une source"),
        (["--url", "http://10.0.0.1/f.csv", "--dry-run"], "refusée par sécurité"),
        (["--url", "n'importe quoi", "--dry-run"], "http ou https"),
        (["--url", httpserver.url_for("/page"), "--dry-run"], "reconnu"),
        (["--url", site.url, "--mapping", str(broken)], "illisible"),
        (["--url", site.url, "--mapping", str(wrong)], "« titre » inconnu"),
        (["fiches", "--limit", "0"], "au moins 1"),
        (["--url", site.url, "--dry-run"], "reconnu"),
        (["--url", site.url, "--dry-run", "--connector", "spreadsheet"], "titre"),
    ]
    for arguments, said in cases:
        status, _, error = run(*arguments)
        assert status == 2, arguments
        assert said in error
        assert "Traceback" not in error


def test_without_json_the_counts_are_for_people(
    source: Source, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.rows = [row(1)]
    call_command("harvest", "fiches")
    assert "1 fiches créées" in capsys.readouterr().out
