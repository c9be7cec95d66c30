"""Health of the sources: what needs someone, what a drawing tells, the withdrawals to decide."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carrefour.sparklines import sparkline
from partners.health import Cause, health_of, health_of_one
from partners.models import RecordState, Run, RunState, Source, SourceRecord, VocabularyEntry
from partners.models.run import no_counts
from tests.factories import RunFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
HEALTH = "backoffice:health"


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def ran(source: Source, days_ago: float = 0, **fields: Any) -> Run:
    """A run of the source that ended some days ago."""
    at = timezone.now() - datetime.timedelta(days=days_ago)
    fields = {"state": RunState.DONE, "present": 100} | fields
    run = RunFactory(source=source, finished_at=at, **fields)
    Run.objects.filter(pk=run.pk).update(created_at=at)
    return run


def causes(source: Source) -> list[str]:
    return [t.cause.value for t in health_of_one(source).troubles]


def told(source: Source, cause: Cause) -> str:
    return next(t.text for t in health_of_one(source).troubles if t.cause == cause)


@pytest.fixture
def fine() -> Source:
    """A weekly source harvested every day for ten days."""
    source = SourceFactory()
    for day in range(10, 0, -1):
        ran(source, day)
    return source


def test_a_source_that_does_well_needs_no_one(fine: Source) -> None:
    health = health_of_one(fine)
    assert health.troubles == []
    assert (health.failure_rate, health.success_at is not None) == (0, True)


def test_a_failure_is_told_with_its_reason_and_next_try(fine: Source) -> None:
    ran(fine, state=RunState.FAILED, message="Le site ne répond pas.")
    Source.objects.filter(pk=fine.pk).update(failures=3, next_run_at=timezone.now())
    assert causes(fine) == ["echec"]
    assert told(fine, Cause.FAILED) == "3 échecs de suite : Le site ne répond pas."
    health = health_of_one(fine)
    assert health.retry_at
    assert health.failure_rate == 9
    assert health.line
    assert len(health.line.holes) == 1


def test_a_stopped_or_waiting_run_says_nothing_of_the_source(fine: Source) -> None:
    ran(fine, state=RunState.CANCELLED)
    RunFactory(source=fine, state=RunState.RUNNING)
    assert causes(fine) == []


@pytest.mark.parametrize(
    ("frequency", "days_ago", "late"),
    [
        ("quotidienne", 1.4, False),
        ("quotidienne", 1.6, True),
        ("hebdomadaire", 10, False),
        ("hebdomadaire", 11, True),
        ("manuelle", 400, False),
    ],
)
def test_late_is_half_a_period_after_its_time(frequency: str, days_ago: float, late: bool) -> None:
    source = SourceFactory(frequency=frequency)
    ran(source, days_ago)
    assert causes(source) == (["retard"] if late else [])


def test_an_inactive_source_is_never_late() -> None:
    source = SourceFactory(is_active=False)
    ran(source, 90)
    assert causes(source) == []


def test_a_source_never_harvested_is_told_apart_from_a_late_one() -> None:
    assert causes(SourceFactory()) == ["jamais"]


def test_a_replay_is_no_reception(fine: Source) -> None:
    Run.objects.filter(source=fine).delete()
    ran(fine, 30)
    ran(fine, 0, trigger="rejeu")
    assert causes(fine) == ["retard"]


def test_a_volume_out_of_what_is_expected_is_told(fine: Source) -> None:
    Source.objects.filter(pk=fine.pk).update(expected_at_least=120)
    assert told(fine, Cause.CONTRACT) == "100 fiches, alors qu’on en attend au moins 120."
    Source.objects.filter(pk=fine.pk).update(expected_at_least=None, expected_at_most=80)
    assert told(fine, Cause.CONTRACT) == "100 fiches, alors qu’on en attend au plus 80."


def test_a_volume_that_jumps_is_told_a_small_one_is_not(fine: Source) -> None:
    ran(fine, present=210)
    assert told(fine, Cause.CONTRACT) == "Le nombre de fiches est passé de 100 à 210."
    small = SourceFactory()
    ran(small, 2, present=2)
    ran(small, 1, present=9)
    assert causes(small) == []


def test_a_field_that_empties_is_told_until_the_sample_is_taken_again(fine: Source) -> None:
    Source.objects.filter(pk=fine.pk).update(sample={"fills": {"place": 0.9, "website": 0.3}})
    for _ in range(2):
        ran(fine, fills={"place": 0.4, "website": 0.0})
    assert told(fine, Cause.CONTRACT) == (
        "Le champ « lieux » n’est plus rempli que dans 40 % des fiches, contre 90 % auparavant."
    )
    Source.objects.filter(pk=fine.pk).update(sample={"fills": {"place": 0.4}})
    assert causes(fine) == []


def test_refused_rows_and_many_words_are_told(fine: Source, refuse: Callable[..., Any]) -> None:
    refuse(fine)
    entries = [
        VocabularyEntry(source=fine, vocabulary="theme", value=f"Mot {n}", key=f"mot {n}")
        for n in range(19)
    ]
    VocabularyEntry.objects.bulk_create(entries)
    assert causes(fine) == ["refus"]
    VocabularyEntry.objects.create(source=fine, vocabulary="theme", value="Mot", key="mot")
    assert causes(fine) == ["refus", "mots"]


def test_what_needs_someone_most_comes_first(fine: Source) -> None:
    never, failing, held = SourceFactory(), SourceFactory(), SourceFactory()
    ran(failing, state=RunState.FAILED, message="Erreur 500.")
    ran(held, 1)
    Source.objects.filter(pk=held.pk).update(held_back={"run": 1, "missing": 60, "total": 100})
    order = [h.source.pk for h in health_of(Source.objects.all())]
    assert order == [failing.pk, held.pk, never.pk, fine.pk]


def test_the_volume_of_a_run_without_a_count_is_what_it_read() -> None:
    source = SourceFactory()
    counts = no_counts() | {"seen": 13, "created": 7, "unchanged": 5, "rejected": 1}
    ran(source, present=None, counts=counts)
    health = health_of_one(source)
    assert health.points[0].volume == 12
    assert health.refusal_rate == 7.7


def test_a_drawing_says_what_it_shows() -> None:
    assert sparkline([3], "fiche") is None
    flat = sparkline([5, 5, 5], "fiche")
    assert flat
    assert flat.text == "5 fiches, sans changement sur 3 relevés"
    line = sparkline([100, None, 1200, 50], "fiche")
    assert line
    assert line.text == "De 100 à 50 fiches en 3 relevés (au moins 50, au plus 1\u202f200)"
    assert (line.points.split()[1], line.last) == ("79,3", (117, 25))
    assert line.holes == [41.0]


@pytest.mark.parametrize("name", ["health", "home"])
def test_the_page_costs_the_same_for_5_and_15_sources(
    name: str, moderator: Client, fill: Callable[[int], None], source: Source
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(reverse(f"backoffice:{name}")).status_code == 200
        return len(captured)

    fill(5)
    queries()
    few = queries()
    fill(10)
    assert queries() == few <= 18


def test_the_page_says_what_is_to_do_and_filters_by_it(moderator: Client, fine: Source) -> None:
    failing = SourceFactory()
    ran(failing, state=RunState.FAILED, message="Le site ne répond pas.")
    where = reverse(HEALTH)
    page = text(moderator.get(where))
    assert "Le site ne répond pas." in page
    assert "100 fiches, sans changement sur 10 relevés" in page
    page = moderator.get(where, {"besoin": "echec"})
    assert [h.source for h in page.context["page_obj"]] == [failing]
    page = moderator.get(where, {"besoin": "a-regarder", "partenaire": fine.partner.slug})
    assert list(page.context["page_obj"]) == []
    assert "Aucune source ne répond à ces choix." in text(page)
    page = moderator.get(where, {"besoin": "n’importe quoi"})
    assert len(page.context["page_obj"]) == 2


def test_a_member_sees_the_health_of_its_own_sources_only(
    client: Client, roles: SimpleNamespace, fine: Source
) -> None:
    own = SourceFactory(partner=roles.partner)
    client.force_login(roles.partner_member, "django.contrib.auth.backends.ModelBackend")
    response = client.get(reverse(HEALTH))
    assert [h.source for h in response.context["page_obj"]] == [own]
    assert fine.partner.name not in text(response)
    assert "Programmes de moissonnage" not in text(response)
    assert client.get(reverse("backoffice:health_programs")).status_code == 403


def test_the_state_of_the_programs_is_told_even_when_none_answers(moderator: Client) -> None:
    page = text(moderator.get(reverse("backoffice:health_programs")))
    assert "Aucun programme ne répond" in page
    page = text(moderator.get(reverse(HEALTH), {"programmes": "1"}))
    assert "Aucun programme ne répond" in page


@pytest.fixture
def lost(source: Source) -> Source:
    """Three of five records are missing from the last reading, more than is allowed."""
    began = timezone.now()
    run = RunFactory(source=source, state=RunState.DONE, started_at=began, reading_since=began)
    for n in range(5):
        seen = began + datetime.timedelta(minutes=1 if n < 2 else -60)
        SourceRecordFactory(source=source, values={"title": f"Atelier {n}"}, seen_at=seen)
    at = began.isoformat()
    source.held_back = {"run": run.pk, "missing": 3, "total": 5, "at": at, "since": at}
    source.save()
    return source


def decide(client: Client, source: Source, **data: str) -> Any:
    where = reverse("backoffice:held_back_decide", args=[source.slug])
    return client.post(where, data, follow=True)


def test_the_missing_records_are_listed(moderator: Client, lost: Source) -> None:
    response = moderator.get(reverse("backoffice:held_back", args=[lost.slug]))
    assert [str(r) for r in response.context["page_obj"]] == ["Atelier 2", "Atelier 3", "Atelier 4"]
    assert "3 fiches sur 5" in text(response)
    assert "Retraits à décider" in text(
        moderator.get(reverse("backoffice:source", args=[lost.slug]))
    )


def test_withdrawing_is_confirmed_then_done(moderator: Client, lost: Source) -> None:
    assert "Retirer 3 fiches ?" in text(decide(moderator, lost, action="retirer"))
    assert SourceRecord.objects.present().count() == 5
    assert "3 fiches retirées." in text(decide(moderator, lost, action="retirer", confirme="oui"))
    gone = SourceRecord.objects.filter(state=RecordState.WITHDRAWN)
    assert sorted(map(str, gone)) == ["Atelier 2", "Atelier 3", "Atelier 4"]
    lost.refresh_from_db()
    assert lost.held_back == {}


def test_the_health_page_tells_what_is_left_once_withdrawals_are_decided(
    moderator: Client, lost: Source
) -> None:
    Source.objects.filter(pk=lost.pk).update(frequency="manuelle", expected_at_most=4)
    ran(lost, 1, present=5)
    Run.objects.filter(pk=lost.held_back["run"]).update(present=5)
    decide(moderator, lost, action="retirer", confirme="oui")
    health = health_of_one(lost)
    assert (health.records, health.points[0].volume) == (2, 2)
    assert health.line
    assert health.line.text.startswith("De 5 à 2 fiches en 2 relevés")
    assert health.troubles == []
    run = Run.objects.get(pk=health.points[0].pk)
    assert run.counts["withdrawn"] == 3
    assert run.events[-1]["text"] == "3 fiches retirées sur décision de l’équipe."


def test_a_withdrawal_that_staff_decided_is_no_jump(fine: Source) -> None:
    ran(fine, present=30, counts=no_counts() | {"withdrawn": 70, "decided": 70})
    assert causes(fine) == []
    ran(fine, present=30)
    assert causes(fine) == []


@pytest.fixture
def draft(source: Source) -> Source:
    return SourceFactory(partner=source.partner, is_active=False, name="Site à brancher")


def test_a_draft_is_shown_apart_and_is_not_counted_healthy(
    moderator: Client, fine: Source, source: Source, draft: Source
) -> None:
    response = moderator.get(reverse(HEALTH))
    assert {h.source for h in response.context["page_obj"]} == {fine, source}
    totals = {label: count for label, count, _ in response.context["totals"]}
    assert (totals["sources"], totals["sans rien à faire"]) == (2, 1)
    page = text(response)
    assert "1 brouillon à terminer" in page
    assert reverse("backoffice:onboarding_resume", args=[draft.slug]) in page
    home = moderator.get(reverse("backoffice:home"))
    assert "brouillon à terminer" in [t.label for t in home.context["tasks"]]
    partners = moderator.get(reverse("backoffice:partners")).context["page_obj"]
    assert {p.pk: p.sources_count for p in partners}[source.partner.pk] == 1


def test_a_source_paused_after_harvests_is_no_draft(moderator: Client) -> None:
    paused = SourceFactory(is_active=False)
    ran(paused, 3)
    response = moderator.get(reverse(HEALTH))
    assert [h.source for h in response.context["page_obj"]] == [paused]
    assert "brouillon" not in text(response)


def test_keeping_leaves_the_records(moderator: Client, lost: Source) -> None:
    decide(moderator, lost, action="garder", confirme="oui")
    assert SourceRecord.objects.present().count() == 5
    lost.refresh_from_db()
    assert lost.held_back == {}
    page = text(decide(moderator, lost, action="retirer", confirme="oui"))
    assert "Plus aucun retrait n’attend de décision" in page
    assert SourceRecord.objects.present().count() == 5
