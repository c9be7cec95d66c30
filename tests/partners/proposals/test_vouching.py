"""Staff look for who answers; a partner alone publishes, and the wait is told to everyone."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from innovations.models import Citation, Innovation, Status
from innovations.publishing import set_status
from partners.harvest import harvest
from partners.health import health_of_one
from partners.models import Offer, OfferState, Partner, ProposalState, SourceRecord
from partners.proposals import delays, drafting, matching, offering
from partners.proposals.drafting import ProposalError
from partners.publishing import publish_pending, publish_records, republish
from partners.requesting import ByForm, request_harvest
from partners.tasks import mail_reminders
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    PartnerFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
)
from tests.partners.proposals.conftest import link, sent, text, vouched

pytestmark = pytest.mark.django_db


def test_from_the_queue_to_publication(
    client: Client, staff: Client, member: Client, world: SimpleNamespace,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    proposal = sent()
    assert "personne n’est consulté" in text(staff.get(reverse("backoffice:proposals")))
    page = reverse("backoffice:proposal_act", args=[proposal.pk])
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(page, {"action": "soumettre", "partner": world.partner.slug})
    assert mail.outbox[-1].to == [world.partner_member.email]
    assert "consultée le" in text(client.get(_followed(proposal)))

    where = reverse("backoffice:partner_offers", args=[world.partner.slug])
    assert "Un terrain commun." in text(member.get(where))
    offer = Offer.objects.get()
    vouch = reverse("backoffice:offer_vouch", args=[world.partner.slug, offer.pk])
    assert "sera publiée aussitôt" in text(member.get(vouch))
    assert not Innovation.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        member.post(vouch)

    innovation = Innovation.objects.get()
    assert innovation.status == Status.PUBLISHED
    public = text(client.get(innovation.get_absolute_url()))
    assert world.partner.name in public
    assert f"Projets proposés au Carrefour, dont {world.partner.name} répond" in public
    assert "Les Jardiniers" in public
    citation = Citation.objects.get()
    assert citation.partner_slug == world.partner.slug
    assert mail.outbox[-1].to == ["porteur@example.org"]
    assert world.partner.name in text(client.get(link()))
    assert "Aucun projet n’attend" in text(member.get(where))


def _followed(proposal: Any) -> str:
    return reverse("partners:proposal", args=[drafting.link_token(proposal)])


def test_nothing_but_a_partners_word_publishes_it(staff: Client, world: SimpleNamespace) -> None:
    proposal = sent()
    record = proposal.record
    assert record is not None
    publish_records([record])
    publish_pending(record.source)
    republish([0])
    assert not Innovation.objects.exists()
    assert record.source.partner.slug == "carrefour"
    assert not Partner.objects.active().filter(slug="carrefour").exists()


def test_staff_cannot_answer_in_a_partners_place(staff: Client, world: SimpleNamespace) -> None:
    (offer,) = offering.offer(sent(), [world.partner], None)
    arguments = [world.partner.slug, offer.pk]
    assert staff.post(reverse("backoffice:offer_vouch", args=arguments)).status_code == 403
    decline = reverse("backoffice:offer_decline", args=arguments)
    assert staff.post(decline, {"reason": "Non"}).status_code == 403
    where = reverse("backoffice:partner_offers", args=[world.partner.slug])
    page = text(staff.get(where))
    assert "Le potager des Trois-Ponts" in page
    assert "Nous répondons de ce projet" not in page


def test_a_partner_answers_for_what_was_shown_to_it_only(
    member: Client, world: SimpleNamespace
) -> None:
    other = PartnerFactory()
    (offer,) = offering.offer(sent(), [other], None)
    for slug in (other.slug, world.partner.slug):
        where = reverse("backoffice:offer_vouch", args=[slug, offer.pk])
        assert member.post(where).status_code == 404
    assert member.get(reverse("backoffice:proposals")).status_code == 403
    assert not Innovation.objects.exists()


def test_a_reason_to_decline_reaches_the_porteur(
    client: Client, member: Client, world: SimpleNamespace,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    proposal = sent()
    (offer,) = offering.offer(proposal, [world.partner], None)
    where = reverse("backoffice:offer_decline", args=[world.partner.slug, offer.pk])
    member.post(where, {"reason": " "})
    offer.refresh_from_db()
    assert offer.state == OfferState.WAITING
    with django_capture_on_commit_callbacks(execute=True):
        member.post(where, {"reason": "Hors de notre territoire."})
    assert "Hors de notre territoire." in mail.outbox[-1].body
    assert "Hors de notre territoire." in text(client.get(_followed(proposal)))
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WAITING


def test_the_first_to_answer_is_the_one(world: SimpleNamespace) -> None:
    first, second = offering.offer(sent(), [world.partner, PartnerFactory()], None)
    offering.vouch(first, None)
    with pytest.raises(ProposalError):
        offering.vouch(second, None)
    second.refresh_from_db()
    assert second.state == OfferState.CLOSED
    assert Innovation.objects.count() == 1


def test_what_is_set_aside_may_be_mended_and_sent_again(
    client: Client, staff: Client, world: SimpleNamespace
) -> None:
    proposal = sent()
    page = reverse("backoffice:proposal_act", args=[proposal.pk])
    staff.post(page, {"action": "ecarter", "reason": "Un numéro de téléphone y figure."})
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.REFUSED
    assert "Un numéro de téléphone y figure." in text(client.get(_followed(proposal)))
    drafting.keep(proposal, {"resume": "Sans numéro."})
    drafting.send(proposal)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer) == (ProposalState.WAITING, "")
    assert SourceRecord.objects.get().values["summary"] == "Sans numéro."


def test_corrections_of_a_published_project_wait_to_be_read(
    staff: Client, world: SimpleNamespace
) -> None:
    proposal = vouched(world.partner)
    drafting.keep(proposal, {"resume": "Un autre résumé."})
    drafting.send(proposal)
    innovation = Innovation.objects.get()
    assert innovation.summary == "Des voisins cultivent ensemble."
    page = text(staff.get(reverse("backoffice:proposal", args=[proposal.pk])))
    assert "Un autre résumé." in page

    act = reverse("backoffice:proposal_act", args=[proposal.pk])
    staff.post(act, {"action": "publier"})
    innovation.refresh_from_db()
    assert (innovation.summary, innovation.status) == ("Un autre résumé.", Status.PUBLISHED)


def test_corrections_written_after_they_were_read_are_read_again(
    staff: Client, world: SimpleNamespace
) -> None:
    proposal = vouched(world.partner)
    drafting.keep(proposal, {"resume": "Un autre résumé."})
    drafting.send(proposal)
    page = reverse("backoffice:proposal", args=[proposal.pk])
    act = reverse("backoffice:proposal_act", args=[proposal.pk])
    seen = re.search(r'name="vu" value="(\w+)"', text(staff.get(page)))
    assert seen
    drafting.keep(proposal, {"resume": "Achetez ici."})
    answer = staff.post(act, {"action": "publier", "vu": seen[1]}, follow=True)
    assert "Aucune correction n’attend" in text(answer)

    drafting.send(proposal)
    answer = staff.post(act, {"action": "publier", "vu": seen[1]}, follow=True)
    assert "Le porteur a changé son texte depuis" in text(answer)
    assert Innovation.objects.get().summary == "Des voisins cultivent ensemble."
    seen = re.search(r'name="vu" value="(\w+)"', text(answer))
    assert seen
    staff.post(act, {"action": "publier", "vu": seen[1]})
    assert Innovation.objects.get().summary == "Achetez ici."


def test_the_title_judged_is_the_one_sent_whatever_the_porteur_writes_since(
    staff: Client, member: Client, world: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    proposal = sent()
    drafting.keep(proposal, {"titre": "Achetez ici"})
    with django_capture_on_commit_callbacks(execute=True):
        (offer,) = offering.offer(proposal, [world.partner], None)
    assert "Achetez" not in mail.outbox[-1].body
    slug = world.partner.slug
    for user, page in (
        (staff, f"{reverse('backoffice:proposals')}?etat=en-attente"),
        (staff, reverse("backoffice:proposal", args=[proposal.pk])),
        (member, reverse("backoffice:partner_offers", args=[slug])),
        (member, reverse("backoffice:offer_vouch", args=[slug, offer.pk])),
    ):
        answer = text(user.get(page))
        assert str(proposal.record) in answer
        assert "Achetez" not in answer


def test_a_partner_answers_for_the_words_that_it_read(
    member: Client, world: SimpleNamespace
) -> None:
    proposal = sent()
    (offer,) = offering.offer(proposal, [world.partner], None)
    page = reverse("backoffice:offer_vouch", args=[world.partner.slug, offer.pk])
    confirmed = text(member.get(page))
    assert "Des voisins cultivent ensemble." in confirmed
    seen = re.search(r'name="vu" value="(\w+)"', confirmed)
    assert seen
    drafting.keep(proposal, {"resume": "Achetez ici."})
    drafting.send(proposal)
    answer = member.post(page, {"vu": seen[1]}, follow=True)
    assert "Le porteur a changé son texte depuis" in text(answer)
    assert not Innovation.objects.exists()


def test_a_project_that_waits_for_a_reading_is_not_said_to_be_published(
    member: Client, world: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    proposal = sent(resume="Appelez Jeanne au 06 39 98 41 27.")
    (offer,) = offering.offer(proposal, [world.partner], None)
    page = reverse("backoffice:offer_vouch", args=[world.partner.slug, offer.pk])
    with django_capture_on_commit_callbacks(execute=True):
        answer = member.post(page, follow=True)
    assert Innovation.objects.get().status == Status.IN_REVIEW
    assert "sera publié une fois relu par l’équipe" in text(answer)
    assert "est publié" not in mail.outbox[-1].body
    assert "publié" not in mail.outbox[-1].subject


def test_what_is_sent_again_while_old_ones_are_forgotten_stays(world: SimpleNamespace) -> None:
    proposal = offering.refuse(sent(), None, "Un numéro y figure.")
    drafting.send(proposal)
    assert not drafting._forget(proposal)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WAITING


def test_who_publishes_alike_is_proposed_first(world: SimpleNamespace, place: Any) -> None:
    theme = TermFactory(code="alimentation")
    near, far = (SourceFactory(partner=PartnerFactory(name=n)) for n in ("Proche", "Loin"))
    for source, where in ((near, place), (far, None), (far, None)):
        record = SourceRecordFactory(source=source)
        innovation = InnovationFactory(terms=[theme], territory=where)
        CitationFactory(innovation=innovation, record=record)
        set_status([innovation.pk], Status.PUBLISHED)
    record = sent().record
    assert record is not None
    fits = matching.fitting(record)
    assert [(f.partner.name, f.on_subject, f.on_place) for f in fits] == [
        ("Proche", 1, 1), ("Loin", 2, 0),
    ]  # fmt: skip


def test_a_project_that_is_there_already_is_pointed_out(
    staff: Client, world: SimpleNamespace
) -> None:
    InnovationFactory(published=True, title="Le potager des Trois-Ponts")
    page = text(staff.get(reverse("backoffice:proposal", args=[sent().pk])))
    assert "Déjà là peut-être" in page


def test_the_wait_is_told_to_everyone(client: Client, world: SimpleNamespace) -> None:
    with time_machine.travel("2026-03-01 12:00Z"):
        (first,) = offering.offer(sent(), [world.partner], None)
        (second,) = offering.offer(sent(titre="Second"), [world.partner], None)
        sent(titre="Troisième")
    for day, offer in ((11, first), (21, second)):
        with time_machine.travel(f"2026-03-{day} 13:00Z"):
            offering.vouch(offer, None)
    with time_machine.travel("2026-03-31 13:00Z"):
        found = delays.measured()
        page = text(client.get(reverse("partners:proposal_delays")))
    assert (found.waiting, found.oldest, found.published, found.usual) == (1, 30, 2, 15)
    assert "<strong>30 j</strong>" in page
    assert "<strong>15 j</strong>" in page


def test_before_any_publication_no_delay_is_invented(
    client: Client, world: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        assert delays.measured().usual is None
    assert "pas encore connu" in text(client.get(reverse("partners:propose")))


def test_whoever_makes_a_porteur_wait_is_reminded(world: SimpleNamespace) -> None:
    with time_machine.travel("2026-03-01 12:00Z"):
        sent(titre="Oublié")
        offering.offer(sent(titre="Soumis"), [world.partner], None)
    mail.outbox.clear()
    for day, expected in (("03-05", (0, 0)), ("03-09", (1, 0)), ("03-10", (0, 0)),
                          ("03-16", (0, 1)), ("03-17", (1, 0))):  # fmt: skip
        with time_machine.travel(f"2026-{day} 12:00Z"):
            assert mail_reminders() == expected
    assert "Oublié" in mail.outbox[0].body
    assert "Soumis" not in mail.outbox[0].body
    assert mail.outbox[1].to == [world.partner_member.email]
    assert "Rappel" in mail.outbox[1].body


def test_an_internal_source_cannot_be_harvested_nor_missed(
    staff: Client, world: SimpleNamespace
) -> None:
    source = vouched(world.partner).record.source  # type: ignore[union-attr]
    assert health_of_one(source).troubles == []
    assert "ne se moissonne pas" in harvest(source).problem
    assert health_of_one(source).troubles == []
    with pytest.raises(ByForm, match="formulaire public"):
        request_harvest(source)


def test_the_lists_cost_as_much_whatever_their_length(
    staff: Client, member: Client, world: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    where = reverse("backoffice:partner_offers", args=[world.partner.slug])
    for total in (5, 10):
        for number in range(5):
            offering.offer(sent(titre=f"Projet {total} {number}"), [world.partner], None)
            sent(titre=f"Seul {total} {number}")
            drafting.Proposal.objects.update(email_confirmed_at="2026-01-01T00:00Z")
        with django_assert_max_num_queries(12):
            staff.get(reverse("backoffice:proposals"))
        with django_assert_max_num_queries(12):
            page = member.get(where)
        assert text(page).count("bo-suggestion") == total
