"""What was refused: gathered by reason, readable, sent back as a file, replayed."""

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners import quarantine
from partners.models import RejectedRow, Run, RunState, Source, SourceRecord, Trigger
from partners.tasks import harvest_run
from tests.factories import RunFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
Refuse = Callable[..., RejectedRow]


def year(said: str) -> dict[str, str]:
    return {"field": "year", "code": "annee", "message": f"Année illisible : « {said} »."}


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def csv_rows(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content), delimiter=";"))


def test_rows_are_counted_by_reason_whatever_they_say(source: Source, refuse: Refuse) -> None:
    refuse(source)
    refuse(source, [year("vers 2012"), year("an mil")])
    refuse(source, [year("jadis")])
    found = quarantine.reasons(RejectedRow.objects.all())
    assert [(r.count, r.text, r.label) for r in found] == [
        (2, "Année illisible.", "année de démarrage"),
        (1, "La fiche n’a pas de titre.", "titre"),
    ]


def test_a_reason_keeps_its_rows_only(moderator: Client, source: Source, refuse: Refuse) -> None:
    refuse(source, position="ligne 2")
    refuse(source, [year("jadis")], position="ligne 3")
    where = reverse("backoffice:rejected", args=[source.slug])
    response = moderator.get(where, {"champ": "year", "motif": "annee"})
    assert [r.row.position for r in response.context["refusals"]] == ["ligne 3"]
    assert response.context["total"] == 2
    for wrong in ({"champ": "year"}, {"motif": "inconnu"}, {"champ": "\0", "motif": "x"}):
        assert len(moderator.get(where, wrong).context["refusals"]) == 2


def test_a_row_is_shown_field_by_field_with_the_rule_to_mend(
    moderator: Client, source: Source, refuse: Refuse
) -> None:
    refuse(source, raw=[{"ville": "Lormes", "vide": "", **{f"colonne {n}": n for n in range(6)}}])
    page = text(moderator.get(reverse("backoffice:rejected", args=[source.slug])))
    assert "<dt>ville</dt>" in page
    assert "<dt>vide</dt>" not in page
    assert "3 autres champs reçus" in page
    assert f"{reverse('backoffice:source_mapping', args=[source.slug])}#champ-title" in page


def test_the_columns_at_fault_come_first(moderator: Client, source: Source, refuse: Refuse) -> None:
    source.mapping += [{"target": "year", "paths": ["Année de création", "an"]}]
    source.save()
    refuse(
        source,
        [year("jadis")],
        raw=[{"a": 1, "b": 2, "titre": "Jardin", "ANNEE DE CREATION": "jadis"}],
    )
    response = moderator.get(reverse("backoffice:rejected", args=[source.slug]))
    [refusal] = response.context["refusals"]
    assert [name for name, _ in refusal.fields] == ["ANNEE DE CREATION", "titre", "a", "b"]


@pytest.mark.parametrize("raw", [{"a": 1}, [], ["texte"], "texte", None, [{"a": {"b": [1]}}]])
def test_a_row_of_any_shape_is_shown(
    raw: Any, moderator: Client, source: Source, refuse: Refuse
) -> None:
    refuse(source, raw=raw if raw is not None else {})
    where = reverse("backoffice:rejected", args=[source.slug])
    assert moderator.get(where).status_code == 200


def test_rows_are_listed_of_a_run_of_a_source_and_of_a_partner(
    moderator: Client, source: Source, refuse: Refuse
) -> None:
    run = RunFactory(source=source, state=RunState.DONE_WITH_ERRORS)
    other = SourceFactory(partner=source.partner)
    mine, old, cousin = refuse(source, run=run), refuse(source), refuse(other)
    refuse(SourceFactory())

    def listed(name: str, argument: Any) -> set[RejectedRow]:
        response = moderator.get(reverse(f"backoffice:{name}", args=[argument]))
        return {r.row for r in response.context["refusals"]}

    assert listed("run_rejected", run.pk) == {mine}
    assert listed("rejected", source.slug) == {mine, old}
    assert listed("partner_rejected", source.partner.slug) == {mine, old, cousin}


def test_what_a_run_refused_may_be_mapped_again(
    moderator: Client, source: Source, refuse: Refuse
) -> None:
    run = RunFactory(source=source, state=RunState.DONE_WITH_ERRORS)
    refuse(source, run=run)
    page = moderator.get(reverse("backoffice:run_rejected", args=[run.pk])).content.decode()
    assert f'action="{reverse("backoffice:replay", args=[source.slug])}"' in page


def test_a_partner_s_file_holds_all_its_sources(
    moderator: Client, source: Source, refuse: Refuse
) -> None:
    other = SourceFactory(partner=source.partner, name="Annuaire")
    refuse(source, external_id="=1+1")
    refuse(other, [year("jadis")])
    refuse(SourceFactory())
    where = reverse("backoffice:partner_rejected_csv", args=[source.partner.slug])
    rows = csv_rows(moderator.get(where))
    assert [(r["source"], r["champ"]) for r in rows] == [
        ("Annuaire", "année de démarrage"),
        (source.name, "titre"),
    ]
    assert rows[1]["identifiant"] == "'=1+1"


def test_a_member_reads_its_own_refusals_and_cannot_replay(
    client: Client, source: Source, roles: SimpleNamespace, refuse: Refuse
) -> None:
    refuse(source)
    foreign = SourceFactory()
    refuse(foreign)
    client.force_login(roles.partner_member, "django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("backoffice:partner_rejected", args=[roles.partner.slug])))
    assert "La fiche n’a pas de titre." in page
    assert "Rejouer" not in page
    assert "Voir la règle" not in page
    assert client.post(reverse("backoffice:replay", args=[source.slug])).status_code == 403
    for name, argument in (
        ("partner_rejected", foreign.partner.slug),
        ("partner_rejected_csv", foreign.partner.slug),
        ("rejected", foreign.slug),
        ("run_rejected", RunFactory(source=foreign).pk),
    ):
        where = reverse(f"backoffice:{name}", args=[argument])
        assert client.get(where).status_code == 404


@pytest.mark.parametrize("name", ["rejected", "partner_rejected"])
def test_the_page_costs_the_same_for_5_and_15_rows(
    name: str, moderator: Client, source: Source, refuse: Refuse
) -> None:
    slug = source.slug if name == "rejected" else source.partner.slug
    where = reverse(f"backoffice:{name}", args=[slug])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(where).status_code == 200
        return len(captured)

    for _ in range(5):
        refuse(source)
    queries()
    few = queries()
    for _ in range(10):
        refuse(source)
    assert queries() == few <= 14


def test_replaying_is_asked_once_at_a_time(
    moderator: Client, source: Source, roles: SimpleNamespace
) -> None:
    where = reverse("backoffice:replay", args=[source.slug])
    first = moderator.post(where)
    run = Run.objects.get()
    assert first.url == reverse("backoffice:run", args=[run.pk])
    assert (run.trigger, run.requested_by) == (Trigger.REPLAY, roles.moderator)
    assert "déjà en cours" in text(moderator.post(where, follow=True))
    assert Run.objects.count() == 1


def test_a_mended_mapping_brings_refused_rows_in_by_replaying(
    moderator: Client, source: Source, refuse: Refuse
) -> None:
    refuse(source, raw=[{"titre": "", "intitulé": "Jardin partagé", "id": "7"}])
    source.mapping = [{"target": "title", "path": "intitulé"}]
    source.save()
    moderator.post(reverse("backoffice:replay", args=[source.slug]))
    harvest_run(Run.objects.get().pk)
    assert not RejectedRow.objects.exists()
    assert [str(r) for r in SourceRecord.objects.all()] == ["Jardin partagé"]


def test_what_an_incomplete_record_lacks_is_in_the_list(moderator: Client, source: Source) -> None:
    lacking = {"code": "a-completer", "message": "Sans lieu ni lien, la fiche n’est pas publiée."}
    SourceRecordFactory(source=source, state="a-completer", problems=[lacking])
    where = reverse("backoffice:records", args=[source.slug])
    assert lacking["message"] in text(moderator.get(where, {"etat": "a-completer"}))
