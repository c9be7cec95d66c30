"""« Je reprends ce projet »: declared, confirmed by mail, read by staff, then by the other side."""

import threading
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from essaimage import declaring, forgetting, links
from essaimage.declaration_views import PER_HOUR
from essaimage.declaring import Declaration
from essaimage.models import (
    Link,
    Party,
    Publication,
    Purpose,
    Replication,
    ReplicationStep,
    Side,
    Verdict,
)
from innovations.models import Innovation
from tests.essaimage.conftest import Postman
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
WHO = "direction@atelier.example.org"
OTHER = "contact@origine.example.org"
SAID = {
    "by": "repreneur",
    "repreneur_name": "Atelier coopératif des Trois-Ponts",
    "lieu": "Lyon (69)",
    "state": "en-cours",
    "date_envisagee": "2022",
    "date_en_cours": "17/5/2024",
    "reason": "L’atelier ouvre trois jours par semaine.",
    "summary": "Un atelier de réparation ouvert à tous.",
    "email": WHO,
    "other_email": OTHER,
    "consent": "on",
}


@pytest.fixture
def innovation(db: None) -> Innovation:
    TerritoryFactory(code="69123", name="Lyon")
    owner = OrganisationFactory(name="Association d’origine")
    return InnovationFactory(
        published=True, slug="ressourcerie", title="Ressourcerie", organisation=owner
    )


def where(innovation: Innovation) -> str:
    return reverse("essaimage:declare", args=[innovation.slug])


def declare(client: Client, innovation: Innovation, **changed: Any) -> Any:
    return client.post(where(innovation), SAID | changed)


def text(response: Any) -> str:
    return response.content.decode()


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_the_record_leads_there_for_both_sides(client: Client, innovation: Innovation) -> None:
    page = text(client.get(innovation.get_absolute_url()))
    assert f'href="{where(innovation)}">Je reprends ce projet' in page
    assert f'href="{where(innovation)}?cote=porteur">Ce projet est repris ailleurs' in page
    form = client.get(where(innovation) + "?cote=porteur").context["form"]
    assert form["by"].value() == "porteur"
    assert (
        client.get(where(innovation) + "?cote=autre").context["form"]["by"].value() == "repreneur"
    )


def test_a_declaration_is_all_kept_and_public_nowhere(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    answer = declare(client, innovation)
    assert answer.status_code == 302, errors(answer)
    made = Replication.objects.get()
    assert made.code == "ressourcerie-lyon"
    assert (made.publication, made.origin) == ("a-confirmer", "repreneur")
    assert str(made.territory.code if made.territory else "") == "69123"
    steps = ReplicationStep.objects.order_by("pk")
    assert list(steps.values_list("state", "date", "is_retold")) == [
        ("envisagee", "2022", True),
        ("en-preparation", "", True),
        ("en-cours", "2024-05-17", False),
    ]
    assert {s.author for s in steps} == {"Atelier coopératif des Trois-Ponts"}
    assert [p.email for p in made.parties.order_by("-is_declarer")] == [WHO, OTHER]
    assert postman.to(WHO) == 1
    assert postman.to(OTHER) == 0
    assert client.get(made.get_absolute_url()).status_code == 404
    assert "Trois-Ponts" not in text(client.get(innovation.get_absolute_url()))


def test_opening_the_mailed_link_confirms_nothing_posting_does_once(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    declare(client, innovation)
    link = postman.link(WHO)
    assert link.rstrip("/").rpartition("/")[2] not in str(list(Link.objects.values()))
    for _ in range(3):
        page = client.get(link)
        assert page.status_code == 200
        assert "L’atelier ouvre trois jours par semaine." in text(page)
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
    assert Replication.objects.get().publication == Publication.UNCONFIRMED

    assert "La compléter dès maintenant" in text(client.post(link))
    assert Replication.objects.get().publication == Publication.WAITING
    party = Party.objects.get(is_declarer=True)
    assert party.verdict == Verdict.CONFIRMED
    assert party.email_confirmed_at
    assert client.post(link).status_code == 410
    assert client.get(link).status_code == 410


def test_the_porteur_declares_too(client: Client, innovation: Innovation, postman: Postman) -> None:
    assert declare(client, innovation, by="porteur").status_code == 302
    made = Replication.objects.get()
    assert made.origin == "porteur"
    declarer = made.parties.get(is_declarer=True)
    assert (declarer.side, declarer.organisation) == (Side.PORTEUR, "Association d’origine")
    assert made.steps.first().author == "Association d’origine"


def test_a_stopped_one_tells_how_far_it_went(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    sent = SAID | {"state": "abandonnee", "reached": "en-preparation", "date_abandonnee": "2025"}
    del sent["date_en_cours"]
    assert client.post(where(innovation), sent).status_code == 302
    assert list(ReplicationStep.objects.order_by("pk").values_list("state", "date")) == [
        ("envisagee", "2022"),
        ("en-preparation", ""),
        ("abandonnee", "2025"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"by": "intrus"}, "by"),
        ({"repreneur_name": ""}, "repreneur_name"),
        ({"repreneur_name": "Mme Exemple"}, "repreneur_name"),
        ({"repreneur_name": "06 12 34 56 78"}, "repreneur_name"),
        ({"repreneur_name": "Atelier, 12 rue des Lilas"}, "repreneur_name"),
        ({"repreneur_name": "camille@exemple.org"}, "repreneur_name"),
        ({"repreneur_name": "Camille Exemple"}, "is_structure"),
        ({"repreneur_name": "x" * 201}, "repreneur_name"),
        ({"repreneur_name": "Atelier\x00"}, "repreneur_name"),
        ({"lieu": ""}, "lieu"),
        ({"lieu": "Nulle-part-sur-rien"}, "lieu"),
        ({"parent": "999999999999999999999999"}, "parent"),
        ({"parent": "un"}, "parent"),
        ({"state": "reussie"}, "state"),
        ({"date_en_cours": "2999"}, "__all__"),
        ({"date_en_cours": "2021"}, "__all__"),
        ({"date_en_cours": "hier"}, "date_en_cours"),
        ({"date_en_cours": "31/02/2024"}, "date_en_cours"),
        ({"date_perennisee": "2025"}, "date_perennisee"),
        ({"date_abandonnee": "2025"}, "date_abandonnee"),
        ({"reason": "Écrire à camille@exemple.org"}, "reason"),
        ({"summary": "x" * 4001}, "summary"),
        ({"diffusion": ["reseaux", "partout"]}, "diffusion"),
        ({"email": "personne"}, "email"),
        ({"email": f"{'x' * 250}@exemple.org"}, "email"),
        ({"other_email": WHO.upper()}, "other_email"),
        ({"consent": ""}, "consent"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(
    client: Client,
    innovation: Innovation,
    postman: Postman,
    changed: dict[str, Any],
    field: str,
) -> None:
    answer = declare(client, innovation, **changed)
    assert answer.status_code == 200
    assert field in errors(answer)
    assert "La déclaration n’est pas partie" in text(answer)
    assert not Replication.objects.exists()
    assert postman.mails == []


def test_a_structure_that_bears_a_first_name_says_that_it_is_one(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    named = {"repreneur_name": "Espace Camille Claudel"}
    assert "C’est bien le nom d’une structure" in text(declare(client, innovation, **named))
    assert declare(client, innovation, **named, is_structure="on").status_code == 302


def test_homonyms_are_chosen(client: Client, innovation: Innovation, postman: Postman) -> None:
    TerritoryFactory(code="93066", name="Saint-Denis")
    TerritoryFactory(code="97411", name="Saint-Denis")
    answer = declare(client, innovation, lieu="Saint-Denis")
    assert "territoire" in errors(answer)
    answer = declare(client, innovation, lieu="Saint-Denis", territoire="commune-97411")
    assert answer.status_code == 302, errors(answer)
    assert Replication.objects.get().territory.code == "97411"


def test_another_sector_or_a_service_is_a_target_too(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    assert declare(client, innovation, lieu="", sector="La boulangerie").status_code == 302
    assert declare(client, innovation, lieu="", service="Les espaces verts").status_code == 302
    codes = Replication.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["ressourcerie-la-boulangerie", "ressourcerie-les-espaces-verts"]


def test_it_may_come_from_a_published_replication_and_no_other(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    first = ReplicationFactory(innovation=innovation, repreneur_name="Le premier repreneur")
    hidden = ReplicationFactory(innovation=innovation, publication="a-relire")
    elsewhere = ReplicationFactory()
    for wrong in (hidden, elsewhere):
        assert "parent" in errors(declare(client, innovation, parent=str(wrong.pk)))
    assert "Le premier repreneur" in text(client.get(where(innovation)))
    assert declare(client, innovation, parent=str(first.pk)).status_code == 302
    assert Replication.objects.get(parent=first)


def test_the_page_of_a_replication_leads_to_declaring_one_taken_from_it(
    client: Client, innovation: Innovation
) -> None:
    first = ReplicationFactory(innovation=innovation)
    page = text(client.get(first.get_absolute_url()))
    link = f"{where(innovation)}?de={first.code}"
    assert f'href="{link}"' in page
    assert client.get(link).context["form"]["parent"].value() == first.pk
    for wrong in ("inconnue", "%00", ReplicationFactory().code):
        form = client.get(f"{where(innovation)}?de={wrong}").context["form"]
        assert form["parent"].value() is None


def test_a_merged_record_is_declared_on_the_one_it_became(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    target = InnovationFactory(published=True, slug="recyclerie", title="Recyclerie")
    Innovation.objects.filter(pk=innovation.pk).update(merged_into=target, status="reunie")
    assert client.get(where(innovation)).context["innovation"] == target
    declare(client, innovation)
    assert Replication.objects.get().innovation == target


def test_only_a_public_record_takes_declarations(client: Client) -> None:
    hidden = InnovationFactory()
    assert client.get(where(hidden)).status_code == 404
    assert declare(client, hidden).status_code == 404
    assert client.get(reverse("essaimage:declare", args=["inconnue"])).status_code == 404


def test_a_robot_is_thanked_and_forgotten(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    assert declare(client, innovation, site="https://spam.invalid").status_code == 302
    assert not Replication.objects.exists()


def test_no_more_than_some_in_an_hour_nor_for_one_address(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    for _ in range(declaring.UNCONFIRMED_PER_ADDRESS):
        assert declare(client, innovation).status_code == 302
    assert "email" in errors(declare(client, innovation, email=WHO.upper()))
    for _ in range(PER_HOUR):
        answer = declare(client, innovation, email="autre@exemple.org")
    assert "Vous avez déjà déclaré plusieurs reprises." in text(answer)


def test_nothing_is_kept_when_the_mail_cannot_leave(client: Client, innovation: Innovation) -> None:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=1,
    ):
        answer = declare(client, innovation)
    assert "n’a pas pu partir" in text(answer)
    assert not Replication.objects.exists()
    assert not Link.objects.exists()


def test_a_link_ends_and_opens_nothing_else(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    with time_machine.travel("2026-01-01 12:00Z", tick=False):
        declare(client, innovation)
    link = postman.link(WHO)
    token = link.rstrip("/").rpartition("/")[2]
    for view in ("verdict", "follow"):
        other = reverse(f"essaimage:{view}", args=[token])
        with time_machine.travel("2026-01-02 12:00Z", tick=False):
            assert client.get(other).status_code == 410
            assert client.post(other, {"verdict": "confirmee"}).status_code == 410
    with time_machine.travel("2026-01-15 11:59Z", tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel("2026-01-15 12:01Z", tick=False):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410
    assert Replication.objects.get().publication == Publication.UNCONFIRMED
    for token in ("x", "é", "x" * 3000, "%00"):
        wrong = reverse("essaimage:declaration_confirm", args=[token])
        assert client.get(wrong).status_code == 410


def test_what_nobody_confirmed_is_forgotten_history_included(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        declare(client, innovation)
    kept = ReplicationFactory(innovation=innovation, publication="a-relire", origin="repreneur")
    with time_machine.travel("2026-01-30 12:00Z"):
        forgetting.forget()
        assert Replication.objects.count() == 2
    with time_machine.travel("2026-02-20 12:00Z"):
        forgetting.forget()
    assert list(Replication.objects.all()) == [kept]
    assert not Link.objects.exists()
    for name in ("ReplicationEvent", "PartyEvent"):
        rows = apps.get_model("essaimage", name).objects.all()
        assert "Trois-Ponts" not in str(list(rows.values()))


def test_a_link_of_a_declaration_gone_is_dead(
    client: Client, innovation: Innovation, postman: Postman
) -> None:
    declare(client, innovation)
    Replication.objects.all().delete()
    assert client.get(postman.link(WHO)).status_code == 410
    assert client.post(postman.link(WHO)).status_code == 410


def test_a_code_is_never_too_long_nor_taken(innovation: Innovation, postman: Postman) -> None:
    long = InnovationFactory(published=True, slug="x" * 100)
    for _ in range(3):
        made = Replication(innovation=long, service="Y" * 200, state="envisagee")
        declaring.receive(Declaration(made, Side.REPRENEUR, f"{made.pk}a@exemple.org"))
    codes = list(Replication.objects.values_list("code", flat=True))
    assert len(set(codes)) == 3
    assert max(map(len, codes)) <= 80
    assert all(reverse("essaimage:replication", args=[code]) for code in codes)


def test_the_form_costs_as_much_however_many_replications(
    client: Client, innovation: Innovation, django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        for _ in range(6):
            ReplicationFactory(innovation=innovation)
        with django_assert_max_num_queries(5):
            client.get(where(innovation))


def test_links_are_closed_by_their_digest_alone(innovation: Innovation) -> None:
    token = links.make(Purpose.DECLARE, 1)
    assert Link.objects.get().digest == links.digest(token)


@pytest.mark.django_db(transaction=True)
def test_two_who_declare_the_same_at_once_have_each_their_code() -> None:
    innovation = InnovationFactory(published=True, slug="ressourcerie")
    both, made = threading.Barrier(3, timeout=20), []

    def receive(number: int) -> None:
        said = Replication(innovation=innovation, service="Les parcs", state="envisagee")
        try:
            both.wait()
            email = f"a{number}@exemple.org"
            made.append(declaring.receive(Declaration(said, Side.REPRENEUR, email)).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=receive, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code = "ressourcerie-les-parcs"
    assert sorted(made) == [code, f"{code}-2", f"{code}-3"]
    assert ReplicationStep.objects.count() == 3
