"""« Mes reprises suivies »: any account, public data, and notes that nobody else reads."""

import csv
import datetime
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from carrefour.accounts.models import User
from essaimage import dates, watching
from essaimage.models import Following, Replication
from essaimage.watching import CannotFollow
from tests.factories import (
    ExperimentFactory,
    FactsFactory,
    FollowingFactory,
    InnovationFactory,
    ObstacleFactory,
    OrganisationFactory,
    PartyFactory,
    ReplicationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = "/mes-reprises/"
SECRET = "Le maire hésite."


@pytest.fixture
def helper(client: Client) -> SimpleNamespace:
    """An accompagnateur: an account without a role, logged in."""
    user = UserFactory(email="accompagnateur@example.org")
    client.force_login(user, BACKEND)
    return SimpleNamespace(user=user, client=client)


def next_question(helper: SimpleNamespace) -> str:
    """« what → whom », of the only replication of the list."""
    said = r"À demander\u00a0:</strong> (.+?)<br><strong>Auprès de\u00a0:</strong> (.+?)</p>"
    found = re.findall(said, text(helper.client))
    assert len(found) == 1
    return " → ".join(found[0])


def running(**fields: Any) -> Replication:
    return ReplicationFactory(state="en-cours", journal={"en-cours": "2020-03"}, **fields)


def text(client: Client, where: str = LIST) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def test_one_finds_a_published_replication_and_follows_it(helper: SimpleNamespace) -> None:
    innovation = InnovationFactory(published=True, title="Épicerie solidaire")
    found = running(innovation=innovation, territory=TerritoryFactory(name="Trégueux"))
    named = running(repreneur_name="Régie de quartier")
    hidden = running(innovation=innovation, waiting=True)
    for words in ("epicerie", "Épicerie", "tregueux"):
        page = text(helper.client, f"/mes-reprises/ajouter/?q={words}")
        assert f'value="{found.code}"' in page
        assert hidden.code not in page
    assert named.code in text(helper.client, "/mes-reprises/ajouter/?q=regie de quartier")
    assert found.code in text(helper.client, f"/mes-reprises/ajouter/?reprise={found.code}")
    assert "Aucune reprise" in text(helper.client, f"/mes-reprises/ajouter/?reprise={hidden.code}")
    answer = helper.client.post("/mes-reprises/ajouter/", {"reprise": found.code})
    assert answer["Location"] == f"/mes-reprises/{found.code}/"
    assert Following.objects.get().user == helper.user
    helper.client.post("/mes-reprises/ajouter/", {"reprise": found.code})
    helper.client.post("/mes-reprises/ajouter/", {"reprise": hidden.code})
    helper.client.post("/mes-reprises/ajouter/", {})
    assert Following.objects.count() == 1


def test_the_public_page_leads_to_following(client: Client) -> None:
    replication = running()
    where = f"/mes-reprises/ajouter/?reprise={replication.code}"
    assert where in client.get(replication.get_absolute_url()).content.decode()
    # Who has no account is asked to log in, and comes back.
    assert client.get(where)["Location"].startswith(reverse("accounts:login"))


def test_what_is_due_first_is_first(helper: SimpleNamespace) -> None:
    day = datetime.timedelta(1)
    today = timezone.localdate()
    later = running()
    late = running()
    ends = running()
    FollowingFactory(user=helper.user, replication=later)
    FollowingFactory(
        user=helper.user, replication=late, next_step="Appeler la mairie", next_on=today - day
    )
    FollowingFactory(user=helper.user, replication=ends, note=SECRET)
    ExperimentFactory(innovation=ends.innovation, title="Deux ans", ends_on=today + 5 * day)
    ExperimentFactory(innovation=ends.innovation, publication="a-relire", ends_on=today + day)
    ObstacleFactory(replication=ends, title="Le local n’est pas classé")
    ObstacleFactory(replication=ends, title="Caché", waiting=True)
    ObstacleFactory(replication=ends, title="Déjà levé", lifted=True)
    page = text(helper.client)
    assert page.index(late.code) < page.index(ends.code) < page.index(later.code)
    assert "Appeler la mairie" in page
    assert "Terme de l’expérimentation « Deux ans »" in page
    assert "Le local n’est pas classé" in page
    assert "Caché" not in page
    assert "Déjà levé" not in page
    assert SECRET in page
    assert "En cours, mars 2020" in page


def test_the_next_term_of_the_results_is_a_deadline(helper: SimpleNamespace) -> None:
    month = f"{timezone.localdate():%Y-%m}"
    replication = ReplicationFactory(state="en-cours", journal={"en-cours": month})
    FollowingFactory(user=helper.user, replication=replication)
    assert "Résultats à 3 mois" in text(helper.client)


def test_what_to_ask_whom_next_comes_from_what_the_public_reads(helper: SimpleNamespace) -> None:
    owner = OrganisationFactory(name="Association d’origine")
    innovation = InnovationFactory(published=True, organisation=owner)
    began = dates.months_after(timezone.localdate(), -37)
    silent = ReplicationFactory(
        innovation=innovation,
        repreneur_name="Commune du bourg",
        state="en-cours",
        journal={"en-cours": began.isoformat()},
    )
    FollowingFactory(user=helper.user, replication=silent)
    assert next_question(helper) == "ce qu’elle donne, 36 mois après son début → Commune du bourg"

    FactsFactory(replication=silent, months=36)
    PartyFactory(replication=silent, side="repreneur", confirms=True)
    asked = "son avis sur la reprise → Association d’origine (structure porteuse)"
    assert next_question(helper) == asked

    ObstacleFactory(replication=silent, title="Le bail", authority="Conseil municipal")
    asked = "où en est l’obstacle «\u00a0Le bail\u00a0» → Conseil municipal"
    assert next_question(helper) == asked

    PartyFactory(replication=silent, side="porteur", verdict="contestee", email="x@example.org")
    assert next_question(helper).startswith("pourquoi ce côté conteste la reprise")
    assert "x@example.org" not in text(helper.client)


def test_of_a_term_long_past_nothing_is_asked_but_news(helper: SimpleNamespace) -> None:
    FollowingFactory(user=helper.user, replication=running(repreneur_name="Commune du bourg"))
    assert next_question(helper) == "où elle en est → Commune du bourg"


def test_several_are_seen_at_a_glance(helper: SimpleNamespace) -> None:
    FollowingFactory(user=helper.user, replication=ReplicationFactory(journal=True))
    assert "En un coup d’œil" not in text(helper.client), "one says all of itself"

    stuck = ReplicationFactory(state="en-preparation", journal={"en-preparation": "2015-03"})
    FollowingFactory(user=helper.user, replication=stuck)
    for title, lifted in (("Le bail", {}), ("La norme", {"state": "leve", "resolution": "Lue."})):
        ObstacleFactory(replication=stuck, title=title, authority="Conseil municipal", **lifted)
    ObstacleFactory(replication=stuck, title="Le seuil", authority="conseil  Municipal")
    page = text(helper.client)
    assert "<strong>Conseil municipal</strong> (2)" in page
    assert "La norme" not in page
    assert page.count("Au point mort") == 2, "the heading, and the badge of the stuck one"
    assert page.index(stuck.get_absolute_url()) > page.index("Au point mort")


def test_notes_are_written_and_two_windows_do_not_overwrite_each_other(
    helper: SimpleNamespace,
) -> None:
    following = FollowingFactory(user=helper.user)
    where = f"/mes-reprises/{following.replication.code}/"
    seen = watching.mark(following)
    said = {"note": SECRET, "next_step": "Appeler", "next_on": "2031-02-03", "vu": seen}
    assert helper.client.post(where, said).status_code == 302
    following.refresh_from_db()
    assert (following.note, following.next_on) == (SECRET, datetime.date(2031, 2, 3))
    again = helper.client.post(where, said | {"note": "Autre"})
    assert again.status_code == 409
    assert "a changé dans une autre fenêtre" in again.content.decode()
    following.refresh_from_db()
    assert following.note == SECRET


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"next_on": "demain"}, "date valide"),
        ({"next_on": "2031-02-03"}, "Dites ce qu’il y a à faire"),
        ({"note": "x" * 4001}, "4000"),
        ({"next_step": "x" * 201}, "200"),
    ],
)
def test_what_is_wrong_is_told(helper: SimpleNamespace, said: dict[str, str], words: str) -> None:
    following = FollowingFactory(user=helper.user)
    where = f"/mes-reprises/{following.replication.code}/"
    answer = helper.client.post(where, said)
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_removing_takes_the_notes_away(helper: SimpleNamespace) -> None:
    following = FollowingFactory(user=helper.user, note=SECRET)
    where = f"/mes-reprises/{following.replication.code}/retirer/"
    assert helper.client.get(where).status_code == 405
    assert helper.client.post(where).status_code == 302
    assert not Following.objects.exists()
    assert helper.client.post(where).status_code == 404


@pytest.mark.parametrize(
    "role",
    [
        "administrator", "moderator", "essaimage_officer", "statistician", "partner_member",
        "stranger", "superuser",
    ],
)  # fmt: skip
def test_nobody_reads_or_changes_the_notes_of_another(
    role: str, roles: SimpleNamespace, client: Client
) -> None:
    following = FollowingFactory(note=SECRET, next_step="Action secrète")
    code = following.replication.code
    user = (
        User.objects.create_superuser("super@example.org", "x" * 12)
        if role == "superuser"
        else getattr(roles, role)
    )
    client.force_login(user, BACKEND)
    for where in (LIST, "/mes-reprises/liste.csv", board_of(following), "/gestion/essaimage/"):
        answer = client.get(where)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert SECRET not in body.decode()
        assert "Action secrète" not in body.decode()
    assert client.get(f"/mes-reprises/{code}/").status_code == 404
    assert client.post(f"/mes-reprises/{code}/", {"note": "Pris"}).status_code == 404
    assert client.post(f"/mes-reprises/{code}/retirer/").status_code == 404
    following.refresh_from_db()
    assert following.note == SECRET


def board_of(following: Following) -> str:
    return f"/gestion/essaimage/?suivie={following.user.pk}"


def test_no_screen_of_the_admin_and_no_history_holds_the_notes() -> None:
    assert Following not in admin.site._registry
    assert not hasattr(Following, "events")


@pytest.mark.parametrize(
    "where", [LIST, "/mes-reprises/liste.csv", "/mes-reprises/ajouter/", "/mes-reprises/x/"]
)
def test_a_visitor_is_asked_to_log_in(client: Client, where: str) -> None:
    assert client.get(where)["Location"].startswith(reverse("accounts:login"))


def test_a_replication_that_leaves_the_public_only_keeps_the_notes(
    helper: SimpleNamespace,
) -> None:
    innovation = InnovationFactory(published=True, title="Titre retiré")
    replication = running(innovation=innovation)
    ObstacleFactory(replication=replication, title="Obstacle retiré")
    FollowingFactory(user=helper.user, replication=replication, note=SECRET)
    Replication.objects.filter(pk=replication.pk).update(publication="ecartee")
    for where in (LIST, f"/mes-reprises/{replication.code}/"):
        page = text(helper.client, where)
        assert SECRET in page
        assert "retirée du public" in page
        assert "Titre retiré" not in page
        assert "Obstacle retiré" not in page
    assert "Titre retiré" not in exported(helper.client)[0].values()


def exported(client: Client) -> list[dict[str, str]]:
    answer = client.get("/mes-reprises/liste.csv")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body), delimiter=";"))


def test_the_file_is_ones_own_list(helper: SimpleNamespace) -> None:
    party = PartyFactory(replication=running())
    mine = FollowingFactory(user=helper.user, replication=party.replication, note="=SECRET()")
    FollowingFactory(note="D’un autre.")
    [line] = exported(helper.client)
    assert line["reprise"] == mine.replication.code
    assert line["note"] == "'=SECRET()"
    assert party.email not in line.values()


def test_an_account_that_goes_takes_its_notes_along(helper: SimpleNamespace) -> None:
    FollowingFactory(user=helper.user, note=SECRET)
    kept = FollowingFactory()
    helper.user.delete()
    assert list(Following.objects.all()) == [kept]


def test_a_list_has_an_end(helper: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST", 1)
    FollowingFactory(user=helper.user)
    with pytest.raises(CannotFollow):
        watching.follow(helper.user, running().code)


def test_the_number_of_queries_does_not_grow(
    helper: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    for number in (1, 4):
        for _ in range(number):
            replication = running()
            ObstacleFactory(replication=replication)
            ExperimentFactory(innovation=replication.innovation, ends_on=datetime.date(2030, 1, 1))
            FollowingFactory(user=helper.user, replication=replication)
        for where in (LIST, "/mes-reprises/liste.csv"):
            # Session, account, list, steps, sides, obstacles, facts, experiments.
            with django_assert_num_queries(8 + (where == LIST) * ENTERS):
                answer = helper.client.get(where)
                b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert helper.client.get("/mes-reprises/ajouter/?q=a").status_code == 200


# What the frame of a page asks of an account: whether it enters the back-office.
ENTERS = 3


# --- the account ----------------------------------------------------------------------------------


def test_staff_opens_an_account_that_only_follows(
    roles: SimpleNamespace, client: Client, helper: SimpleNamespace
) -> None:
    staff = Client()
    staff.force_login(roles.essaimage_officer, BACKEND)
    said = {"display_name": "Réseau des ateliers", "email": "reseau@example.org"}
    mail.outbox.clear()
    assert staff.post("/gestion/essaimage/accompagnateurs/inviter/", said).status_code == 302
    [letter] = mail.outbox
    assert letter.to == ["reseau@example.org"]
    user = User.objects.get(email="reseau@example.org")
    assert not user.has_usable_password()
    assert (user.is_staff, user.groups.count()) == (False, 0)
    link = re.findall(r"https?://[^/\s]+(/\S+)", letter.body)[0]
    theirs = Client()
    form = theirs.get(link, follow=True)
    where = form.redirect_chain[-1][0]
    password = "ressourcerie-du-bourg"
    theirs.post(where, {"new_password1": password, "new_password2": password})
    user.refresh_from_db()
    assert user.check_password(password)
    theirs.force_login(user, BACKEND)
    assert theirs.get(LIST).status_code == 200
    assert theirs.get("/gestion/essaimage/").status_code == 403
    again = staff.post("/gestion/essaimage/accompagnateurs/inviter/", said)
    assert "Un compte existe déjà" in again.content.decode()


def test_no_account_is_made_when_the_mail_does_not_leave(
    roles: SimpleNamespace, client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(roles.essaimage_officer, BACKEND)
    said = {"display_name": "Réseau", "email": "reseau@example.org"}
    answer = client.post("/gestion/essaimage/accompagnateurs/inviter/", said)
    assert "n’a pas pu partir" in answer.content.decode()
    assert not User.objects.filter(email="reseau@example.org").exists()
