"""The staff's decisions on pairs of records, as a table."""

from collections.abc import Iterable
from typing import Any

from partners.consolidation import deciding
from partners.consolidation.regrouping import CannotRegroup
from partners.exchange.base import Kind, Refused, Row
from partners.models import Pair, PairState, Source, SourceRecord, Verdict


class Pairs(Kind):
    name = "rapprochements"
    label = "Décisions de rapprochement"
    columns = ("source_1", "fiche_1", "source_2", "fiche_2", "verdict", "motif", "ressemblance")
    keys = ("source_1", "fiche_1", "source_2", "fiche_2")
    fixed = ("ressemblance",)
    view, change = "partners.view_pair", "partners.decide_pair"
    # Each decision composes public records again.
    most = 500

    def rows(self) -> Iterable[dict[str, str]]:
        pairs = self._pairs().exclude(state=PairState.FADED)
        return (self.current(pair) for pair in pairs.iterator(chunk_size=2000))

    def find(self, row: Row) -> Pair:
        first, second = sorted(self._record(row, n) for n in ("1", "2"))
        pair = self._pairs().filter(first=first, second=second).first()
        if pair is None:
            raise Refused("Ces deux fiches ne sont pas rapprochées.")
        return pair

    def current(self, found: Pair) -> dict[str, str]:
        one, other = found.first, found.second
        return {
            "source_1": one.source.slug,
            "fiche_1": one.external_id,
            "source_2": other.source.slug,
            "fiche_2": other.external_id,
            "verdict": found.verdict if found.is_staffs else "",
            "motif": found.reason,
            "ressemblance": f"{found.score:.2f}".replace(".", ","),
        }

    def write(self, found: Pair, values: Row, author: Any) -> Pair:
        verdict, reason = values.get("verdict", ""), values.get("motif", "")[:500]
        if verdict and verdict not in Verdict.values:
            raise Refused(f"Verdicts connus : {', '.join(Verdict.values)}.")
        try:
            if found.is_staffs:
                found = deciding.reopen(found, author=author, reason=reason)
            if not verdict:
                return found
            return deciding.decide(found, Verdict(verdict), author=author, reason=reason)
        except CannotRegroup as error:
            raise Refused(str(error)) from error

    def get(self, pk: int) -> Pair | None:
        return self._pairs().filter(pk=pk).first()

    def take_back(self, found: Pair, author: Any) -> None:
        raise Refused("Un rapprochement ne se supprime pas.")

    @staticmethod
    def _pairs() -> Any:
        return Pair.objects.select_related("first__source", "second__source")

    @staticmethod
    def _record(row: Row, rank: str) -> int:
        source = Source.objects.filter(slug=row.get(f"source_{rank}", "")).first()
        records = SourceRecord.objects.filter(source=source) if source else None
        said = row.get(f"fiche_{rank}", "")
        found = records.filter(external_id=said).values_list("pk", flat=True) if records else []
        for pk in found:
            return int(pk)
        raise Refused(f"La fiche « {said} » n’existe pas dans la source nommée.")
