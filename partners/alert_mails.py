"""What people who asked to be warned read: what happened, what to do, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from carrefour.text import one_line
from partners.access import reads_raw
from partners.health import Cause, Trouble
from partners.models import Alert, Source

SALT = "partners.alerts"
# Cause → what the team does, what a partner's people do.
ACTIONS = {
    Cause.FAILED: (
        "Ouvrez le moissonnage : la raison y est dite, requête par requête. Une adresse qui a "
        "changé se corrige dans les réglages de la source ; un site en panne se réessaie seul.",
        "Vérifiez que l’adresse moissonnée répond. Si elle a changé, dites-le à l’équipe du "
        "Carrefour. Vos fiches déjà reçues restent en ligne.",
    ),
    Cause.HELD_BACK: (
        "Regardez la liste des fiches qui manquent, puis décidez : les retirer ou les garder. "
        "D’ici là, rien n’est retiré.",
        "Vérifiez que votre site montre bien toutes ses fiches. D’ici là, rien n’est retiré du "
        "Carrefour ; l’équipe décidera.",
    ),
    Cause.CONTRACT: (
        "Comparez ce que la source donne avec ce qu’elle donnait : une colonne renommée se "
        "rattrape dans la correspondance des champs.",
        "Vérifiez qu’aucune colonne n’a été renommée, vidée ou retirée dans ce que vous publiez.",
    ),
    Cause.UNFINISHED: (
        "Rien à faire si la source est grande : la lecture continue d’elle-même. Si cela dure, "
        "réduisez ce qui est lu ou augmentez le temps imparti à un moissonnage.",
        "Rien à faire si votre site est grand : la lecture continue d’elle-même. S’il répond "
        "lentement, c’est ce qu’il faut regarder.",
    ),
    Cause.REFUSED: (
        "Lisez les motifs : corrigez la correspondance et rejouez, ou envoyez le fichier des "
        "refus au partenaire.",
        "Lisez les motifs et corrigez ces lignes chez vous : elles seront reprises au prochain "
        "moissonnage.",
    ),
    Cause.WORDS: ("Dites à quel terme correspond chaque mot, ou écartez-le.", ""),
}
PAGES = {
    Cause.FAILED: "backoffice:source",
    Cause.HELD_BACK: "backoffice:held_back",
    Cause.CONTRACT: "backoffice:source",
    Cause.UNFINISHED: "backoffice:source",
    Cause.REFUSED: "backoffice:rejected",
    Cause.WORDS: "backoffice:vocabulary",
}


@dataclass(frozen=True)
class Notice:
    """A trouble as one person is told of it: ``action`` says what to do, at ``url``."""

    label: str
    text: str
    action: str
    url: str
    is_new: bool


def notices_of(troubles: Sequence[Trouble], news: set[str], user: Any) -> list[Notice]:
    return [_notice(t, news, user) for t in troubles]


def _notice(trouble: Trouble, news: set[str], user: Any) -> Notice:
    action = ACTIONS[trouble.cause][0 if user.has_perm("partners.change_source") else 1]
    is_new = any(f"{trouble.cause.value}:{key}" in news for key in trouble.keys)
    return Notice(trouble.label, trouble.text, action, _page(trouble.cause, user), is_new)


def _page(cause: Cause, user: Any) -> str:
    """Where to act; the source's own page for the roles that do not read what was received."""
    raw = cause in {Cause.HELD_BACK, Cause.REFUSED}
    return "backoffice:source" if raw and not reads_raw(user) else PAGES[cause]


def write(alert: Alert, user: Any, source: Source, notices: Sequence[Notice]) -> None:
    """Raises ``OSError`` (``SMTPException`` is one) when the mail cannot leave."""
    stop_link = settings.BASE_URL + stop_url(alert)
    context = {
        "source": source,
        "page": settings.BASE_URL + reverse("backoffice:source", args=[source.slug]),
        "notices": [(n, settings.BASE_URL + _address(n, source)) for n in notices],
        "stop_link": stop_link,
        "base_url": settings.BASE_URL,
    }
    name = "trouble" if notices else "over"
    EmailMessage(
        _subject(source, notices),
        render_to_string(f"partners/alert_mail_{name}.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
        # RFC 8058: mail programs show « se désabonner » and post there by themselves.
        headers={
            "List-Unsubscribe": f"<{stop_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()


def _subject(source: Source, notices: Sequence[Notice]) -> str:
    names = one_line(f"{source.partner.name} – {source.name}")[:120]
    if not notices:
        return f"{names} : tout va bien de nouveau"
    new = [n for n in notices if n.is_new] or notices
    what = new[0].label.lower() if len(new) == 1 else f"{len(new)} points à regarder"
    return f"{names} : {what}"


def _address(notice: Notice, source: Source) -> str:
    if notice.url == PAGES[Cause.WORDS]:
        return f"{reverse(notice.url)}?source={source.slug}"
    return reverse(notice.url, args=[source.slug])


def stop_url(alert: Alert) -> str:
    """The page that stops an alert without logging in."""
    return reverse("backoffice:alert_stop", args=[signing.dumps(alert.pk, salt=SALT)])
