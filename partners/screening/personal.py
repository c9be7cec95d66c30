"""Personal data in a text: phone numbers, e-mail addresses, home addresses, NIR, IBAN. Pure.

« Certain » data are kept from the public until someone has decided; the others are only told. What
merely looks like one is left alone: SIRET, years, amounts, postcodes, service numbers (08…).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import models

from carrefour.personal_patterns import EMAIL, IBAN, NIR, PHONE, STREET, WAY
from partners.digests import national
from partners.screening.emails import is_personal, may_be_personal


class Kind(models.TextChoices):
    PHONE = "telephone", "Numéro de téléphone"
    EMAIL = "courriel", "Adresse électronique d’une personne"
    HOME = "domicile", "Adresse postale d’une personne"
    NIR = "nir", "Numéro de sécurité sociale"
    IBAN = "iban", "Coordonnées bancaires (IBAN)"


@dataclass(frozen=True)
class Datum:
    """``text`` as it is written; ``form``: the same whatever the spelling. Never stored."""

    kind: str
    text: str
    form: str
    is_certain: bool = True

    @property
    def masked(self) -> str:
        """What may be kept of it: enough to find it again in the partner's own record."""
        return MASKS[self.kind](self)


# Apart from the next by a space, and no longer than names are: a shouted text is read once only.
NAME = r"[A-ZÉÈ][\w’'\-]{1,40}"
HOME = re.compile(
    rf"(?:\b(?:domicilié|domicilie|demeurant|résidant)(?:e|s|es)?\s(?:au\s|à\s|:\s)?"
    rf"|\b(?:mon|son|notre|leur)\s(?:domicile|adresse\spersonnelle)\s?:?\s(?:au\s)?"
    rf"|\b(?:M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s{NAME}(?:\s{NAME}){{0,2}}\s?,?\s(?:au\s)?)"
    rf"(?P<street>{STREET})",
)
DIGIT = re.compile(r"\d")


def found(text: str) -> list[Datum]:
    """The personal data of a plain text, in the order in which they stand."""
    data: list[tuple[int, Datum]] = []
    if "@" in text or "arobase" in text or "[at]" in text or "(at)" in text:
        data += _emails(text)
    if DIGIT.search(text):
        data += [*_numbers(text), *_homes(text)]
    return [datum for _, datum in sorted(data, key=lambda pair: pair[0])]


def _emails(text: str) -> Iterator[tuple[int, Datum]]:
    for match in EMAIL.finditer(text):
        written = match.group()
        form = re.sub(r"\s?[\[(]\s?(?:at|arobase|chez)\s?[\])]\s?", "@", written).lower()
        is_certain = is_personal(form)
        if is_certain or may_be_personal(form):
            yield match.start(), Datum(Kind.EMAIL, written, form, is_certain)


def _numbers(text: str) -> Iterator[tuple[int, Datum]]:
    """The longest first: a NIR or an IBAN may hold what looks like a phone number."""
    taken: list[range] = []
    for kind, expression, form in ((Kind.IBAN, IBAN, _iban), (Kind.NIR, NIR, _nir),
                                   (Kind.PHONE, PHONE, _phone)):  # fmt: skip
        for match in expression.finditer(text):
            if any(match.start() in span for span in taken):
                continue
            if normal := form(match.group()):
                taken.append(range(*match.span()))
                yield match.start(), Datum(kind, match.group(), normal)


def _homes(text: str) -> Iterator[tuple[int, Datum]]:
    for match in HOME.finditer(text):
        street = match.group("street").strip(" ,")
        yield match.start("street"), Datum(Kind.HOME, street, " ".join(street.lower().split()))


def _phone(written: str) -> str:
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    if written.startswith(("+", "00")):
        digits = digits.removeprefix("00")
    normal = national(digits)
    # Ten times the same digit, or a row of them, is an example.
    return "" if len(set(normal[2:])) < 3 or normal[1:] in "123456789" else normal


def _nir(written: str) -> str:
    """Thirteen characters and the key: 97 less the remainder by 97 (Corsica: A and B count)."""
    compact = re.sub(r"[^0-9ABab]", "", written).upper()
    number, control = compact[:-2], compact[-2:]
    number = number.replace("2A", "19").replace("2B", "18")
    is_right = number.isdecimal() and 97 - int(number) % 97 == int(control)
    return compact if is_right else ""


def _iban(written: str) -> str:
    """ISO 13616: the letters as numbers from 10, the first four characters last, modulo 97."""
    compact = "".join(written.split())
    turned = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return compact if 15 <= len(compact) <= 34 and int(turned) % 97 == 1 else ""


def _masked_email(datum: Datum) -> str:
    name, _, domain = datum.form.partition("@")
    return f"{name[:1]}…@{domain}"


MASKS: dict[str, Callable[[Datum], str]] = {
    Kind.PHONE: lambda d: f"{d.form[:2]} •• •• •• ••",
    Kind.EMAIL: _masked_email,
    Kind.HOME: lambda d: re.sub(rf"({WAY}).*", r"\1 …", d.text, count=1, flags=re.DOTALL)[:60],
    Kind.NIR: lambda d: f"{d.form[:1]} •• •• •• ••• ••• ••",
    Kind.IBAN: lambda d: f"{d.form[:4]} •••• •••• ••••",
}
