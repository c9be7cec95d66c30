"""What lets us in at a source: kept sealed, sent to that site alone, never shown again."""

import json
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import transaction

from carrefour import secrets
from carrefour.http import Access, AccessKind, FetchError
from carrefour.http.access import origin_of
from carrefour.http.fetcher import check
from carrefour.http.guard import is_allowed
from partners.connectors import SourceError
from partners.models import Credential, CredentialKind, Source

KINDS = {
    CredentialKind.HEADER: AccessKind.HEADER,
    CredentialKind.QUERY: AccessKind.QUERY,
    CredentialKind.BEARER: AccessKind.BEARER,
    CredentialKind.BASIC: AccessKind.BASIC,
    CredentialKind.OAUTH2: AccessKind.OAUTH2,
}
UNREADABLE = (
    "Les identifiants d’accès de cette source ne peuvent plus être lus (la clé de chiffrement du "
    "Carrefour a changé) : redonnez-les."
)
UNPROTECTED = (
    "Cette adresse commence par http:// : le secret y passerait en clair, lisible en chemin. "
    "Donnez l’adresse en https."
)
MOVED = (
    "L’adresse de la source a changé de site depuis que ses identifiants d’accès ont été donnés : "
    "ils ne lui sont pas envoyés. Redonnez-les, ou retirez-les."
)


class Unprotected(ValueError):
    """The secret would travel in clear; the message is one French sentence."""


def store(  # noqa: PLR0913 - one argument per field of the form
    source: Source,
    kind: str,
    name: str,
    secret: str,
    user: Any,
    *,
    token_url: str = "",
    scope: str = "",
) -> Credential:
    """Keep what the source asks for, in place of what was kept.

    ``kind`` is a ``CredentialKind``; ``name`` the header, parameter, user or client. The secret is
    sealed together with the site it is for: it is of no use for another.
    Raises ``ValueError`` (one French sentence, for people, without the secret).
    """
    access = access_for(source.url, kind, name, secret, token_url=token_url, scope=scope)
    sealed = secrets.seal(json.dumps({"secret": access.secret, "origin": access.origin}))
    credential, _ = Credential.objects.update_or_create(
        source=source,
        defaults={
            "kind": kind,
            "name": access.name,
            "secret": sealed,
            "token_url": access.token_url,
            "scope": access.scope,
            "updated_by": user,
        },
    )
    # The source may have been read without it: it must not be used from memory.
    source.credential = credential
    return credential


def access_for(
    url: str, kind: str, name: str, secret: str, *, token_url: str = "", scope: str = ""
) -> Access:
    """What lets us in at the site of ``url``, kept nowhere (a trial before any source exists).

    Raises ``ValueError`` (one French sentence, for people, without the secret).
    """
    if kind not in KINDS:
        raise ValueError("Cette nature d’identifiants est inconnue.")
    try:
        origin = origin_of(check(url))
        addresses = [check(url), check(token_url)] if token_url.strip() else [check(url)]
        if not all(map(_is_protected, addresses)):
            raise Unprotected(UNPROTECTED)
    except FetchError as error:
        raise ValueError(error.message) from None
    except httpx.InvalidURL:
        raise ValueError("Cette adresse est invalide.") from None
    return Access(
        KINDS[CredentialKind(kind)],
        origin,
        name.strip(),
        secret.strip(),
        token_url.strip(),
        scope.strip(),
    )


def access_of(source: Source) -> Access | None:
    """What the source asks for, or None when it asks for nothing.

    Raises ``SourceError`` (acces) when it can no longer be opened, or was given for another site.
    """
    credential = Credential.objects.filter(source=source).first() if source.pk else None
    if credential is None:
        return None
    try:
        kept = json.loads(secrets.unseal(credential.secret))
        access = access_for(
            source.url,
            credential.kind,
            credential.name,
            kept["secret"],
            token_url=credential.token_url,
            scope=credential.scope,
        )
    except Unprotected as error:
        raise SourceError("acces", str(error)) from error
    except (secrets.SecretsKeyLost, ValueError, KeyError) as error:
        raise SourceError("acces", UNREADABLE) from error
    if not _is_same_site(kept.get("origin", ""), access.origin):
        raise SourceError("acces", MOVED)
    return access


def forget(source: Source, user: Any) -> None:
    """Erase what was kept; the history says who did."""
    with transaction.atomic():
        # Written first: the trace of a removal bears the name of the last writer.
        Credential.objects.filter(source=source).update(updated_by=user)
        Credential.objects.filter(source=source).delete()
    source._state.fields_cache.pop("credential", None)


def reseal() -> tuple[int, list[str]]:
    """Seal all again with the first key: (how many, slugs of the sources that no key opens)."""
    lost: list[str] = []
    done = 0
    with transaction.atomic():
        kept = Credential.objects.select_for_update(of=("self",)).select_related("source")
        for credential in kept.order_by("pk"):
            try:
                credential.secret = secrets.resealed(credential.secret)
            except secrets.SecretsKeyLost:
                lost.append(credential.source.slug)
                continue
            credential.save(update_fields=["secret"])
            done += 1
    return done, lost


def _is_protected(url: str) -> bool:
    """Whether what is sent there cannot be read on the way; hosts that the operator names are near
    enough."""
    allowed = frozenset(host.strip().lower() for host in settings.HARVEST_ALLOW_HOSTS)
    return urlsplit(url).scheme == "https" or is_allowed(url, allowed)


def _is_same_site(given_for: str, now: str) -> bool:
    """The same host and port; going from http to https keeps the same site."""
    before, after = urlsplit(given_for), urlsplit(now)
    if (before.scheme, before.port) == ("http", 80) and (after.scheme, after.port) == (
        "https",
        443,
    ):
        return before.hostname == after.hostname
    return given_for == now
