"""What an import's columns and codes are called where people read what it would change."""

from collections.abc import Iterable
from functools import cached_property

from innovations.licences import Licence
from innovations.models import Term, Vocabulary
from partners.exchange.importing import Line
from partners.models import PartnerKind, Verdict

LABELS = {
    "site_web": "site web",
    "presentation": "présentation",
    "contact": "adresse de contact",
    "licence": "licence de ses fiches",
    "charte_signee_le": "charte signée le",
    "etape": "étape",
    "libelle": "libellé",
    "fusionne_dans": "fusionné dans",
    "decide": "décidé",
}
CODES: dict[str, dict[str, str]] = {
    "nature": dict(PartnerKind.choices),
    "licence": dict(Licence.choices),
    "vocabulaire": dict(Vocabulary.choices),
    "verdict": dict(Verdict.choices),
}


class Wording:
    """The changes of lines in words; one query, when terms are among them."""

    def changes(self, line: Line) -> Iterable[tuple[str, str, str]]:
        """(what, before, after) as people say them; texts as they are written."""
        for column, before, after in line.changes:
            label = LABELS.get(column, column.replace("_", " "))
            yield label[:1].upper() + label[1:], self.said(column, before), self.said(column, after)

    def said(self, column: str, value: str) -> str:
        if column == "synonymes":
            return ", ".join(value.split("|"))
        if column == "domaine":
            return self._terms.get(f"{Vocabulary.THEME}:{value}", value)
        if column == "termes":
            return ", ".join(self._terms.get(code, code) for code in value.split("|"))
        return CODES.get(column, {}).get(value, value)

    @cached_property
    def _terms(self) -> dict[str, str]:
        rows = Term.objects.values_list("vocabulary", "code", "label")
        return {f"{vocabulary}:{code}": label for vocabulary, code, label in rows}
