"""Files dropped by hand, and what lets us in at a source: who may, and what stays secret."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners import deposits
from partners.models import Credential, Deposit, Run, Source
from tests.factories import MembershipFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = settings.AUTHENTICATION_BACKENDS[-1]
CSV = "Titre du projet;Résumé\nAtelier;Réparer ensemble.\n".encode()
SECRET = "sesame-tres-secret-42"


def where(source: Source, name: str = "deposits", *more: int) -> str:
    return reverse(f"backoffice:{name}", args=[source.slug, *more])


def drop(client: Client, source: Source, content: bytes = CSV, name: str = "p.csv") -> object:
    return client.post(where(source), {"file": SimpleUploadedFile(name, content)})


def test_a_file_is_kept_with_who_when_and_how_big(
    moderator: Client, source: Source, roles: SimpleNamespace
) -> None:
    drop(moderator, source, name="../../projets 2026.csv")
    kept = Deposit.objects.get()
    assert (kept.name, kept.size, kept.created_by) == (
        "projets 2026.csv",
        len(CSV),
        roles.moderator,
    )
    page = moderator.get(where(source)).content.decode()
    assert "projets 2026.csv" in page
    assert "Le dernier fichier n’a pas encore été moissonné" in page


def test_a_harvest_reads_the_latest_file(moderator: Client, source: Source) -> None:
    from partners.harvest import harvest

    rules = [{"target": "title", "path": "Titre du projet"}]
    Source.objects.filter(pk=source.pk).update(
        url=deposits.address_for(source.partner), connector="spreadsheet", mapping=rules
    )
    drop(moderator, source)
    drop(moderator, source, b"Titre du projet\nJardin\n")
    source.refresh_from_db()
    report = harvest(source)
    assert report.problem == ""
    assert [r.values["title"] for r in source.records.all()] == ["Jardin"]
    assert "n’a pas encore été moissonné" not in moderator.get(where(source)).content.decode()


def test_a_file_too_big_is_refused_with_its_weight(
    moderator: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposits, "MAX_BYTES", 1_000_000)
    page = drop(moderator, source, b"a;b\n" * 600_000).content.decode()  # type: ignore[attr-defined]
    assert "Ce fichier pèse 2 Mo : la limite est de 1 Mo." in page
    assert not Deposit.objects.exists()


@pytest.mark.parametrize(
    "content",
    ["a;b\n1;2\n".encode("utf-16"), b'{"a": 1}', b"<?xml version='1.0'?><a/>",
     b"PK\x03\x04....", b"\x1f\x8b\x08....", "Prénom;Été\n".encode("cp1252")],
    ids=["utf-16", "json", "xml", "zip", "gzip", "cp1252"],
)  # fmt: skip
def test_what_a_connector_may_read_is_kept(
    moderator: Client, source: Source, content: bytes
) -> None:
    drop(moderator, source, content)
    assert bytes(Deposit.objects.get().content) == content


def test_the_members_of_the_source_s_partner_drop_and_take_back_its_files(
    client: Client, source: Source, roles: SimpleNamespace
) -> None:
    client.force_login(roles.partner_member, BACKEND)
    drop(client, source)
    kept = Deposit.objects.get()
    assert kept.created_by == roles.partner_member
    page = client.get(where(source)).content.decode()
    assert "Moissonner maintenant" not in page
    assert "que l’équipe du Carrefour lance" in page or "Il le sera au prochain passage" in page
    response = client.get(where(source, "deposit", kept.pk))
    assert response.content == CSV
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]


def test_nobody_else_sees_a_source_s_files(
    client: Client, source: Source, roles: SimpleNamespace
) -> None:
    kept = deposits.store(source, SimpleUploadedFile("p.csv", CSV), roles.moderator)
    other = MembershipFactory(partner=PartnerFactory(), user=UserFactory(email="autre@exemple.fr"))
    wanted = {
        other.user: 404,
        roles.statistician: 403,
        roles.essaimage_officer: 403,
        roles.stranger: 403,
    }
    for address in (where(source), where(source, "deposit", kept.pk)):
        assert client.get(address).url.startswith(reverse("accounts:login"))
    for user, status in wanted.items():
        client.force_login(user, BACKEND)
        assert client.get(where(source)).status_code == status
        assert client.get(where(source, "deposit", kept.pk)).status_code == status
        assert drop(client, source).status_code == status  # type: ignore[attr-defined]
        client.logout()
    assert Deposit.objects.count() == 1


def test_a_file_is_only_reached_through_its_own_source(
    moderator: Client, source: Source, roles: SimpleNamespace
) -> None:
    from tests.factories import SourceFactory

    kept = deposits.store(source, SimpleUploadedFile("p.csv", CSV), roles.moderator)
    other = SourceFactory()
    assert moderator.get(where(other, "deposit", kept.pk)).status_code == 404


def test_the_list_costs_the_same_for_few_and_many_files(
    moderator: Client, source: Source, roles: SimpleNamespace
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get(where(source)).status_code == 200
        # The files themselves are not read to list them.
        assert not any('"content"' in q["sql"] for q in captured.captured_queries)
        return len(captured)

    for _ in range(3):
        deposits.store(source, SimpleUploadedFile("p.csv", CSV), roles.moderator)
    cost()
    few = cost()
    for _ in range(12):
        deposits.store(source, SimpleUploadedFile("p.csv", CSV), roles.moderator)
    assert cost() == few <= 15


def give(client: Client, source: Source, **changed: str) -> object:
    data = {
        "action": "enregistrer", "acces-kind": "en-tete", "acces-name": "X-Cle",
        "acces-secret": SECRET, **changed,
    }  # fmt: skip
    return client.post(where(source, "source_access"), data)


def test_credentials_are_set_replaced_and_forgotten(
    moderator: Client, source: Source, roles: SimpleNamespace
) -> None:
    give(moderator, source)
    kept = Credential.objects.get()
    assert (kept.kind, kept.name, kept.updated_by) == ("en-tete", "X-Cle", roles.moderator)
    give(moderator, source, **{"acces-kind": "jeton", "acces-name": ""})
    assert Credential.objects.get().kind == "jeton"
    page = moderator.get(where(source, "source_access")).content.decode()
    assert "Jeton (Bearer)" in page
    assert "il ne peut pas être relu" in page
    moderator.post(where(source, "source_access"), {"action": "oublier"})
    assert not Credential.objects.exists()


def test_what_an_access_needs_is_told_on_its_field(moderator: Client, source: Source) -> None:
    form = give(moderator, source, **{"acces-name": ""}).context["form"]  # type: ignore[attr-defined]
    assert form.errors["name"] == ["Donnez le nom de l’en-tête, par exemple X-API-Key."]
    form = give(moderator, source, **{"acces-kind": "oauth2"}).context["form"]  # type: ignore[attr-defined]
    assert form.errors["token_url"] == ["Donnez l’adresse qui délivre les jetons."]
    form = give(moderator, source, **{"acces-secret": ""}).context["form"]  # type: ignore[attr-defined]
    assert "secret" in form.errors
    assert not Credential.objects.exists()


def test_a_secret_is_on_no_page_in_no_table_and_in_no_log(
    moderator: Client,
    source: Source,
    roles: SimpleNamespace,
    caplog: pytest.LogCaptureFixture,
    client: Client,
) -> None:
    caplog.set_level("DEBUG")
    give(moderator, source)
    # A form refused for another reason does not give it back either.
    refused = give(moderator, source, **{"acces-name": ""})
    pages = [refused.content.decode()]  # type: ignore[attr-defined]
    shown = ("source_access", "source_edit", "source", "source_mapping", "mapping_versions")
    pages += [moderator.get(where(source, name)).content.decode() for name in shown]
    roles.administrator.is_superuser = True
    roles.administrator.save()
    client.force_login(roles.administrator, BACKEND)
    admin = reverse("admin:partners_source_change", args=[source.pk])
    pages.append(client.get(admin).content.decode())
    assert not any(SECRET in page for page in pages)
    assert SECRET not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^partners_'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{SECRET}%"]
            )
            assert cursor.fetchone() == (0,), table
    assert not Run.objects.exists()
