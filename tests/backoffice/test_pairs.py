"""The duplicates queue: what it shows, what is decided, two people at once, undoing."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from innovations.models import Innovation
from partners.consolidation import deciding, queue
from partners.consolidation.regrouping import merge
from partners.models import Pair, PairState, Remark, SourceRecord, Verdict
from partners.publishing import publish_records
from tests.factories import SourceFactory, SourceRecordFactory, UserFactory
from tests.rows import counting_rows

pytestmark = pytest.mark.django_db


def told(title: str, **changed: object) -> SourceRecord:
    values = {"title": title, "summary": "Réparer ensemble."}
    record = SourceRecordFactory(values={**values, **changed.pop("values", {})}, **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


def pair_of(one: SourceRecord, other: SourceRecord, **changed: object) -> Pair:
    given = {"score": 0.8, "proposed": Verdict.SAME, **changed}
    return Pair.objects.create(first=one, second=other, **given)


@pytest.fixture
def pair(db: None) -> Pair:
    return pair_of(
        told("Atelier de réparation de Nantes"),
        told("Atelier de réparation de Lormes"),
        explanation=[
            {
                "field": "title",
                "label": "titre",
                "first": "Atelier de réparation de Nantes",
                "second": "Atelier de réparation de Lormes",
                "similarity": 0.83,
                "says": "quatre mots sur cinq",
            }
        ],
    )


def decide(client: Client, pair: Pair, verdict: str, **data: object) -> object:
    given = {"verdict": verdict, "vu": pair.mark, **data}
    return client.post(reverse("backoffice:pair_decide", args=[pair.pk]), given)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_the_page_shows_both_records_and_what_differs(moderator: Client, pair: Pair) -> None:
    page = text(moderator.get(reverse("backoffice:pair", args=[pair.pk])))
    assert pair.first.source.partner.name in page
    assert pair.second.source.partner.name in page
    assert "propre à cette fiche : </span>Nantes" in page
    assert "quatre mots sur cinq" in page
    assert "Ce que donnerait leur réunion" in page
    assert pair.first.innovation.get_absolute_url() in page


def test_records_that_other_pairs_touch_are_shown_too(moderator: Client, pair: Pair) -> None:
    third = told("Atelier de réparation de Grenoble")
    pair_of(pair.second, third)
    page = text(moderator.get(reverse("backoffice:pair", args=[pair.pk])))
    assert "Grenoble" in page
    assert "Fiches B et C" in page


@pytest.mark.parametrize(
    ("choice", "verdict", "together", "sites"),
    [
        ("meme", Verdict.SAME, True, []),
        ("site-premiere", Verdict.SITE, True, ["first"]),
        ("site-seconde", Verdict.SITE, True, ["second"]),
        ("distinctes", Verdict.DISTINCT, False, []),
        ("incertain", Verdict.UNCERTAIN, False, []),
    ],
)
def test_each_decision_does_what_it_says(
    moderator: Client, pair: Pair, choice: str, verdict: Verdict, together: bool, sites: list[str]
) -> None:
    decide(moderator, pair, choice, motif="Même porteur.")
    pair = Pair.objects.select_related("first", "second").get(pk=pair.pk)
    assert (pair.state, pair.verdict, pair.reason) == (PairState.DECIDED, verdict, "Même porteur.")
    assert (pair.first.innovation_id == pair.second.innovation_id) is together
    assert [side for side in ("first", "second") if getattr(pair, side).is_site] == sites


def test_what_someone_else_decided_since_is_not_undone(moderator: Client, pair: Pair) -> None:
    decide(moderator, pair, "meme")
    mine = Pair.objects.get(pk=pair.pk).mark
    colleague = UserFactory(display_name="Claude")
    deciding.decide(pair, Verdict.DISTINCT, author=colleague)
    where = reverse("backoffice:pair_reopen", args=[pair.pk])
    answer = moderator.post(where, {"vu": mine}, follow=True)
    assert "rien n’est annulé" in text(answer)
    pair.refresh_from_db()
    assert (pair.state, pair.verdict) == (PairState.DECIDED, Verdict.DISTINCT)


def test_after_a_decision_the_next_pair_comes_with_the_means_to_undo(
    moderator: Client, pair: Pair
) -> None:
    nearest = pair_of(told("Recyclerie"), told("Ressourcerie"), score=0.7)
    pair_of(told("Jardin"), told("Potager"), score=0.5)
    answer = decide(moderator, pair, "meme")
    assert answer.url == f"{reverse('backoffice:pair', args=[nearest.pk])}?fait={pair.pk}"
    assert "Annuler cette décision" in text(moderator.get(answer.url))

    moderator.post(reverse("backoffice:pair_reopen", args=[pair.pk]))
    pair.refresh_from_db()
    records = SourceRecord.objects.in_bulk([pair.first_id, pair.second_id])
    assert pair.state == PairState.WAITING
    assert len({r.innovation_id for r in records.values()}) == 2


def test_postponed_it_is_found_under_later(moderator: Client, pair: Pair) -> None:
    decide(moderator, pair, "plus-tard")
    queue = reverse("backoffice:pairs")
    assert "Aucun rapprochement" in text(moderator.get(queue))
    assert str(pair.first) in text(moderator.get(f"{queue}?etat=plus-tard"))


def test_two_people_at_once_the_second_is_told_and_loses_nothing(
    moderator: Client, pair: Pair
) -> None:
    seen = pair.mark
    other = UserFactory(display_name="Camille")
    deciding.decide(pair, Verdict.DISTINCT, author=other)

    answer = decide(moderator, pair, "meme", motif="Mon motif.", vu=seen)

    page = text(answer)
    assert answer.status_code == 409
    assert "Camille vient d’en décider : innovations distinctes" in page
    assert 'value="Mon motif."' in page
    pair.refresh_from_db()
    assert pair.verdict == Verdict.DISTINCT
    # What the page now shows can be decided on, in full knowledge.
    decide(moderator, pair, "meme", motif="Mon motif.")
    pair.refresh_from_db()
    assert pair.verdict == Verdict.SAME


def test_what_staff_keep_apart_is_told_rather_than_merged(moderator: Client, pair: Pair) -> None:
    third = told("Atelier de Grenoble")
    merge(third.innovation, pair.second.innovation)
    deciding.decide(pair_of(pair.first, third), Verdict.DISTINCT, author=None)
    answer = decide(moderator, pair, "meme")
    assert answer.status_code == 409
    assert "rouvrez d’abord cette décision" in text(answer)
    pair.refresh_from_db()
    assert pair.state == PairState.WAITING


def test_the_queue_is_filtered(moderator: Client, pair: Pair) -> None:
    other = pair_of(
        told("Jardin partagé"),
        told("Potager commun"),
        proposed=Verdict.UNCERTAIN,
        explanation=[{"field": "title", "label": "titre", "similarity": 0.1, "says": "rien"}],
    )

    def shown(query: str) -> list[bool]:
        page = text(moderator.get(f"{reverse('backoffice:pairs')}?{query}"))
        return [str(p.first) in page for p in (pair, other)]

    assert shown("") == [True, True]
    assert shown(f"source={pair.second.source.slug}") == [True, False]
    assert shown(f"partenaire={other.first.source.partner.slug}") == [False, True]
    assert shown("proposition=incertain") == [False, True]
    assert shown("desaccord=title") == [False, True]
    assert shown("etat=decidee") == [False, False]
    assert shown("etat=inconnu&desaccord=x&suite=zzz") == [True, True]


def test_the_keys_can_be_switched_off_for_a_session(moderator: Client, pair: Pair) -> None:
    where = reverse("backoffice:pair", args=[pair.pk])
    assert "js/keys.js" in text(moderator.get(where))
    moderator.post(reverse("backoffice:keys"), {"touches": "non", "retour": where})
    assert "js/keys.js" not in text(moderator.get(where))
    moderator.post(reverse("backoffice:keys"), {"touches": "oui", "retour": where})
    assert "js/keys.js" in text(moderator.get(where))


@pytest.fixture
def many() -> Callable[[int], Pair]:
    """Pairs of records of a few sources, all touching one record more often than shown."""
    sources = SourceFactory.create_batch(3)

    def add(number: int) -> Pair:
        rank = SourceRecord.objects.count()
        records = [
            SourceRecordFactory.build(
                source=sources[n % 3],
                external_id=f"p{rank + n}",
                values={"title": f"Atelier {n}", "summary": "Réparer.", "words": {"theme": ["a"]}},
            )
            for n in range(2 * number)
        ]
        SourceRecord.objects.bulk_create(records)
        publish_records(records)
        hub = SourceRecord.objects.order_by("pk").first()
        others = list(SourceRecord.objects.exclude(pk=hub.pk).order_by("pk"))
        known = set(Pair.objects.values_list("second", flat=True))
        Pair.objects.bulk_create(
            Pair(first=hub, second=other, score=0.5, proposed=Verdict.SAME)
            for other in others
            if other.pk not in known
        )
        return Pair.objects.order_by("pk").first()

    return add


@pytest.mark.parametrize("page", ["pairs", "pair"])
def test_a_page_costs_the_same_for_10_and_300_pairs(
    page: str, moderator: Client, many: Callable[[int], Pair]
) -> None:
    one = many(10)
    where = reverse(f"backoffice:{page}", args=[one.pk] if page == "pair" else [])
    moderator.get(where)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries, counting_rows() as rows:
            assert moderator.get(where).status_code == 200
        costs.append((len(queries), rows.count))
        many(150)
    assert Pair.objects.count() > 300
    (few_queries, _), (queries_, rows_) = costs
    assert queries_ <= few_queries <= 12
    assert rows_ < 150


def test_a_partners_remark_waits_for_the_team(moderator: Client, pair: Pair) -> None:
    Remark.objects.create(record=pair.first, text="Ce n’est pas la même.")
    assert "1 remarque de partenaires" in text(moderator.get(reverse("backoffice:pairs")))
    page = text(moderator.get(reverse("backoffice:remarks")))
    assert "Ce n’est pas la même." in page
    moderator.post(reverse("backoffice:remark_settle", args=[Remark.objects.get().pk]))
    assert not Remark.objects.waiting().exists()
    assert Innovation.objects.count() == 2


def test_what_a_merge_would_give_tells_nothing_of_the_records_beside(
    moderator: Client, pair: Pair
) -> None:
    beside = told("Tout autre", values={"summary": "Le texte d’un autre projet. " * 30})
    pair_of(pair.first, beside)
    page = moderator.get(reverse("backoffice:pair", args=[pair.pk]))
    assert beside.pk in [record.pk for _, record in page.context["records"]]
    preview = page.context["preview"]
    assert "Le texte d’un autre projet" not in " ".join(v.text for v in preview.values)
    assert len(preview.composed.citations) == preview.total == 2


def test_a_record_of_very_many_sources_is_previewed_from_the_first(
    moderator: Client, pair: Pair
) -> None:
    source = SourceFactory()

    def more(number: int) -> None:
        for _ in range(number):
            SourceRecordFactory(source=source, innovation=pair.first.innovation, is_site=True)

    args = [pair.first.innovation_id, pair.second.innovation_id]
    addresses = [
        reverse("backoffice:pair", args=[pair.pk]),
        reverse("backoffice:innovation_join_with", args=args),
    ]
    read = []
    for number in (queue.MOST_READ + 5, 20):
        more(number)
        with counting_rows() as rows:
            pages = [text(moderator.get(where)) for where in addresses]
        read.append(rows.count)
    total = queue.MOST_READ + 27
    assert all(f"d’après {queue.MOST_READ + 1} des {total} fiches" in page for page in pages)
    assert read[0] == read[1]
    split = reverse("backoffice:innovation_split", args=args[:1])
    page = text(moderator.post(split, {"fiche": [pair.first_id]}))
    assert f"d’après {queue.MOST_READ} des {total - 2} fiches" in page


def test_what_a_rule_linked_and_is_no_longer_alike_is_found(moderator: Client, pair: Pair) -> None:
    Pair.objects.filter(pk=pair.pk).update(
        state=PairState.LINKED, verdict=Verdict.SAME, proposed=Verdict.DISTINCT
    )
    where = f"{reverse('backoffice:pairs')}?etat={queue.ESTRANGED}"
    assert "Atelier de réparation de Nantes" in text(moderator.get(where))
    assert "réunion à revoir" in text(moderator.get(reverse("backoffice:home")))
    answer = decide(moderator, Pair.objects.get(), "distinctes")
    assert answer.status_code == 302
    assert "Aucun rapprochement" in text(moderator.get(where))
