"""The completeness of records through the API: score, reasons, filter; never flags."""

from collections.abc import Callable

from django.test import Client

from innovations import assessing
from innovations.licences import Licence
from tests.api.conftest import Read, publish


def test_a_record_gives_its_score_and_its_reasons(read: Read) -> None:
    innovation = publish(slug="atelier")
    assessing.refresh([innovation.pk])

    found = read("read_innovation", slug="atelier")

    innovation.refresh_from_db()
    assert found["completeness"]["score"] == innovation.completeness.score
    reasons = {r["criterion"]: r for r in found["completeness"]["reasons"]}
    assert reasons["title"]["value"] == 100
    assert reasons["reproduction.lessons"]["gain"] > 0
    assert reasons["reproduction.lessons"]["advice"]
    assert reasons["governance"]["value"] is None
    assert sum(r["weight"] for r in reasons.values()) == 102


def test_a_reference_has_one_too(read: Read) -> None:
    innovation = publish(Licence.UNKNOWN, slug="reference")
    assessing.refresh([innovation.pk])
    assert read("read_innovation", slug="reference")["completeness"]["score"] < 50


def test_records_are_filtered_by_their_score(titles: Callable[..., list[str]]) -> None:
    rich, poor = publish(title="Riche"), publish(title="Pauvre", summary="", description="")
    assessing.refresh([rich.pk, poor.pk])
    rich.refresh_from_db()
    assert titles(completeness_min=rich.completeness.score) == ["Riche"]
    assert set(titles(completeness_min=0)) == {"Riche", "Pauvre"}


def test_a_score_that_cannot_be_is_refused(client: Client, db: None) -> None:
    for said in ("101", "-1", "beaucoup"):
        answer = client.get("/api/v1/innovations/", {"completeness_min": said})
        assert answer.status_code == 400
        assert "completeness_min" in answer.content.decode()


def test_flags_are_nobody_elses_business(client: Client, db: None) -> None:
    publish(slug="atelier")
    page = client.get("/api/v1/innovations/atelier/").content.decode()
    assert "flag" not in page
    assert "signalement" not in page
