"""A link opens one thing, once, for a time; its digest only is kept."""

import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from essaimage import links
from essaimage.links import DeadLink
from essaimage.models import Link, Purpose
from tests.at_once import in_a_thread


@pytest.mark.django_db
def test_a_link_opens_what_it_was_made_for_and_reading_does_not_use_it() -> None:
    token = links.make(Purpose.VERDICT, 7)
    assert [links.read(token, Purpose.VERDICT) for _ in range(2)] == [7, 7]
    assert links.use(token, Purpose.VERDICT) == 7
    for act in (links.read, links.use):
        with pytest.raises(DeadLink) as refused:
            act(token, Purpose.VERDICT)
        assert refused.value.message == links.USED


@pytest.mark.django_db
def test_it_opens_nothing_else_and_its_token_is_not_kept() -> None:
    token = links.make(Purpose.VERDICT, 7)
    for wrong in (token[:-1], token + "x", "", "\x00"):
        with pytest.raises(DeadLink):
            links.read(wrong, Purpose.VERDICT)
    with pytest.raises(DeadLink):
        links.use(token, Purpose.FOLLOW)
    assert token not in str(list(Link.objects.values()))
    assert links.read(token, Purpose.VERDICT) == 7


@pytest.mark.django_db
def test_it_ends_with_its_time() -> None:
    token = links.make(Purpose.VERDICT, 7, lasts=datetime.timedelta(seconds=-1))
    for act in (links.read, links.use):
        with pytest.raises(DeadLink) as refused:
            act(token, Purpose.VERDICT)
        assert refused.value.message == links.EXPIRED


@pytest.mark.django_db
def test_those_that_wait_for_one_subject_are_closed_together() -> None:
    mine = [links.make(Purpose.VERDICT, 7) for _ in range(2)]
    others = [links.make(Purpose.VERDICT, 8), links.make(Purpose.FOLLOW, 7)]
    assert links.revoke(Purpose.VERDICT, 7) == 2
    for token in mine:
        with pytest.raises(DeadLink):
            links.use(token, Purpose.VERDICT)
    assert links.use(others[0], Purpose.VERDICT) == 8
    assert links.use(others[1], Purpose.FOLLOW) == 7


@pytest.mark.django_db
def test_what_ended_a_while_ago_is_forgotten() -> None:
    links.make(Purpose.VERDICT, 7)
    links.make(Purpose.VERDICT, 8)
    long_ago = timezone.now() - datetime.timedelta(days=links.KEPT_DAYS + 1)
    Link.objects.filter(subject=8).update(expires_at=long_ago)
    assert links.purge() == 1
    assert Link.objects.get().subject == 7


@pytest.mark.django_db(transaction=True)
def test_of_two_who_post_at_once_one_is_refused() -> None:
    token = links.make(Purpose.VERDICT, 7)
    said: list[str] = []

    def post() -> None:
        try:
            said.append(str(links.use(token, Purpose.VERDICT)))
        except DeadLink as refused:
            said.append(refused.message)

    with transaction.atomic():
        links.use(token, Purpose.VERDICT)
        other = in_a_thread(post)
        assert said == [], "The other waits for the first."
    other.join(10)
    assert said == [links.USED]


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_gives_the_link_back() -> None:
    token = links.make(Purpose.VERDICT, 7)
    with transaction.atomic():
        links.use(token, Purpose.VERDICT)
        transaction.set_rollback(True)
    assert links.use(token, Purpose.VERDICT) == 7
