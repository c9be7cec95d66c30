"""Harvests from the back-office: asked for, watched, stopped, read."""

import csv
import datetime
import io
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from innovations.models import Status
from partners.models import RejectedRow, Run, RunState, Source, VocabularyEntry
from partners.models.run import no_counts
from tests.factories import InnovationFactory, RunFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_one_harvest_at_a_time(moderator: Client, source: Source, roles: SimpleNamespace) -> None:
    where = reverse("backoffice:run_start", args=[source.slug])
    first = moderator.post(where)
    run = Run.objects.get()
    assert first.url == reverse("backoffice:run", args=[run.pk])
    assert run.requested_by == roles.moderator
    page = text(moderator.post(where, follow=True))
    assert "déjà en cours" in page
    assert Run.objects.count() == 1


def test_a_source_without_rules_is_mapped_first(moderator: Client) -> None:
    source = SourceFactory(mapping=[])
    response = moderator.post(reverse("backoffice:run_start", args=[source.slug]))
    assert response.url == reverse("backoffice:source_mapping", args=[source.slug])
    assert not Run.objects.exists()


def test_the_fragment_asks_for_itself_while_the_run_lasts(
    moderator: Client, source: Source
) -> None:
    run = RunFactory(source=source, state=RunState.RUNNING, expected=1000)
    Run.objects.filter(pk=run.pk).update(counts=run.counts | {"seen": 250})
    response = moderator.get(reverse("backoffice:run_progress", args=[run.pk]))
    assert 'hx-trigger="every 1s"' in text(response)
    assert 'value="25"' in text(response)
    assert "HX-Refresh" not in response
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE)
    response = moderator.get(reverse("backoffice:run_progress", args=[run.pk]))
    assert "hx-trigger" not in text(response)
    assert response["HX-Refresh"] == "true"


def test_stopping_is_asked_once_and_only_of_a_run_under_way(
    moderator: Client, source: Source
) -> None:
    run = RunFactory(source=source, state=RunState.RUNNING)
    where = reverse("backoffice:run_cancel", args=[run.pk])
    moderator.post(where)
    assert Run.objects.get().cancel_requested
    done = RunFactory(state=RunState.DONE)
    moderator.post(reverse("backoffice:run_cancel", args=[done.pk]))
    assert not Run.objects.get(pk=done.pk).cancel_requested


def test_a_finished_run_tells_all(moderator: Client, source: Source) -> None:
    run = RunFactory(
        source=source,
        state=RunState.FAILED,
        message="Le site ne répond pas.",
        warnings=["Trois lieux incertains."],
        requests=[{"url": source.url, "status": 503, "bytes": 12, "ms": 1234}],
    )
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    for told in ("Le site ne répond pas.", "Trois lieux incertains.", "503", "Échoué"):
        assert told in page
    assert "htmx" not in page


def test_what_a_partner_wrote_is_never_run_as_html(moderator: Client, source: Source) -> None:
    attack = "<script>alert(1)</script>"
    run = RunFactory(source=source, state=RunState.FAILED, message=attack, warnings=[attack])
    record = SourceRecordFactory(
        source=source,
        values={"title": attack, "description": f"<p>{attack}</p>"},
        raw=[{attack: attack}],
    )
    RejectedRow.objects.create(
        source=source, run=run, fingerprint="x", position=attack, raw=[{"a": attack}],
        errors=[{"message": attack}],
    )  # fmt: skip
    for where in (
        reverse("backoffice:run", args=[run.pk]),
        reverse("backoffice:record", args=[record.pk]),
        reverse("backoffice:records", args=[source.slug]),
        reverse("backoffice:rejected", args=[source.slug]),
        reverse("backoffice:home"),
    ):
        assert attack not in text(moderator.get(where)), where


def test_the_refused_rows_leave_as_a_spreadsheet_that_runs_nothing(
    moderator: Client, source: Source
) -> None:
    RejectedRow.objects.create(
        source=source,
        fingerprint="x",
        position="ligne 3",
        external_id="=cmd|' /C calc'!A0",
        raw=[{"titre": "Été"}],
        errors=[
            {"field": "title", "code": "a", "message": "La fiche n’a pas de titre."},
            {"field": "place", "code": "b", "message": "Lieu inconnu."},
        ],
    )
    response = moderator.get(reverse("backoffice:rejected_csv", args=[source.slug]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert [row["motif"] for row in rows] == ["La fiche n’a pas de titre.", "Lieu inconnu."]
    assert rows[0]["identifiant"].startswith("'=")
    assert "Été" in rows[0]["ligne brute"]


def test_records_are_filtered(moderator: Client, source: Source) -> None:
    SourceRecordFactory(source=source, values={"title": "Jardin"}, state="a-completer")
    SourceRecordFactory(source=source, values={"title": "Atelier"}, problems=[{"message": "x"}])
    where = reverse("backoffice:records", args=[source.slug])

    def titles(**query: str) -> list[str]:
        page = moderator.get(where, query).context["page_obj"]
        return sorted(str(record) for record in page)

    assert titles() == ["Atelier", "Jardin"]
    assert titles(q="jard") == ["Jardin"]
    assert titles(etat="a-completer") == ["Jardin"]
    assert titles(remarques="on") == ["Atelier"]
    assert titles(etat="n’importe quoi") == ["Atelier", "Jardin"]


def test_the_history_tells_what_changed(moderator: Client, source: Source) -> None:
    record = SourceRecordFactory(source=source, values={"title": "Avant", "year": 2012})
    record.values = {"title": "Après", "year": 2012}
    record.state = "a-completer"
    record.save()
    steps = moderator.get(reverse("backoffice:record", args=[record.pk])).context["history"]
    assert [step.is_creation for step in steps] == [False, True]
    told = {(c.label, c.before, c.after) for c in steps[0].changes}
    assert ("état", "Complète", "À compléter") in told
    assert ("valeurs après correspondance : title", "Avant", "Après") in told


def test_the_figures_of_a_harvest_add_up(moderator: Client, source: Source) -> None:
    counts = no_counts() | {"seen": 303, "created": 140, "unchanged": 8, "rejected": 2}
    run = RunFactory(source=source, state=RunState.DONE, counts=counts)
    assert run.grouped == 153
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "lignes regroupées</dt><dd>153<" in page


def under_way(source: Source, **fields: object) -> Run:
    """A run begun a hundred seconds ago that read 2 500 rows of 10 000."""
    given = {
        "state": RunState.RUNNING,
        "started_at": timezone.now() - datetime.timedelta(seconds=100),
        "expected": 10_000,
        "counts": no_counts() | {"seen": 2_500, "created": 2_500},
    }
    return RunFactory(source=source, **(given | fields))


def event(number: int, level: str = "info") -> dict[str, str]:
    return {
        "at": f"2026-03-03T10:00:{number:02d}+01:00",
        "level": level,
        "text": f"Étape {number}.",
    }


def test_a_run_under_way_tells_how_far_how_fast_and_how_long(
    moderator: Client, source: Source
) -> None:
    run = under_way(source, attempt=2)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert 'max="100" value="25"' in page
    assert "25 lignes par seconde" in page
    assert "encore 5 min environ" in page
    assert "Essai n° 2" in page
    assert "Arrêter" in page
    assert "Actualiser" in page


def test_an_unknown_total_is_a_bar_without_a_value(moderator: Client, source: Source) -> None:
    run = under_way(source, expected=None)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    bar = re.search(r"<progress[^>]*>", page)
    assert bar
    assert "value" not in bar[0]
    assert re.search(r"2.500 lignes lues", page)


def test_the_journal_shows_its_last_lines_first_then_whole_in_order(
    moderator: Client, source: Source
) -> None:
    run = under_way(source, events=[event(n) for n in range(20)] + [event(20, "attention")])
    where = reverse("backoffice:run_progress", args=[run.pk])
    told = re.findall(r"Étape (\d+)", text(moderator.get(where)))
    assert told == [str(n) for n in range(20, 8, -1)]
    assert "<strong>Attention :</strong> Étape 20." in text(moderator.get(where))
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert re.findall(r"Étape (\d+)", page) == [str(n) for n in range(21)]
    assert "10:00:07" in page


def test_progress_is_said_aloud_each_tenth_only(moderator: Client, source: Source) -> None:
    run = under_way(source)
    where = reverse("backoffice:run_progress", args=[run.pk])
    said = "Moissonnage en cours : 20 % des lignes lues"
    assert f'role="status">{said}<' in text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "hx-swap-oob" not in text(moderator.get(where, {"dit": said}))
    Run.objects.filter(pk=run.pk).update(counts=no_counts() | {"seen": 3_100})
    page = text(moderator.get(where, {"dit": said}))
    assert 'hx-swap-oob="innerHTML">Moissonnage en cours : 30 % des lignes lues<' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expected": None}, "Moissonnage en cours : plus de 1000 lignes lues"),
        ({"expected": None, "counts": no_counts()}, "Moissonnage en cours"),
        ({"started_at": None, "state": RunState.QUEUED}, "Moissonnage en attente"),
        ({"cancel_requested": True}, "Arrêt demandé"),
        ({"state": RunState.FAILED}, "Échoué"),
    ],
)
def test_an_unknown_total_is_said_by_its_size(
    fields: dict[str, object], said: str, moderator: Client, source: Source
) -> None:
    run = under_way(source, **fields)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert f'role="status">{said}<' in page


def test_the_end_says_what_to_do_next(
    moderator: Client, source: Source, refuse: Callable[..., RejectedRow]
) -> None:
    run = RunFactory(source=source, state=RunState.DONE_WITH_ERRORS)
    where = reverse("backoffice:run", args=[run.pk])
    refuse(source, run=run)
    VocabularyEntry.objects.create(source=source, vocabulary="theme", value="Mot", key="mot")
    source.held_back = {"missing": 40, "total": 100}
    source.save()
    page = text(moderator.get(where))
    for step, place in (
        ("1 ligne refusée", reverse("backoffice:run_rejected", args=[run.pk])),
        ("1 mot à rattacher", f"{reverse('backoffice:vocabulary')}?source={source.slug}"),
        ("40 fiches manquent à la source", reverse("backoffice:held_back", args=[source.slug])),
    ):
        assert step in page
        assert f'href="{place}"' in page


def test_records_that_wait_to_be_read_are_told_and_reached(
    moderator: Client, source: Source
) -> None:
    run = RunFactory(source=source, state=RunState.DONE)
    waiting = InnovationFactory(status=Status.IN_REVIEW)
    elsewhere = InnovationFactory(status=Status.IN_REVIEW)
    SourceRecordFactory(source=source, innovation=waiting)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "1 fiche attend une relecture" in page
    assert "il ne reste rien à faire" not in page
    where = f"{reverse('backoffice:review')}?source={source.slug}"
    assert f'href="{where}"' in page
    assert list(moderator.get(where).context["page_obj"]) == [waiting]
    everything = moderator.get(reverse("backoffice:review")).context["page_obj"]
    assert set(everything) == {waiting, elsewhere}


def test_when_all_is_in_order_it_is_said(moderator: Client, source: Source) -> None:
    run = RunFactory(source=source, state=RunState.DONE)
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "il ne reste rien à faire" in page


def test_a_stopped_run_says_that_it_will_go_on(moderator: Client, source: Source) -> None:
    run = RunFactory(source=source, state=RunState.CANCELLED, cursor={"resume": {"page": 3}})
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "le moissonnage reprendra où il en était" in page


def test_runs_are_filtered(moderator: Client, source: Source) -> None:
    old = RunFactory(source=source, state=RunState.FAILED)
    Run.objects.filter(pk=old.pk).update(created_at=timezone.now() - datetime.timedelta(days=20))
    fresh = RunFactory(state=RunState.DONE)

    def listed(**query: str) -> set[Run]:
        return set(moderator.get(reverse("backoffice:runs"), query).context["page_obj"])

    assert listed() == {old, fresh}
    assert listed(etat="echouee") == {old}
    assert listed(partenaire=source.partner.slug) == {old}
    assert listed(source=fresh.source.slug) == {fresh}
    assert listed(periode="semaine") == {fresh}
    assert listed(periode="mois", etat="echouee") == {old}
    assert listed(etat="inconnu", periode="siècle", source="x") == {old, fresh}


def test_a_member_is_offered_its_own_sources_only(
    client: Client, roles: SimpleNamespace, source: Source
) -> None:
    foreign = SourceFactory()
    client.force_login(roles.partner_member, "django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("backoffice:runs")))
    assert source.name in page
    assert foreign.slug not in page
