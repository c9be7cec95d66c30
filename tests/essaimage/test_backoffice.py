"""Staff's pages: the list, one replication, writing it, its life, its sides and public actors."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from essaimage.models import Party, PublicActor, Replication
from tests.backoffice.conftest import BACKEND
from tests.factories import (
    InnovationFactory,
    ObstacleFactory,
    OrganisationFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"gestion_essaimage:{name}", args=args)


def text(answer: Any) -> str:
    return answer.content.decode()


def codes(answer: Any) -> list[str]:
    return [row.code for row in answer.context["page"].rows]


def opened(client: Client, row: Replication, **typed: Any) -> dict[str, Any]:
    """What the editing form sends when these fields are typed over what it shows."""
    form = client.get(at("replication_edit", row.code)).context["form"]
    sent = {bound.html_name: bound.value() for bound in form}
    for reference in form.references.forms:
        sent |= {bound.html_name: bound.value() for bound in reference}
    sent |= dict(form.marks) | {"note": "Vu sur place."} | typed
    return {name: value for name, value in sent.items() if value is not None}


def fill(number: int) -> None:
    for rank in range(number):
        row = ReplicationFactory(state="en-cours", journal={"en-cours": "2019"})
        PartyFactory(replication=row, contests=True)
        PartyFactory(replication=row, porteur=True)
        PublicActorFactory(replication=row, organisation=OrganisationFactory())
        ObstacleFactory(replication=row)
        row.partners.add(OrganisationFactory())
        ReplicationFactory(innovation=row.innovation, parent=row, waiting=bool(rank % 2))


def test_the_list_costs_the_same_whatever_its_length(
    officer: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (2, 8):
        fill(number)
        with django_assert_max_num_queries(8) as seen:
            assert officer.get(at("replications")).status_code == 200
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_one_replication_costs_the_same_whatever_hangs_on_it(
    officer: Client, django_assert_max_num_queries: Any
) -> None:
    row = ReplicationFactory(state="en-cours", journal=True)
    counts = []
    for _ in range(2):
        for _ in range(3):
            PublicActorFactory(replication=row, organisation=OrganisationFactory())
            ObstacleFactory(replication=row)
            row.partners.add(OrganisationFactory())
            ReplicationFactory(innovation=row.innovation, parent=row)
        with django_assert_max_num_queries(20) as seen:
            assert officer.get(at("replication", row.code)).status_code == 200
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_each_filter_keeps_what_it_says(officer: Client) -> None:
    region = TerritoryFactory(a_region=True)
    town = TerritoryFactory(name="Lannion", code="22113", region=region)
    kept = ReplicationFactory(
        state="en-cours",
        waiting=True,
        territory=town,
        innovation=InnovationFactory(published=True, title="Café associatif"),
    )
    PartyFactory(replication=kept, contests=True)
    ObstacleFactory(replication=kept)
    other = ReplicationFactory()
    PartyFactory(replication=other, confirms=True)
    ObstacleFactory(replication=other, lifted=True)
    for query in (
        "etat=en-cours", "publication=a-relire", "origine=repreneur", "territoire=Lannion",
        "territoire=region-53", "q=CAFÉ", "contestee=on", "bloquee=on",
    ):  # fmt: skip
        assert codes(officer.get(f"{at('replications')}?{query}")) == [kept.code], query
    everything = codes(officer.get(at("replications")))
    for nonsense in ("etat=x", "suite=xx", "q=%00", "territoire=%00", "publication=1"):
        found = codes(officer.get(f"{at('replications')}?{nonsense}"))
        assert found == everything, nonsense


def test_the_pages_of_the_list_follow_each_other_without_gap(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from essaimage.backoffice.views import listing

    monkeypatch.setattr(listing, "PAGE", 2)
    made = [ReplicationFactory(state="en-cours").code for _ in range(5)]
    ReplicationFactory()
    found, suite = [], ""
    for _ in range(3):
        answer = officer.get(at("replications"), {"etat": "en-cours", "suite": suite})
        found += codes(answer)
        assert "etat=en-cours" in text(answer)
        suite = answer.context["page"].next
    assert (found, suite) == (made[::-1], "")


def test_an_address_of_a_party_is_never_shown(officer: Client) -> None:
    party = PartyFactory(email="personne@exemple.fr")
    for name, args in (
        ("replication", ()), ("side", ("repreneur",)), ("replications", None), ("review_one", ()),
    ):  # fmt: skip
        where = at(name) if args is None else at(name, party.replication.code, *args)
        assert "personne@exemple.fr" not in text(officer.get(where))
    assert "Adresse confirmée" in text(officer.get(at("replication", party.replication.code)))


def test_every_field_is_written_and_told(officer: Client) -> None:
    row = ReplicationFactory()
    parent = ReplicationFactory(innovation=row.innovation)
    repreneur = OrganisationFactory(name="Coopérative du Trégor")
    partners = [OrganisationFactory(), OrganisationFactory()]
    town = TerritoryFactory(name="Paimpol", code="22162")
    typed = {
        "parent": parent.pk, "repreneur": "coopérative du trégor", "repreneur_name": "La Coop",
        "territory": "commune-22162", "sector": "Santé", "service": "PMI", "network": "Réseau X",
        "partners": "\r\n".join(o.name for o in partners), "approach": "essaimage",
        "forms": ["reseaux", "proximite"], "strategies": ["fertilisation"],
        "dynamics": ["horizontale"], "extent": "extraregionale", "take_up": "partielle",
        "summary": "Un atelier\r\nmobile.", "adaptation": "adaptee", "kept": "Réparer ensemble.",
        "changed": "Sur un marché.", "changed_by": "La Coop", "workshop": "Atelier du port",
        "results": "Trente objets.", "lessons": "Prévoir un abri.",
        "reference-0-document": "Rapport", "reference-0-page": "12", "reference-0-quote": "Oui.",
    }  # fmt: skip
    answer = officer.post(at("replication_edit", row.code), opened(officer, row, **typed))
    assert answer.status_code == 302, answer.context["form"].errors
    now = Replication.objects.get(pk=row.pk)
    assert (now.parent, now.repreneur, now.territory) == (parent, repreneur, town)
    assert set(now.partners.all()) == set(partners)
    assert now.forms == ["proximite", "reseaux"]
    assert now.summary == "Un atelier\nmobile."
    assert now.evidence == [{"document": "Rapport", "page": "12", "quote": "Oui."}]
    page = text(officer.get(at("replication", row.code)))
    for told in ("Essaimage par les réseaux", "Fertilisation", "Prévoir un abri", "« Oui. »"):
        assert told in page
    event = row.events.order_by("pgh_id").last()
    assert event.pgh_context.metadata["motif"] == "Vu sur place."


def test_saving_without_a_change_writes_nothing(officer: Client) -> None:
    row = ReplicationFactory(
        repreneur=OrganisationFactory(), forms=["reseaux"], summary="Un\natelier.",
        evidence=[{"document": "Étude", "page": 12, "note": "gardée"}],
    )  # fmt: skip
    row.partners.add(OrganisationFactory())
    before = row.events.count()
    sent = opened(officer, row)
    sent["summary"] = "Un\r\natelier."
    answer = officer.post(at("replication_edit", row.code), sent, follow=True)
    assert "Rien n’a changé" in text(answer)
    assert row.events.count() == before


def test_what_someone_else_wrote_meanwhile_is_shown_before_it_is_written_over(
    officer: Client,
) -> None:
    row = ReplicationFactory(summary="Avant.")
    sent = opened(officer, row, summary="Le mien.", network="Réseau X")
    Replication.objects.filter(pk=row.pk).update(summary="Le leur.", lessons="Appris.")
    answer = officer.post(at("replication_edit", row.code), sent)
    assert answer.status_code == 409
    assert "Le leur." in text(answer)
    assert "Le mien." in text(answer)
    assert Replication.objects.get().network == ""
    # What is sent again was decided on what was shown; the field that only they wrote stays.
    again = sent | dict(answer.context["form"].marks)
    assert officer.post(at("replication_edit", row.code), again).status_code == 302
    now = Replication.objects.get()
    assert (now.summary, now.network, now.lessons) == ("Le mien.", "Réseau X", "Appris.")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"repreneur": "Inconnue"}, "repreneur", "Aucune organisation"),
        ({"territory": "Nulle-Part-sur-Rien"}, "territory", "n’est pas connu"),
        ({"partners": "Inconnue\nAutre"}, "partners", "Aucune organisation"),
        ({"note": ""}, "note", "obligatoire"),
        ({"parent": "999999"}, "parent", ""),
        ({"forms": ["n’importe quoi"]}, "forms", ""),
        ({"summary": "x\x00"}, "summary", ""),
        ({"repreneur_name": "x" * 201}, "repreneur_name", "200"),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(
    officer: Client, typed: dict[str, Any], field: str, said: str
) -> None:
    row = ReplicationFactory()
    answer = officer.post(at("replication_edit", row.code), opened(officer, row, **typed))
    assert answer.status_code == 200
    assert said in " ".join(answer.context["form"].errors[field])


def test_a_reference_without_a_document_is_refused_and_an_emptied_one_goes(
    officer: Client,
) -> None:
    row = ReplicationFactory(evidence=[{"document": "Étude", "page": "3"}, {"document": "Bilan"}])
    bad = opened(officer, row, **{"reference-2-quote": "Seule."})
    assert "Nommez le document" in text(officer.post(at("replication_edit", row.code), bad))
    gone = opened(officer, row, **{"reference-0-document": "", "reference-0-page": ""})
    officer.post(at("replication_edit", row.code), gone)
    assert Replication.objects.get().evidence == [{"document": "Bilan"}]


def test_a_replication_does_not_come_from_its_own_children(officer: Client) -> None:
    row = ReplicationFactory()
    child = ReplicationFactory(innovation=row.innovation, parent=row)
    answer = officer.post(at("replication_edit", row.code), opened(officer, row, parent=child.pk))
    assert "l’une de l’autre" in text(answer)


def test_personal_data_is_told_and_never_blocked(officer: Client) -> None:
    row = ReplicationFactory()
    sent = opened(officer, row, lessons="Appeler Mme Untel au 06 12 34 56 78.")
    answer = officer.post(at("replication_edit", row.code), sent, follow=True)
    assert "numéro de téléphone" in text(answer)
    assert "nom d’une personne" in text(answer)
    assert Replication.objects.get().lessons.startswith("Appeler")


def test_staff_add_a_replication_with_the_states_it_went_through(officer: Client) -> None:
    innovation = InnovationFactory(published=True)
    TerritoryFactory(name="Paimpol", code="22162")
    page = officer.get(f"{at('replication_add')}?innovation={innovation.slug}")
    assert f'value="{innovation.slug}"' in text(page)
    sent = {
        "innovation": innovation.get_absolute_url(), "state": "abandonnee",
        "territory": "commune-22162", "date_en_cours": "2019", "date_abandonnee": "2021-05",
        "lessons": "Sans local, rien.", "note": "Rapport d’activité 2021.",
    }  # fmt: skip
    answer = officer.post(at("replication_add"), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    made = Replication.objects.get()
    assert (made.origin, made.publication, made.code) == (
        "equipe", "publiee", f"{innovation.slug}-paimpol",
    )  # fmt: skip
    assert [(s.state, s.date) for s in made.steps.order_by("pk")] == [
        ("envisagee", ""), ("en-preparation", ""), ("en-cours", "2019"), ("abandonnee", "2021-05"),
    ]  # fmt: skip
    assert made.steps.last().author == "Équipe du Carrefour"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"innovation": "rien-de-tel"}, "Aucune fiche"),
        ({"innovation": ""}, "obligatoire"),
        ({"state": "en-cours", "date_perennisee": "2020"}, "ne vient pas avant"),
        ({"state": "en-cours", "date_en_cours": "2999"}, "n’est pas encore venu"),
        ({"state": "en-cours", "date_en_cours": "hier"}, "n’est pas une date"),
        ({"state": "x"}, "choix"),
    ],
)
def test_what_cannot_be_added_is_told(officer: Client, typed: dict[str, str], said: str) -> None:
    innovation = InnovationFactory(published=True, slug="atelier-x")
    sent = {"innovation": innovation.slug, "state": "envisagee", "note": "Rapport."} | typed
    answer = officer.post(at("replication_add"), sent)
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Replication.objects.exists()


def test_a_title_that_several_records_bear_asks_which(officer: Client) -> None:
    for _ in range(2):
        InnovationFactory(published=True, title="Café associatif")
    sent = {"innovation": "café associatif", "state": "envisagee", "note": "Rapport."}
    answer = officer.post(at("replication_add"), sent)
    assert "Écrivez l’adresse de la fiche" in text(answer)


def test_staff_move_it_and_take_the_step_back(officer: Client) -> None:
    row = ReplicationFactory(journal=True)
    where = at("replication_move", row.code)
    assert "Abandonnée" in text(officer.get(where))
    sent = {"to": "en-preparation", "vu": "envisagee", "reason": "Un comité.", "date": "2020"}
    assert officer.post(where, sent).status_code == 302
    late = officer.post(where, sent)
    assert late.status_code == 409
    assert "changé d’état entre-temps" in text(late)
    wrong = {"to": "en-cours", "vu": "en-preparation", "reason": "x", "date": "2019"}
    assert "serait datée d’avant" in text(officer.post(where, wrong))
    step = row.steps.last()
    back = at("replication_annul", row.code, step.pk)
    assert "en préparation" in text(officer.get(back))
    assert officer.post(back, {"reason": ""}).status_code == 200
    assert officer.post(back, {"reason": "Erreur."}).status_code == 302
    assert officer.post(back, {"reason": "Erreur."}).status_code == 409
    assert Replication.objects.get().state == "envisagee"
    assert "Erreur." in text(officer.get(at("replication", row.code)))


def test_a_step_of_another_replication_is_not_found(officer: Client) -> None:
    row, other = ReplicationFactory(journal=True), ReplicationFactory(journal=True)
    assert officer.get(at("replication_annul", row.code, other.steps.get().pk)).status_code == 404


def test_the_other_side_is_written_and_its_own_address_is_not_replaced(officer: Client) -> None:
    row = ReplicationFactory()
    where = at("side", row.code, "porteur")
    officer.post(where, {"organisation": "Association d’origine", "email": "a@example.org"})
    party = Party.objects.get()
    assert (party.side, party.email, party.is_declarer) == ("porteur", "a@example.org", False)
    officer.post(where, {"organisation": "Association", "email": ""})
    party.refresh_from_db()
    assert (party.organisation, party.email) == ("Association", "a@example.org")
    mine = PartyFactory(replication=row)
    answer = officer.post(at("side", row.code, "repreneur"), {"email": "b@example.org"})
    assert "confirmée par son titulaire" in text(answer)
    mine.refresh_from_db()
    assert mine.email != "b@example.org"
    assert officer.get(at("side", row.code, "ailleurs")).status_code == 404


def test_a_side_without_an_address_is_not_asked(officer: Client) -> None:
    party = PartyFactory(email="")
    answer = officer.post(at("side_ask", party.replication.code, "repreneur"), follow=True)
    assert "L’adresse de ce côté n’est pas connue" in text(answer)


def test_a_public_actor_does_things_under_its_roles(officer: Client) -> None:
    row = ReplicationFactory()
    page = text(officer.get(at("actor_add", row.code)))
    assert page.count('type="checkbox"') == 3 + 10
    sent = {
        "name": "Département", "roles": ["utilisateur"],
        "actions_facilitateur": ["facilitateur-financer"], "detail": "Une subvention.",
    }  # fmt: skip
    assert officer.post(at("actor_add", row.code), sent).status_code == 302
    actor = PublicActor.objects.get()
    assert actor.actions == ["facilitateur-financer"]
    shown = text(officer.get(at("replication", row.code)))
    assert "Facilitateur : Participe au financement" in shown
    twice = officer.post(at("actor_add", row.code), sent)
    assert "déjà inscrit" in text(twice)
    officer.post(at("actor", row.code, actor.pk), {"name": "Conseil départemental"})
    actor.refresh_from_db()
    assert (actor.name, actor.roles, actor.actions) == ("Conseil départemental", [], [])
    wrong = {"name": "Ville", "actions_facilitateur": ["utilisateur-utiliser"]}
    assert officer.post(at("actor_add", row.code), wrong).status_code == 200
    officer.post(at("actor_remove", row.code, actor.pk))
    assert not PublicActor.objects.exists()
    gone = PublicActor.events.rel.related_model.objects.order_by("pgh_id").last()
    assert (gone.pgh_label, gone.name) == ("delete", "Conseil départemental")
    other = PublicActorFactory()
    assert officer.post(at("actor_remove", row.code, other.pk)).status_code == 404


def test_a_partner_taken_away_stays_in_the_history(
    officer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from essaimage.models import ReplicationPartner

    row, partner = ReplicationFactory(), OrganisationFactory()
    row.partners.add(partner)
    officer.post(at("replication_edit", row.code), opened(officer, row, partners=""))
    events: Any = ReplicationPartner.events.rel.related_model
    told = events.objects.order_by("pgh_id").values_list("pgh_label", "organisation")
    assert list(told) == [("insert", partner.pk), ("delete", partner.pk)]
    with django_assert_num_queries(1):
        assert list(row.partners.all()) == []
