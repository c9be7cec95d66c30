"""The sample partner sites, as they are served and as they are harvested."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.utils import timezone

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from carrefour.demo import accounts, content, illustrations
from carrefour.demo.folder import create_sources
from carrefour.demo.server import SamplesServer
from essaimage.models import NationalTakeUp, Replication
from innovations import taxonomy
from innovations.models import Citation, Evidence, Innovation, Organisation, Picture, Status
from innovations.pictures import copy_waiting
from partners.harvest import harvest
from partners.loading import load_study
from partners.models import (
    Pair,
    PartnerStep,
    QualitySnapshot,
    Regrouping,
    RejectedRow,
    Run,
    Source,
    SourceRecord,
    VocabularyEntry,
)
from partners.pictures import list_pictures
from partners.proposals import sources as proposals


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SamplesServer]:
    (tmp_path / "donnees").mkdir()
    server = SamplesServer(0, tmp_path / "donnees")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_the_server_answers_as_platforms_do(server: SamplesServer) -> None:
    site = f"{server.url}/imagination-for-people-exemple"
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"{site}/wp-json/wp/v2/project", params={"per_page": 4, "page": 3})
        assert (page.headers["X-WP-Total"], page.headers["X-WP-TotalPages"]) == ("9", "3")
        assert len(page.json()) == 1
        assert page.json()[0]["link"].startswith(site)
        assert client.get(f"{site}/wp-json/wp/v2/project?page=40").status_code == 400
        feed = client.get(f"{server.url}/semeoz-exemple/spip.php?page=backend")
        assert feed.headers["Content-Type"].startswith("text/xml")
        assert "__BASE__" not in feed.text
        etag = {"If-None-Match": feed.headers["ETag"]}
        assert client.get(feed.url, headers=etag).status_code == 304
        assert client.head(f"{server.url}/").content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/reseaux-exemple/site.toml",
        "/README.md",
        "/../settings.py",
        "/donnees/../../secret",
        "/reseaux-exemple/%2e%2e/%2e%2e/settings.py",
        "/donnees/lien",
        "/absent/",
    ],
)
def test_the_server_keeps_to_its_folders(server: SamplesServer, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "donnees" / "lien").symlink_to(tmp_path / "secret")
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{server.url}{path}").status_code == 404


@pytest.fixture
def sources(server: SamplesServer, db: None) -> list[Source]:
    taxonomy.load()
    return content.create_partners(server.url)


def test_the_sample_partners_went_through_every_step(sources: list[Source]) -> None:
    for partner in {source.partner for source in sources}:
        partner.refresh_from_db()
        assert partner.step == PartnerStep.LIVE
        assert partner.charter_signed_on
        assert {s.licence for s in partner.sources.all()} == {partner.licence}
        steps = [PartnerStep.CONTACT, PartnerStep.ADMITTED, PartnerStep.CHARTER]
        steps += [PartnerStep.SOURCE, PartnerStep.LIVE]
        assert [m.after for m in partner.moves.order_by("pk")] == steps


def test_every_sample_source_is_harvested_then_unchanged(sources: list[Source]) -> None:
    assert len({s.connector for s in sources}) >= 4
    for source in sources:
        first = harvest(source)
        assert first.problem == ""
        assert first.counts["created"] > 0
        second = harvest(source)
        changed = {n: second.counts[n] for n in ("created", "updated", "withdrawn")}
        assert changed == {"created": 0, "updated": 0, "withdrawn": 0}, source
        assert second.counts["unchanged"] == first.counts["created"]
    assert RejectedRow.objects.count() == 1
    assert not VocabularyEntry.objects.waiting().exists()
    closed = Innovation.objects.filter(citations__licence="tous-droits")
    assert set(closed.values_list("is_reference", flat=True)) == {True}


def test_the_same_projects_told_by_several_platforms_are_brought_together(
    sources: list[Source],
) -> None:
    for source in sources:
        harvest(source)
    call_command("demo_settle")
    assert Pair.objects.waiting().count() > 10
    assert Regrouping.objects.standing().exists()
    assert QualitySnapshot.objects.filter(day=timezone.localdate()).exists()


def test_what_arrives_by_the_form_is_not_harvested(sources: list[Source]) -> None:
    Source.objects.update(is_active=False)
    proposals.load()
    call_command("demo_harvest")
    assert not Run.objects.exists()


def test_some_records_have_pictures_that_can_be_copied(sources: list[Source]) -> None:
    for source in sources:
        harvest(source)
    assert list_pictures() == len(illustrations.PICTURES)
    assert copy_waiting(100) == len(illustrations.PICTURES)
    copied = Picture.objects.values_list("state", "width", "height", "problem")
    assert set(copied) == {("copiee", 960, 540, "")}
    given = Picture.objects.values_list("innovation__source_records__source__slug", flat=True)
    assert {"imagination-for-people-exemple-projets", "communecter-exemple-projets"} <= set(given)
    assert Innovation.objects.filter(picture=None).count() > len(illustrations.PICTURES)


def test_another_port_moves_links_and_nothing_else(
    server: SamplesServer, sources: list[Source]
) -> None:
    for source in sources:
        harvest(source)
    before = SourceRecord.objects.count()
    other = SamplesServer(0)
    thread = threading.Thread(target=other.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        for source in content.create_partners(other.url):
            report = harvest(source)
            assert (report.counts["created"], report.counts["updated"]) == (0, 0), source
    finally:
        other.shutdown()
        other.server_close()
        thread.join(5)
    assert SourceRecord.objects.count() == before
    assert not SourceRecord.objects.filter(url__startswith=server.url).exists()
    assert not Citation.objects.filter(url__startswith=f"{server.url}/semeoz").exists()
    assert SourceRecord.objects.filter(url__startswith=other.url).exists()


@pytest.mark.django_db
def test_the_study_is_loaded_once() -> None:
    taxonomy.load()
    report = load_study()
    assert (report.problem, report.counts["created"]) == ("", 18)
    states = dict(Innovation.objects.values_list("slug", "status"))
    assert states.pop("la-roue-de-secours") == Status.IN_REVIEW
    assert set(states.values()) == {Status.PUBLISHED}
    assert Organisation.objects.with_role("accompagnateur").count() >= 6
    assert Evidence.objects.filter(innovation__slug="ferme-de-moyembrie").exists()
    organisations, evidence = Organisation.objects.count(), Evidence.objects.count()
    again = load_study()
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)
    assert (Organisation.objects.count(), Evidence.objects.count()) == (organisations, evidence)
    call_command("load_replications")
    call_command("load_replications")
    assert Replication.objects.count() == 6
    assert NationalTakeUp.objects.count() == 3
    moyembrie = Replication.objects.get(code="moyembrie-aude")
    assert {p.slug for p in moyembrie.partners.all()} == {"avise", "fondation-macif"}


@pytest.mark.django_db
def test_accounts_keep_their_passwords(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(accounts, "accounts_file", lambda: tmp_path / "x" / "comptes.json")
    first = accounts.create_accounts(None)
    assert accounts.create_accounts(None) == first
    assert len(first) == len(Role)
    assert json.loads((tmp_path / "x" / "comptes.json").read_text()) == first
    for account in first:
        assert User.objects.get(email=account["login"]).check_password(account["password"])


def test_the_files_of_a_folder_are_sources(server: SamplesServer, db: None) -> None:
    folder = server.data
    assert folder is not None
    lines = ["Sourceur;URL Sourceur;Titre;Description;Ville"]
    lines += [
        f"La Plateforme;https://plateforme.example.org/;Projet {n};"
        f"Des habitants réparent ensemble les objets, numéro {n}.;Nantes"
        for n in range(8)
    ]
    (folder / "projets 2019.csv").write_text("\n".join(lines))
    (folder / "codes.csv").write_text("code;libelle\n1;a\n2;b\n")
    (folder / "image.png").write_bytes(b"\x89PNG")
    told: list[str] = []
    (source,) = create_sources(folder, server.url, told.append)
    assert (source.slug, source.partner.name) == ("donnees-projets-2019-csv", "La Plateforme")
    assert source.partner.website == "https://plateforme.example.org/"
    assert any(t.startswith("codes.csv") for t in told)
    assert harvest(source).counts["created"] == 8
    assert create_sources(folder, server.url, told.append) == [source]
    assert create_sources(None, server.url, told.append) == []
    source.refresh_from_db()
    assert not source.is_active
