"""Why a side changed the state: read apart from its account, said otherwise if set aside."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse

from essaimage import moving, sifting, tasks, tellings, updating
from essaimage.asking import digest
from essaimage.models import MailRefusal, Party, ReplicationStep, Telling
from essaimage.moving import Author, Move
from essaimage.tellings import CannotTell
from essaimage.update_forms import AccountForm, ActorForm, StateForm, VerdictForm
from innovations.models import BulkAction
from tests.backoffice.conftest import BACKEND
from tests.essaimage.conftest import Postman
from tests.factories import PartyFactory, ReplicationFactory, UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/gestion/essaimage/textes/"
ROOM = "La salle est ouverte."
READ = "Son motif est en cours de relecture."


@pytest.fixture
def party() -> Party:
    made: Party = PartyFactory(confirms=True)
    moving.open_journal(made.replication, Author("Équipe du Carrefour"))
    return made


@pytest.fixture
def moved(party: Party) -> Telling:
    """The side's replication is in preparation; why waits to be read."""
    updating.move(updating.hand(party), Move("en-preparation", party.replication.state, ROOM))
    return Telling.objects.get()


def text(answer: Any) -> str:
    return answer.content.decode()


def follow(party: Party) -> str:
    return reverse("essaimage:follow", args=[updating.hand(party)])


def public(party: Party) -> str:
    return text(Client().get(party.replication.get_absolute_url()))


def aside(telling: Telling, answer: str = "Sans nommer personne.") -> BulkAction:
    seen = tellings.mark(telling)
    return sifting.set_aside(telling, UserFactory(), answer=answer, seen=seen)


def accept(telling: Telling) -> BulkAction:
    return sifting.accept(telling, UserFactory(), seen=tellings.mark(telling))


def explained(telling: Telling) -> str:
    assert telling.step
    return ReplicationStep.objects.get(pk=telling.step.pk).reason


def test_the_page_says_that_a_reason_is_being_read_then_shows_it(
    party: Party, moved: Telling
) -> None:
    assert public(party).count(READ) == 1
    assert ROOM not in public(party)
    accept(moved)
    assert READ not in public(party)
    assert ROOM in public(party)


def test_what_has_no_reason_to_read_says_nothing(party: Party) -> None:
    assert READ not in public(party)


def test_a_bad_text_does_not_take_a_good_reason_with_it(party: Party, moved: Telling) -> None:
    updating.tell(updating.hand(party), {"results": "Un texte à écarter."})
    account = Telling.objects.accounts().get()
    aside(account)
    accept(moved)
    assert explained(moved) == ROOM
    party.replication.refresh_from_db()
    assert party.replication.results == ""


def test_a_reason_set_aside_is_said_otherwise(party: Party, moved: Telling) -> None:
    aside(moved)
    page = text(Client().get(follow(party)))
    assert "Votre motif de l’état «\u00a0en préparation\u00a0» n’a pas été retenu" in page
    assert "Sans nommer personne." in page
    assert "Aucun motif n’est montré pour cet état." in page
    said = {"geste": "motif", "motif-step": moved.step_id, "motif-reason": "Le bail est signé."}
    page = text(Client().post(follow(party), said, follow=True))
    assert "L’équipe relit votre motif avant qu’il soit montré." in page
    assert "n’a pas été retenu" not in page
    assert "D’ici là, vous pouvez l’écrire autrement." in page
    waiting = Telling.objects.waiting().get()
    assert waiting.step_id == moved.step_id
    accept(waiting)
    assert explained(moved) == "Le bail est signé."
    assert "motif-reason" not in text(Client().get(follow(party)))


def test_a_reason_that_waits_is_corrected_in_its_place(party: Party, moved: Telling) -> None:
    updating.explain(updating.hand(party), moved.step_id or 0, "Le bail est signé.")
    (waiting,) = Telling.objects.all()
    assert (waiting.pk, waiting.reason) == (moved.pk, "Le bail est signé.")


def test_it_is_said_otherwise_even_once_the_refusal_is_forgotten(
    party: Party, moved: Telling
) -> None:
    aside(moved)
    Telling.objects.all().delete()
    assert "motif-reason" in text(Client().get(follow(party)))


def test_a_side_explains_its_own_last_step_only(party: Party, moved: Telling) -> None:
    other = PartyFactory(
        replication=party.replication,
        porteur=True,
        confirms=True,
        email_confirmed_at=party.email_confirmed_at,
    )
    assert "motif-reason" not in text(Client().get(follow(other)))
    with pytest.raises(CannotTell, match="n’est plus la dernière"):
        updating.explain(updating.hand(other), moved.step_id or 0, "Ailleurs.")
    elsewhere = ReplicationFactory(journal=True).steps.latest("pk")
    with pytest.raises(CannotTell, match="pas de cette reprise"):
        updating.explain(updating.hand(party), elsewhere.pk, "Ailleurs.")
    accept(moved)
    with pytest.raises(CannotTell, match="a déjà son motif"):
        updating.explain(updating.hand(party), moved.step_id or 0, "Encore.")
    assert Telling.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "reason", "said"),
    [
        (None, "Mme Voisin l’a dit.", "semble nommer une personne"),
        (None, "Appelez le 06 11 22 33 44.", "un numéro de téléphone"),
        (None, "", "Rien n’est enregistré"),
        ("x", "Le bail.", "Rien n’est enregistré"),
        ("99999999999999999999", "Le bail.", "Rien n’est enregistré"),
        ("9223372036854775807", "Le bail.", "pas de cette reprise"),
    ],
)
def test_what_is_refused_is_told(
    party: Party, moved: Telling, step: str | None, reason: str, said: str
) -> None:
    asked = {"geste": "motif", "motif-step": step or moved.step_id, "motif-reason": reason}
    assert said in text(Client().post(follow(party), asked))
    assert Telling.objects.get().reason == ROOM


def test_the_reason_of_an_annulled_step_is_no_longer_read(
    party: Party, moved: Telling, roles: SimpleNamespace, client: Client
) -> None:
    assert moved.step
    seen = tellings.mark(moved)
    moving.annul(moved.step, Author("Équipe du Carrefour"), reason="Erreur de saisie.")
    client.force_login(roles.moderator, BACKEND)
    assert ROOM not in text(client.get(QUEUE))
    with pytest.raises(CannotTell, match="déjà traité"):
        sifting.accept(moved, UserFactory(), seen=seen)
    moved.refresh_from_db()
    assert moved.answer == "L’étape est annulée\u00a0: Erreur de saisie."
    assert explained(moved) == ""
    assert READ not in public(party)


def test_only_a_text_of_the_account_marks_the_account(party: Party, moved: Telling) -> None:
    badge = "Relecture en cours"

    def account() -> str:
        page = text(Client().get(follow(party)))
        return page[page.index('id="recit"') : page.index('id="acteurs"')]

    assert badge not in account()
    actor = {"name": "Ville", "roles": ["utilisateur"], "actions": [], "detail": ""}
    updating.tell(updating.hand(party), {tellings.ACTORS: [actor]})
    assert badge not in account()
    updating.tell(updating.hand(party), {"results": "Cent."})
    assert badge in account()


@pytest.mark.parametrize("is_public", [True, False])
def test_what_is_said_of_a_new_state_is_true(*, is_public: bool) -> None:
    replication = ReplicationFactory(journal=True, waiting=not is_public)
    party = PartyFactory(replication=replication)
    asked = {
        "geste": "etat",
        "etat-to": "en-preparation",
        "etat-reason": ROOM,
        "etat-seen": replication.state,
        "etat-date": "",
    }
    page = text(Client().post(follow(party), asked, follow=True))
    assert "Le nouvel état est inscrit" in page
    assert ("visible sur la page de la reprise. L’équipe" in page) is is_public
    assert "Public aussitôt" not in page


def test_nothing_that_a_side_writes_names_someone() -> None:
    said = "Mme Martin l’a dit."
    replication = ReplicationFactory(journal=True)
    reason = StateForm({"etat-reason": said}, replication=replication)
    account = AccountForm(
        {f"recit-{name}": said for name in ("kept", "changed", "results", "lessons")}
    )
    assert "nommez l’autorité" in str(reason.errors["reason"])
    assert set(account.errors) == {"kept", "changed", "results", "lessons"}
    assert "nommez l’autorité" in str(ActorForm({"acteur-detail": said}).errors["detail"])
    assert "nommez l’autorité" in str(VerdictForm({"note": said}).errors["note"])


# --- told by e-mail -------------------------------------------------------------------------------


def test_the_side_is_told_why_once_it_may_no_longer_be_a_slip(
    party: Party, moved: Telling, postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        aside(moved)
    ((to, _, body),) = postman.mails
    assert to == [party.email]
    assert "le motif de l’état «\u00a0en préparation\u00a0»" in body
    assert "Sans nommer personne." in body
    assert f"/essaimage/reprises/{party.replication.code}/tenir-a-jour/" in body
    done = BulkAction.objects.get()
    assert not tasks.mail_text_aside(done.pk)
    assert postman.to(party.email) == 1


def test_what_is_undone_meanwhile_was_told_to_nobody(
    party: Party, moved: Telling, postman: Postman
) -> None:
    done = aside(moved)
    sifting.undo(done, author=UserFactory())
    assert not tasks.mail_text_aside(done.pk)
    again = aside(Telling.objects.get(), "Autre chose.")
    assert not tasks.mail_text_aside(done.pk)
    assert tasks.mail_text_aside(again.pk)
    assert postman.to(party.email) == 1


@pytest.mark.parametrize("why", ["gone", "refused", "accepted"])
def test_nothing_leaves_for_who_cannot_be_told_nor_of_what_is_shown(
    party: Party, moved: Telling, postman: Postman, why: str
) -> None:
    if why == "gone":
        Party.objects.filter(pk=party.pk).update(email="")
    if why == "refused":
        MailRefusal.objects.create(digest=digest(party.email))
    done = accept(moved) if why == "accepted" else aside(moved)
    assert not tasks.mail_text_aside(done.pk)
    assert postman.mails == []


@pytest.mark.parametrize(("known", "said"), [(True, "par courriel"), (False, "Aucune adresse")])
def test_staff_read_whether_the_side_hears_of_it(
    party: Party, moved: Telling, roles: SimpleNamespace, client: Client, *, known: bool, said: str
) -> None:
    if not known:
        Party.objects.filter(pk=party.pk).update(email="")
    client.force_login(roles.moderator, BACKEND)
    where = reverse("gestion_essaimage:telling_decide", args=[moved.pk])
    asked = {"action": "ecarter", "vu": tellings.mark(moved), "answer": "Trop court."}
    assert said in text(client.post(where, asked, follow=True))


# --- kept in the accounts before ------------------------------------------------------------------


def test_reasons_kept_in_accounts_are_put_apart_and_back(party: Party) -> None:
    replication = party.replication
    updating.move(updating.hand(party), Move("en-preparation", replication.state, ROOM))
    updating.move(updating.hand(party), Move("en-cours", "en-preparation", "Ouvert."))
    first, second = (one.step for one in Telling.objects.all())
    assert first
    assert second
    Telling.objects.all().delete()
    said = [
        {"step": step.pk, "state": step.state, "text": text}
        for step, text in ((first, ROOM), (second, "Ouvert."))
    ]
    told = {"replication": replication, "side": party.side}
    waiting = Telling.objects.create(**told, values={"results": "Cent.", "reasons": said[:1]})
    alone = Telling.objects.create(
        **told, values={"reasons": said}, state="ecarte", answer="Trop court."
    )
    loader = MigrationLoader(None)
    (split,) = (
        migration.operations[0]
        for (_, name), migration in loader.disk_migrations.items()
        if name.endswith("_reasons_apart")
    )

    def rows() -> list[tuple[Any, ...]]:
        found = Telling.objects.order_by("state", "step_id").values_list("state", "step", "values")
        return list(found)

    split.code(apps, None)
    assert rows() == [
        ("a-relire", first.pk, {"reason": ROOM}),
        ("a-relire", None, {"results": "Cent."}),
        ("ecarte", first.pk, {"reason": ROOM}),
        ("ecarte", second.pk, {"reason": "Ouvert."}),
    ]
    alone.refresh_from_db()
    waiting.refresh_from_db()
    assert (alone.step, waiting.step) == (first, None)
    made = Telling.objects.get(step=second)
    assert (made.answer, made.created_at) == (alone.answer, alone.created_at)

    split.reverse_code(apps, None)
    kept = [values for state, _, values in rows() if state == "a-relire"]
    assert kept == [{"results": "Cent.", "reasons": said[:1]}]
    kept = [values for state, _, values in rows() if state == "ecarte"]
    assert kept == [{"reasons": said[:1]}, {"reasons": said[1:]}]
