"""What a partner's people see and do: their own presentation, charter, completeness, no other's."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from partners.models import Partner, SourceRecord
from partners.publishing import publish_records
from tests.factories import (
    MembershipFactory,
    PartnerFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = ["presentation", "charter", "completeness", "people"]
# What each role gets, page by page: a role that sees all partners but changes none is refused.
ALLOWED = {
    "partner_member": {"presentation": 200, "charter": 200, "completeness": 200, "people": 200},
    "administrator": {"presentation": 200, "charter": 200, "completeness": 200, "people": 200},
    "moderator": {"presentation": 200, "charter": 200, "completeness": 200, "people": 403},
    "essaimage_officer": {"presentation": 403, "charter": 200, "completeness": 403, "people": 403},
    "statistician": {"presentation": 403, "charter": 200, "completeness": 403, "people": 403},
    "stranger": dict.fromkeys(PAGES, 403),
}


def url(page: str, partner: Partner) -> str:
    return reverse(f"backoffice:{page}", kwargs={"slug": partner.slug})


def logo(width: int = 900, height: int = 300, kind: str = "PNG") -> SimpleUploadedFile:
    output = BytesIO()
    Image.new("RGB", (width, height), (0, 0, 145)).save(output, kind)
    return SimpleUploadedFile("logo.png", output.getvalue(), "image/png")


@pytest.fixture
def member(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.partner_member, BACKEND)
    return client


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_opens_what_it_may(roles: SimpleNamespace, client: Client, role: str) -> None:
    client.force_login(getattr(roles, role), BACKEND)
    found = {page: client.get(url(page, roles.partner)).status_code for page in PAGES}
    assert found == ALLOWED[role]


@pytest.mark.parametrize("name", PAGES)
def test_another_partner_does_not_exist_for_a_member(member: Client, name: str) -> None:
    other = PartnerFactory()
    assert member.get(url(name, other)).status_code == 404
    assert member.post(url(name, other), {"email": "x@example.org"}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_logs_in_first(roles: SimpleNamespace, name: str) -> None:
    answer = Client().get(url(name, roles.partner))
    assert answer.url.startswith(reverse("accounts:login"))


def test_a_member_presents_the_partner_with_a_logo(roles: SimpleNamespace, member: Client) -> None:
    data = {
        "description": "Nous documentons des projets.",
        "contact_email": "contact@example.org",
        "licence": "etalab-2.0",
        "new_logo": logo(),
        # What only the team changes is not taken.
        "name": "Autre nom",
        "is_active": "",
    }
    assert member.post(url("presentation", roles.partner), data).status_code == 302
    partner = Partner.objects.get(pk=roles.partner.pk)
    assert (partner.name, partner.is_active) == (roles.partner.name, True)
    assert (partner.licence, partner.contact_email) == ("etalab-2.0", "contact@example.org")
    kept = Image.open(BytesIO(bytes(partner.logo or b"")))
    assert (kept.format, kept.size) == ("WEBP", (480, 160))
    public = Client().get(partner.get_absolute_url()).content.decode()
    address = reverse("partners:logo", args=[partner.slug, partner.logo_digest])
    assert f'src="{address}"' in public
    assert "contact@example.org" not in public
    served = Client().get(address)
    assert (served["Content-Type"], served.content) == ("image/webp", bytes(partner.logo or b""))
    assert "immutable" in served["Cache-Control"]
    member.post(url("presentation", roles.partner), {"licence": "etalab-2.0", "without_logo": "on"})
    assert Client().get(address).status_code == 404
    assert "<img class" not in Client().get(partner.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'/>"), "n’est pas une image"),
        (SimpleUploadedFile("logo.png", b"x" * 2_000_001), "2 Mo au plus"),
        (logo(20, 20), "trop petite"),
    ],
)
def test_a_logo_that_is_none_is_refused(
    roles: SimpleNamespace, member: Client, file: Any, why: str
) -> None:
    file.seek(0)
    page = member.post(
        url("presentation", roles.partner), {"licence": "inconnue", "new_logo": file}
    )
    assert why in page.content.decode()
    assert not Partner.objects.get(pk=roles.partner.pk).logo


def test_a_member_accepts_the_charter_in_its_name(roles: SimpleNamespace, member: Client) -> None:
    where = url("charter", roles.partner)
    assert "Cochez la case" in member.post(where, {}).content.decode()
    assert member.post(where, {"agreed": "on"}).status_code == 302
    partner = Partner.objects.get(pk=roles.partner.pk)
    assert partner.charter_signed_on == timezone.localdate()
    assert partner.charter_accepted_by == roles.partner_member
    page = member.get(where).content.decode()
    assert f"par {roles.partner_member}" in page
    assert (
        str(roles.partner_member) not in Client().get(partner.get_absolute_url()).content.decode()
    )


def test_the_team_does_not_accept_in_place_of_the_partner(
    roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(roles.administrator, BACKEND)
    client.post(url("charter", roles.partner), {"agreed": "on"})
    assert Partner.objects.get(pk=roles.partner.pk).charter_accepted_by is None


def test_what_is_missing_is_counted_and_listed(roles: SimpleNamespace, member: Client) -> None:
    TermFactory(code="mobilite", label="Mobilité")
    TermFactory(vocabulary="public", code="jeunes", label="Jeunes")
    source = SourceFactory(partner=roles.partner)
    SourceRecordFactory(
        source=source,
        url="",
        state="a-completer",
        values={"title": "Fiche pauvre"},
        problems=[{"code": "a-completer", "message": "Sans résumé, la fiche n’est pas publiée."}],
    )
    SourceRecordFactory(
        source=source,
        sites=[{"label": "Lormes"}],
        values={
            "title": "Fiche riche",
            "summary": "Un résumé.",
            "year": 2014,
            "porteur": {"name": "Association"},
            "picture": "https://exemple.fr/p.jpg",
            "words": {"theme": ["mobilité", "mot inconnu"], "public": ["jeunes"]},
            "reproduction": {"need": "Se déplacer."},
        },
    )
    SourceRecordFactory(source=source, state="retiree", values={"title": "Fiche partie"})
    SourceRecordFactory(values={"title": "Fiche d’un autre"})
    publish_records(list(SourceRecord.objects.order_by("pk")))
    page = " ".join(member.get(url("completeness", roles.partner)).content.decode().split())
    poor, _, rich = page.partition("Fiche riche")
    assert "Fiche pauvre" in poor
    assert "Sans résumé, la fiche n’est pas publiée." in poor
    assert "Ajoutez les conditions de réussite" in rich
    assert "<td>Besoin</td>" in page
    assert "Fiche partie" not in page
    assert "Fiche d’un autre" not in page


def test_a_word_that_nothing_explains_is_no_theme(roles: SimpleNamespace, member: Client) -> None:
    TermFactory(code="mobilite", label="Mobilité")
    source = SourceFactory(partner=roles.partner)
    for word in ("mobilité", "Ruralités diverses", "bouger"):
        SourceRecordFactory(source=source, values={"title": word, "words": {"theme": [word]}})
    publish_records(list(SourceRecord.objects.order_by("pk")))
    page = member.get(url("completeness", roles.partner))
    lacking = {
        record.values["title"]
        for record, _ in page.context["rows"]
        if not record.innovation.terms.exists()
    }
    assert lacking == {"Ruralités diverses", "bouger"}


@pytest.mark.parametrize("name", ["completeness", "people"])
def test_pages_cost_the_same_whatever_they_list(
    roles: SimpleNamespace, member: Client, name: str
) -> None:
    source = SourceFactory(partner=roles.partner)

    def add(number: int) -> None:
        for _ in range(number):
            SourceRecordFactory(source=source, values={"words": {"theme": ["mobilité"]}})
            MembershipFactory(partner=roles.partner, user=UserFactory())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert member.get(url(name, roles.partner)).status_code == 200
        return len(captured)

    add(2)
    queries()
    before = queries()
    add(8)
    assert queries() == before


def test_an_inactive_partner_shows_no_logo(member: Client) -> None:
    partner = PartnerFactory(logo=b"webp", logo_digest="d" * 64)
    address = reverse("partners:logo", args=[partner.slug, partner.logo_digest])
    assert Client().get(address).status_code == 200
    Partner.objects.filter(pk=partner.pk).update(is_active=False)
    assert Client().get(address).status_code == 404
