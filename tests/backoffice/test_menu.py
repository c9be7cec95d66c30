"""The side menu: what each role may open, under headings, and where one is."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from essaimage.backoffice import urls as essaimage_urls
from partners.backoffice import urls
from partners.backoffice.menu import GROUPS
from tests.backoffice.conftest import BACKEND
from tests.factories import ReplicationFactory

pytestmark = pytest.mark.django_db
HEADING = re.compile(r'class="bo-menu__heading"[^>]*>([^<]+)<')


def page(client: Client, user: object, name: str = "home") -> str:
    client.force_login(user, BACKEND)
    return client.get(reverse(f"backoffice:{name}")).content.decode()


@pytest.mark.parametrize(
    ("role", "headings"),
    [
        ("administrator", ["À décider", "Partenaires", "Essaimage", "Annuaire", "Suivi"]),
        ("moderator", ["À décider", "Partenaires", "Essaimage", "Annuaire", "Suivi"]),
        ("essaimage_officer", ["À décider", "Partenaires", "Essaimage", "Annuaire", "Suivi"]),
        ("statistician", ["Partenaires", "Essaimage", "Annuaire", "Suivi"]),
        ("partner_member", ["Partenaires"]),
    ],
)
def test_a_heading_stands_only_above_what_the_role_may_open(
    role: str, headings: list[str], roles: SimpleNamespace, client: Client
) -> None:
    assert HEADING.findall(page(client, getattr(roles, role))) == headings


def test_the_menu_tells_where_one_is(moderator: Client) -> None:
    text = moderator.get(reverse("backoffice:linkage_rules")).content.decode()
    assert re.search(r'aria-current="true">Rapprochements<', text)


def test_the_menu_tells_where_one_is_in_the_essaimage(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True)
    where = reverse("gestion_essaimage:review_one", args=[row.code])
    text = moderator.get(where).content.decode()
    assert re.search(r'aria-current="true">Reprises à relire<', text)


def test_the_menu_names_pages_that_exist_each_once() -> None:
    known = {pattern.name for pattern in urls.urlpatterns}
    known |= {f"gestion_essaimage:{pattern.name}" for pattern in essaimage_urls.urlpatterns}
    named = [
        name for _, lines in GROUPS for _, first, _, below in lines for name in (first, *below)
    ]
    assert len(named) == len(set(named))
    assert set(named) <= known
