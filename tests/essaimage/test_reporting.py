"""Three facts: what holds together is kept, what does not is refused in French."""

import datetime
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from essaimage import links, moderating, moving, reporting
from essaimage.keeping import ChangedMeanwhile, mark
from essaimage.models import (
    Effect,
    Facts,
    FollowUp,
    Publication,
    Purpose,
    Replication,
    Strength,
    StrengthReason,
)
from essaimage.models.fact import MAKES_MEDIUM, MAKES_STRONG
from essaimage.moderating import CannotDecide, Choice
from essaimage.reporting import CannotReport, Said
from innovations.models import Innovation
from tests.factories import (
    FactsFactory,
    InnovationFactory,
    PartyFactory,
    ReplicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def begun(date: str = "2020", **fields: Any) -> Replication:
    return ReplicationFactory(state="en-cours", journal={"en-cours": date}, **fields)


def told(replication: Replication, **said: Any) -> Facts:
    return reporting.by_staff(
        replication.innovation, replication, Said(**{"effect": "attendu"} | said), UserFactory()
    )


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"effect": ""}, "effect", "Dites au moins une chose"),
        ({"strength": "moyenne"}, "reasons", "sur quoi repose"),
        ({"reasons": ["suivi"]}, "strength", "la solidité que cela donne"),
        (
            {"strength": "forte", "reasons": ["temoignages", "suivi"]},
            "reasons",
            "Une solidité forte",
        ),
        ({"strength": "moyenne", "reasons": ["temoignages"]}, "reasons", "Une solidité moyenne"),
        (
            {"effect": "trop-tot", "strength": "faible", "reasons": ["temoignages"]},
            "strength",
            "S’il est trop tôt",
        ),
        (
            {"effect": "", "cost": "10k-50k", "strength": "faible", "reasons": ["temoignages"]},
            "effect",
            "Dites l’effet",
        ),
        ({"effect": "merveilleux"}, "effect", "merveilleux"),
        ({"months": -1}, "months", "supérieure ou égale à 0"),
    ],
)
def test_what_does_not_hold_together_is_refused_where_it_is_said(
    said: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(CannotReport, match=words) as refused:
        told(begun(), **said)
    assert refused.value.field == field
    assert not Facts.objects.exists()


@pytest.mark.parametrize("reason", MAKES_STRONG)
def test_one_strong_reason_is_enough_for_a_strong_evidence(reason: StrengthReason) -> None:
    facts = told(begun(), strength="forte", reasons=["temoignages", reason])
    assert facts.get_strength_display() == "Forte"
    assert facts.publication == Publication.PUBLISHED
    assert facts.teller == "Équipe du Carrefour"


REASONS = [list(some) for n in range(3) for some in combinations(StrengthReason.values, n)]


@given(
    effect=st.sampled_from(["", *Effect.values]),
    strength=st.sampled_from(["", *Strength.values]),
    reasons=st.sampled_from(REASONS),
)
def test_the_database_and_the_model_agree_on_what_holds_together(
    effect: str, strength: str, reasons: list[str]
) -> None:
    """What the model accepts, the database does; what the database refuses, the model does."""
    innovation = Innovation.objects.filter(slug="a-dire").first() or InnovationFactory(
        published=True, slug="a-dire"
    )
    facts = Facts(
        innovation=innovation, effect=effect, strength=strength, reasons=reasons, cost="10k-50k"
    )
    try:
        facts.clean()
    except Exception:
        accepted = False
    else:
        accepted = True
    try:
        with transaction.atomic():
            facts.save()
    except IntegrityError:
        assert not accepted
    if accepted and strength == "forte":
        assert set(reasons) & set(MAKES_STRONG)
    if accepted and strength == "moyenne":
        assert set(reasons) & set(MAKES_MEDIUM)


def test_nothing_is_told_of_what_has_not_begun() -> None:
    with pytest.raises(CannotReport, match="n’a pas commencé"):
        told(ReplicationFactory(state="en-preparation", journal=True))
    stopped = ReplicationFactory(
        state="abandonnee", journal={"en-cours": "2019", "abandonnee": "2021"}
    )
    assert told(stopped, effect="", learnt="Il fallait un local.").is_of_stop


def test_a_month_that_is_not_come_is_refused() -> None:
    year = datetime.date.today().year
    with pytest.raises(CannotReport, match="n’a pas encore 36 mois") as refused:
        told(begun(str(year)), months=36)
    assert refused.value.field == "months"
    assert told(begun(str(year - 4)), months=36).months == 36


def test_the_facts_of_the_origin_need_no_replication() -> None:
    innovation = InnovationFactory(published=True)
    facts = reporting.by_staff(innovation, None, Said(cost="10k-50k"), UserFactory())
    assert facts.replication is None
    assert list(Facts.objects.of_public().of(innovation)) == [facts]


def test_who_wrote_is_in_the_history() -> None:
    author = UserFactory()
    facts = reporting.by_staff(
        InnovationFactory(published=True), None, Said(effect="attendu"), author
    )
    [event] = facts.events.all()
    assert event.pgh_context.metadata["user"] == author.pk


def test_two_who_correct_at_once_do_not_overwrite_each_other() -> None:
    facts, author = told(begun()), UserFactory()
    seen = mark(facts)
    reporting.correct(facts, Said(effect="partiel"), seen, author)
    with pytest.raises(ChangedMeanwhile, match="entre-temps"):
        reporting.correct(facts, Said(effect="aucun"), seen, author)
    facts.refresh_from_db()
    assert facts.effect == "partiel"


def test_the_word_of_a_side_is_not_rewritten() -> None:
    facts = FactsFactory(told_by="repreneur", publication="a-relire")
    with pytest.raises(CannotReport, match="ne se réécrit pas"):
        reporting.correct(facts, Said(effect="aucun"), mark(facts), UserFactory())


def test_setting_aside_says_why_and_publishing_shows() -> None:
    facts, author = FactsFactory(told_by="repreneur", publication="a-relire"), UserFactory()
    aside, shown = Publication.SET_ASIDE, Publication.PUBLISHED

    def decide(to: Publication, motive: str = "", text: str = "") -> Facts:
        seen = mark(Facts.objects.get())
        moderating.decide(facts, Choice(to, motive, text), seen=seen, author=author)
        return Facts.objects.get()

    with pytest.raises(CannotDecide, match="de forme, jamais de mérite"):
        decide(aside, text="Pas convaincant.")
    said = decide(aside, "donnees-personnelles", "Nomme une personne.").publication_reason
    assert said == "Contient des données personnelles : Nomme une personne."
    assert not Facts.objects.of_public().exists()
    decide(shown)
    assert list(Facts.objects.of_public()) == [facts]


def test_the_public_reads_no_facts_of_what_it_does_not_read(roles: SimpleNamespace) -> None:
    FactsFactory(replication=begun(publication="a-relire"))
    FactsFactory(innovation=InnovationFactory())
    FactsFactory(publication="a-relire")
    merged = InnovationFactory(merged_into=InnovationFactory(published=True))
    of_merged = FactsFactory(innovation=merged)
    assert list(Facts.objects.of_public()) == [of_merged]


def test_a_side_tells_nothing_of_a_beginning_annulled_since_it_was_asked() -> None:
    party = PartyFactory(replication=begun(), confirms=True)
    asked = FollowUp.objects.create(
        party=party, months=12, due_on="2021-12-31", asked_at=timezone.now()
    )
    token = links.make(Purpose.EVIDENCE, asked.pk)
    last = party.replication.steps.order_by("pk").last()
    moving.annul(last, moving.Author("Équipe"), reason="Inscrite par erreur.")
    with pytest.raises(CannotReport, match="n’a pas commencé"):
        reporting.answer(token, Said(effect="attendu"))
    assert links.read(token, Purpose.EVIDENCE) == asked.pk
    assert not Facts.objects.exists()
