"""Partners as a table. Their step is told, never imported: it is the collective's or facts'."""

import datetime
from collections.abc import Iterable
from typing import Any

import pghistory
from django.core.exceptions import ValidationError

from innovations.licences import Licence
from partners import life
from partners.exchange.base import Kind, Refused, Row
from partners.models import Partner, PartnerKind
from partners.naming import free_slug

TEXTS = {
    "nom": "name",
    "nature": "kind",
    "site_web": "website",
    "presentation": "description",
    "contact": "contact_email",
    "licence": "licence",
}


class Partners(Kind):
    name = "partenaires"
    label = "Partenaires"
    columns = (
        "identifiant", "nom", "nature", "site_web", "presentation", "contact", "licence",
        "charte_signee_le", "etape",
    )  # fmt: skip
    keys = ("identifiant", "nom")
    fixed = ("etape",)
    view, change = "partners.change_partner", "partners.change_partner"

    def rows(self) -> Iterable[dict[str, str]]:
        return [self.current(partner) for partner in Partner.objects.defer("logo")]

    def find(self, row: Row) -> Partner | None:
        slug = row.get("identifiant", "")
        found = Partner.objects.filter(slug=slug).first() if slug else None
        if slug and found is None:
            raise Refused(
                f"Aucun partenaire n’a l’identifiant « {slug} » : laissez-le vide pour en ajouter."
            )
        return found

    def current(self, found: Partner) -> dict[str, str]:
        signed = found.charter_signed_on
        return {
            "identifiant": found.slug,
            **{column: getattr(found, field) for column, field in TEXTS.items()},
            "charte_signee_le": f"{signed:%d/%m/%Y}" if signed else "",
            "etape": found.get_step_display(),
        }

    def write(self, found: Partner | None, values: Row, author: Any) -> Partner:
        partner = found or Partner()
        for column, field in TEXTS.items():
            if column in values:
                known: Any = partner._meta.get_field(field)
                setattr(partner, field, values[column] or known.get_default())
        if "charte_signee_le" in values:
            partner.charter_signed_on = _date(values["charte_signee_le"])
        partner.slug = partner.slug or free_slug(Partner, partner.name)
        try:
            partner.full_clean()
        except ValidationError as error:
            raise Refused(_told(error)) from error
        with pghistory.context(user=author.pk if author else None):
            partner.save()
            (life.catch_up if found else life.begin)(partner, author=author)
        return partner

    def get(self, pk: int) -> Partner | None:
        return Partner.objects.filter(pk=pk).first()

    def take_back(self, found: Partner, author: Any) -> None:
        if found.sources.exists() or found.memberships.exists():
            raise Refused(f"{found} a depuis une source ou un compte : il reste.")
        found.delete()


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.datetime.strptime(text[:10], shape).date()
        except ValueError:
            continue
    raise Refused(f"« {text} » n’est pas une date : jour/mois/année est attendu.")


def _told(error: ValidationError) -> str:
    names = {field: column for column, field in TEXTS.items()}
    choices = {"kind": PartnerKind.values, "licence": Licence.values}
    said = []
    for field, messages in error.message_dict.items():
        known = f" Valeurs connues : {', '.join(choices[field])}." if field in choices else ""
        said.append(f"{names.get(field, '')} : {' '.join(messages)}{known}".lstrip(" : "))
    return " ".join(said)
