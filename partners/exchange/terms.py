"""The taxonomy as a table."""

from collections.abc import Iterable
from typing import Any

from innovations import taxonomy_changes
from innovations.models import Term, Vocabulary
from innovations.taxonomy_changes import CannotChange
from partners import taxonomy_effects
from partners.exchange.base import Kind, Refused, Row, listed, yes

YES = {True: "oui", False: "non"}


class Terms(Kind):
    name = "taxonomie"
    label = "Taxonomie"
    columns = (
        "vocabulaire", "code", "libelle", "description", "domaine", "synonymes", "actif",
        "fusionne_dans",
    )  # fmt: skip
    keys = ("vocabulaire", "code")
    fixed = ("fusionne_dans",)
    view, change = "innovations.view_term", "innovations.change_term"

    def named(self, row: Row) -> str:
        vocabulary = row.get("vocabulaire", "")
        if vocabulary in Vocabulary.values:
            vocabulary = str(Vocabulary(vocabulary).label)
        return f"{vocabulary} : {row.get('libelle') or row.get('code', '')}"

    def rows(self) -> Iterable[dict[str, str]]:
        return [self.current(term) for term in self._terms()]

    def find(self, row: Row) -> Term | None:
        if row.get("vocabulaire") not in Vocabulary.values:
            raise Refused(f"Vocabulaires connus : {', '.join(Vocabulary.values)}.")
        if not row.get("code"):
            raise Refused("Le code manque.")
        return self._terms().filter(vocabulary=row["vocabulaire"], code=row["code"]).first()

    def current(self, found: Term) -> dict[str, str]:
        return {
            "vocabulaire": found.vocabulary,
            "code": found.code,
            "libelle": found.label,
            "description": found.description,
            "domaine": found.parent.code if found.parent else "",
            "synonymes": "|".join(s.label for s in found.synonyms.all()),
            "actif": YES[found.is_active],
            "fusionne_dans": found.merged_into.code if found.merged_into else "",
        }

    def write(self, found: Term | None, values: Row, author: Any) -> Term:
        try:
            return self._changed(found, values, author) if found else self._added(values, author)
        except CannotChange as error:
            raise Refused(error.messages[0]) from error

    def get(self, pk: int) -> Term | None:
        return self._terms().filter(pk=pk).first()

    def take_back(self, found: Term, author: Any) -> None:
        """A code once given is never taken away: the term is only put out of service."""
        try:
            taxonomy_effects.follow(taxonomy_changes.set_active(found, False, author=author))
        except CannotChange as error:
            raise Refused(error.messages[0]) from error

    def _added(self, values: Row, author: Any) -> Term:
        term = Term(
            vocabulary=values["vocabulaire"],
            code=values["code"],
            label=values.get("libelle", ""),
            description=values.get("description", ""),
            parent=self._parent(values["vocabulaire"], values.get("domaine", "")),
        )
        made = taxonomy_changes.add(
            term, synonyms=listed(values.get("synonymes", "")), author=author
        )
        taxonomy_effects.follow(made)
        return term

    def _changed(self, term: Term, values: Row, author: Any) -> Term:
        words = values.get("synonymes")
        changes = [
            taxonomy_changes.reword(
                term,
                label=values.get("libelle"),
                description=values.get("description"),
                synonyms=None if words is None else listed(words),
                author=author,
            )
        ]
        if "domaine" in values:
            parent = self._parent(term.vocabulary, values["domaine"])
            changes.append(taxonomy_changes.move(term, parent, author=author))
        if "actif" in values:
            wanted = yes(values["actif"])
            changes.append(taxonomy_changes.set_active(term, wanted, author=author))
        for change in changes:
            taxonomy_effects.follow(change)
        return term

    @staticmethod
    def _terms() -> Any:
        terms = Term.objects.select_related("parent", "merged_into")
        return terms.prefetch_related("synonyms").order_by("vocabulary", "position", "code")

    @staticmethod
    def _parent(vocabulary: str, code: str) -> Term | None:
        if not code:
            return None
        parent = Term.objects.of(vocabulary).filter(code=code).first()
        if parent is None:
            raise Refused(f"Le domaine « {code} » n’existe pas.")
        return parent
