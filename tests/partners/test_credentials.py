"""Credentials of sources: sealed, bound to their site, and shown in no place people read."""

import json
import logging
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from carrefour import secrets
from carrefour.http import AccessKind
from partners import credentials
from partners.connectors import SourceError
from partners.models import Credential, Source
from tests.factories import SourceFactory, UserFactory

SECRET = "s3cret-9f8a7b6c5d"
pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return SourceFactory(url="https://api.exemple.fr/v1/projets?lang=fr")


def test_a_secret_is_sealed_and_opened_for_its_source(source: Source) -> None:
    user = UserFactory()
    credentials.store(source, "en-tete", "X-Api-Key", f" {SECRET}\n", user)
    kept = Credential.objects.get()
    assert SECRET not in kept.secret
    assert (kept.name, kept.updated_by) == ("X-Api-Key", user)
    access = credentials.access_of(source)
    assert access is not None
    assert (access.kind, access.name, access.secret, access.origin) == (
        AccessKind.HEADER,
        "X-Api-Key",
        SECRET,
        "https://api.exemple.fr:443",
    )
    assert SECRET not in repr(access)


def test_no_table_holds_the_secret_and_no_history_its_sealed_form(source: Source) -> None:
    credentials.store(source, "jeton", "", SECRET, None)
    credentials.store(
        source, "oauth2", "client", SECRET, None, token_url="https://sso.exemple.fr/t"
    )
    assert Credential.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM partners_credentialevent e")
        history = [row[0] for row in cursor.fetchall()]
    assert len(history) == 2
    sealed = Credential.objects.get().secret
    assert not [h for h in history if SECRET in h or sealed in h or '"secret"' in h]


def test_a_source_without_credentials_has_no_access(source: Source) -> None:
    assert credentials.access_of(source) is None
    assert credentials.access_of(Source(url="https://exemple.fr/")) is None


def test_forgotten_credentials_are_gone_and_the_history_says_who(source: Source) -> None:
    user = UserFactory()
    credentials.store(source, "basique", "compte", SECRET, None)
    credentials.forget(source, user)
    assert credentials.access_of(source) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT updated_by_id FROM partners_credentialevent ORDER BY pgh_id")
        assert [row[0] for row in cursor.fetchall()][-1] == user.pk


@pytest.mark.parametrize(
    ("url", "is_let_in"),
    [
        ("https://api.exemple.fr/v2/fiches", True),
        ("https://voleur.exemple.fr/v1/projets", False),
        ("https://api.exemple.fr:8443/v1/projets", False),
        ("http://api.exemple.fr/v1/projets", False),
        ("https://api.exemple.fr@voleur.exemple.fr/", False),
    ],
)
def test_a_secret_does_not_follow_a_source_to_another_site(
    source: Source, url: str, is_let_in: bool
) -> None:
    credentials.store(source, "jeton", "", SECRET, None)
    source.url = url
    source.save()
    if is_let_in:
        assert credentials.access_of(source) is not None
        return
    with pytest.raises(SourceError) as caught:
        credentials.access_of(source)
    assert caught.value.code == "acces"
    assert SECRET not in caught.value.message


def test_a_sealed_secret_moved_to_another_source_in_the_database_is_of_no_use(
    source: Source,
) -> None:
    credentials.store(source, "jeton", "", SECRET, None)
    other = SourceFactory(url="https://voleur.exemple.fr/")
    Credential.objects.update(source=other)
    with pytest.raises(SourceError):
        credentials.access_of(other)


@pytest.mark.parametrize(
    ("url", "token_url"),
    [
        ("http://api.exemple.fr/projets", ""),
        ("https://api.exemple.fr/projets", "http://jetons.exemple.fr/t"),
    ],
)
def test_a_secret_that_would_travel_in_clear_is_refused_in_french(url: str, token_url: str) -> None:
    source = SourceFactory(url=url)
    kind = "oauth2" if token_url else "jeton"
    with pytest.raises(ValueError, match=r"en clair.*Donnez l’adresse en https"):
        credentials.store(source, kind, "client", SECRET, None, token_url=token_url)
    assert not Credential.objects.exists()


@override_settings(HARVEST_ALLOW_HOSTS=["api.exemple.fr"])
def test_a_host_that_the_operator_names_may_do_without_https() -> None:
    source = SourceFactory(url="http://api.exemple.fr/projets")
    credentials.store(source, "jeton", "", SECRET, None)
    assert credentials.access_of(source) is not None
    with override_settings(HARVEST_ALLOW_HOSTS=[]), pytest.raises(SourceError, match="en clair"):
        credentials.access_of(source)


def test_a_site_that_goes_to_https_keeps_its_credentials() -> None:
    source = SourceFactory(url="http://api.exemple.fr/projets")
    with override_settings(HARVEST_ALLOW_HOSTS=["api.exemple.fr"]):
        credentials.store(source, "jeton", "", SECRET, None)
    source.url = "https://api.exemple.fr/projets"
    access = credentials.access_of(source)
    assert access is not None
    assert access.origin == "https://api.exemple.fr:443"


WRONG: list[Callable[[Source], object]] = [
    lambda s: credentials.store(s, "inconnue", "x", SECRET, None),
    lambda s: credentials.store(s, "en-tete", "Deux Mots", SECRET, None),
    lambda s: credentials.store(s, "en-tete", "X-Cle", f"{SECRET}\r\nHost: x", None),
    lambda s: credentials.store(s, "parametre", "cle", "", None),
    lambda s: credentials.store(s, "oauth2", "client", SECRET, None),
    lambda s: credentials.store(s, "oauth2", "c", SECRET, None, token_url="ftp://exemple.fr/"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_serve_is_refused_in_french_and_kept_nowhere(
    source: Source, wrong: Callable[[Source], object]
) -> None:
    with pytest.raises(ValueError, match=r"\.$|ftp") as caught:
        wrong(source)
    assert SECRET not in str(caught.value)
    assert not Credential.objects.exists()


def test_keys_are_rotated_without_losing_a_secret(source: Source) -> None:
    with override_settings(SECRETS_KEYS=["ancienne clé"]):
        credentials.store(source, "jeton", "", SECRET, None)
    with override_settings(SECRETS_KEYS=["nouvelle clé", "ancienne clé"]):
        assert credentials.access_of(source) is not None
        told = StringIO()
        call_command("reseal_credentials", stderr=told)
        assert "rechiffrés : 1" in told.getvalue()
    with override_settings(SECRETS_KEYS=["nouvelle clé"]):
        access = credentials.access_of(source)
        assert access is not None
        assert access.secret == SECRET
    with override_settings(SECRETS_KEYS=["ancienne clé"]):
        with pytest.raises(SourceError, match="redonnez-les"):
            credentials.access_of(source)
        with pytest.raises(CommandError, match=source.slug):
            call_command("reseal_credentials", stderr=StringIO())


def test_what_was_altered_is_not_opened() -> None:
    sealed = secrets.seal(json.dumps({"secret": SECRET}))
    middle = len(sealed) // 2
    altered = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    assert secrets.unseal(sealed) == json.dumps({"secret": SECRET})
    with pytest.raises(secrets.SecretsKeyLost):
        secrets.unseal(altered)


def test_nothing_is_logged_of_a_secret(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credentials.store(source, "jeton", "", SECRET, None)
    credentials.access_of(source)
    assert SECRET not in caplog.text
    assert SECRET not in f"{Credential.objects.get().__dict__} {Credential.objects.get()}"
