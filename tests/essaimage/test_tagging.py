"""What the search knows of replications, followed at once and repaired as a whole."""

from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict

from essaimage import editing, moderating, tagging
from essaimage.models import NationalTakeUp, Publication, Replication, ReplicationStep
from essaimage.moving import Author, Move, annul, move
from essaimage.tasks import follow_replications
from innovations import bulk
from innovations.models import Innovation, SearchExtra, SearchRow
from innovations.search import InnovationSearch
from innovations.search_data import Figures
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
STAFF = Author("Équipe du Carrefour")


def tags(innovation: Innovation) -> set[str]:
    return set(SearchRow.objects.get(pk=innovation.pk).tags)


def ask(query: str) -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def test_a_move_is_seen_by_the_search_at_once_and_its_annulment_too() -> None:
    innovation = InnovationFactory(published=True)
    one = ReplicationFactory(
        innovation=innovation, state="en-preparation", forms=["reseaux"], journal=True
    )
    assert tags(innovation) == {"diffusion:reseaux"}

    move(one, Move(to="en-cours", seen="en-preparation", reason="Ouverture."), STAFF)
    assert tags(innovation) == {"diffusion:reseaux", "essaimee:oui"}
    assert ask("essaimee=oui").total == 1

    annul(ReplicationStep.objects.latest("pk"), STAFF, reason="Erreur.")
    assert tags(innovation) == {"diffusion:reseaux"}
    assert ask("essaimee=oui").total == 0


def test_a_stopped_one_has_still_spread() -> None:
    one = ReplicationFactory(state="abandonnee", journal={"en-cours": "2018"})

    assert tags(one.innovation) == {"essaimee:oui"}


def test_what_is_not_published_says_nothing() -> None:
    one = ReplicationFactory(state="en-cours", forms=["reseaux"], waiting=True, journal=True)
    assert tags(one.innovation) == set()

    one.publication = "publiee"
    one.save()
    tagging.follow([one.innovation_id])

    assert tags(one.innovation) == {"diffusion:reseaux", "essaimee:oui"}


def test_a_national_take_up_that_is_done_is_a_form_of_diffusion() -> None:
    done, wished = InnovationFactory.create_batch(2, published=True)
    NationalTakeUp.objects.create(innovation=done, mode="loi", is_done=True)
    NationalTakeUp.objects.create(innovation=wished, mode="loi", is_done=False)

    assert tagging.follow_all() == 1

    assert tags(done) == {"diffusion:generalisation"}
    assert tags(wished) == set()


def test_a_merge_and_a_split_are_repaired_as_a_whole() -> None:
    kept, other = InnovationFactory.create_batch(2, published=True)
    ReplicationFactory(innovation=other, state="en-cours", journal=True)
    Innovation.objects.filter(pk=other.pk).update(merged_into=kept, status="reunie")

    assert follow_replications() == 2
    assert tags(kept) == {"essaimee:oui"}

    Innovation.objects.filter(pk=other.pk).update(merged_into=None, status="publiee")
    call_command("follow_replications")

    assert tags(kept) == set()
    assert tags(other) == {"essaimee:oui"}
    assert tagging.follow_all() == 0


def test_the_tags_of_others_are_left_alone() -> None:
    one = ReplicationFactory(state="en-cours")
    SearchExtra.objects.create(innovation=one.innovation, tags=["besoin:logement"])

    tagging.follow([one.innovation_id])
    assert tags(one.innovation) == {"besoin:logement", "essaimee:oui"}

    Replication.objects.update(publication="a-relire")
    tagging.follow([one.innovation_id])
    assert tags(one.innovation) == {"besoin:logement"}


def test_the_number_of_queries_does_not_grow(django_assert_num_queries: object) -> None:
    for _ in range(2):
        ReplicationFactory.create_batch(5, state="en-cours")
        ids = list(Innovation.objects.values_list("pk", flat=True))
        tagging.follow(ids)
        Replication.objects.update(forms=["reseaux"])
        with django_assert_num_queries(14):  # type: ignore[operator]
            tagging.follow(ids)
        Replication.objects.update(forms=[])


def test_the_facets_count_exactly_and_blind_to_their_own_choice() -> None:
    for forms in (["reseaux"], ["reseaux", "proximite"], ["proximite"], []):
        ReplicationFactory(state="en-cours", forms=forms, journal=True)
    ReplicationFactory(forms=["proximite"], journal=True)
    InnovationFactory(published=True)

    search = ask("diffusion=reseaux&vue=donnees")

    assert search.total == 2
    assert search.facets["diffusion"] == {"reseaux": 2, "proximite": 3}
    assert search.facets["essaimee"] == {"oui": 2}
    for code, count in search.facets["diffusion"].items():
        assert ask(f"diffusion={code}").total == count
    table = Figures(everything := ask("vue=donnees"), SearchPage(everything)).table("diffusion")
    assert table.unknown == 2
    [chosen] = SearchPage(search).active
    assert chosen.label == "Forme de diffusion : essaimage par les réseaux"


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_same_record_at_once_leave_the_tags_of_both() -> None:
    innovation = InnovationFactory(published=True)
    ones = [
        ReplicationFactory(innovation=innovation, forms=[form], waiting=True)
        for form in ("reseaux", "proximite")
    ]
    start = Barrier(2, timeout=20)

    def publish(one: Replication) -> None:
        try:
            with transaction.atomic():
                Replication.objects.filter(pk=one.pk).update(publication="publiee")
                start.wait()
                tagging.follow([innovation.pk])
        finally:
            connection.close()

    threads = [Thread(target=publish, args=[one]) for one in ones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert tags(innovation) == {"diffusion:reseaux", "diffusion:proximite"}


def test_a_decision_of_staff_and_its_undoing_are_seen_at_once(roles: SimpleNamespace) -> None:
    innovation = InnovationFactory(published=True)
    one = ReplicationFactory(innovation=innovation, publication="a-relire", forms=["proximite"])
    assert tags(innovation) == set()
    published = moderating.decide(
        one,
        moderating.Choice(Publication.PUBLISHED),
        author=roles.moderator,
        seen=editing.mark(one),
    )
    assert tags(innovation) == {"diffusion:proximite"}
    bulk.undo(published, author=roles.moderator)
    assert tags(innovation) == set()


def test_a_form_written_by_staff_is_seen_at_once(roles: SimpleNamespace) -> None:
    one = ReplicationFactory(forms=["proximite"])
    seen = {name: editing.digest(value) for name, value in editing.values(one).items()}
    editing.write(
        one, {"forms": ["reseaux"]}, seen, author=roles.essaimage_officer, reason="Précision."
    )
    assert tags(one.innovation) == {"diffusion:reseaux"}
