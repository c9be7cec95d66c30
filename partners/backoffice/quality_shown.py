"""How complete records are, as the pages show it: figures, drawing, table, what to do first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carrefour.charts import LineChart, percent_chart
from carrefour.sparklines import Sparkline, sparkline
from innovations.quality import CRITERIA
from partners import quality_history
from partners.models import Partner, QualitySnapshot


@dataclass(frozen=True)
class QualityShown:
    """``now``: the last measure, or the present one; ``past``: all of them, oldest first."""

    now: QualitySnapshot
    past: Sequence[QualitySnapshot]

    @cached_property
    def lines(self) -> list[quality_history.Line]:
        return quality_history.lines(self.now)

    @cached_property
    def best(self) -> list[quality_history.Line]:
        return quality_history.best(self.now)

    @cached_property
    def bands(self) -> list[tuple[str, int, float]]:
        """(« 20 à 29 », records, percentage of the greatest band)."""
        most = max([*self.now.distribution, 1])
        return [
            (f"{10 * n} à {10 * n + 9 if n < 9 else 100}", count, round(100 * count / most, 1))
            for n, count in enumerate(self.now.distribution)
        ]

    @cached_property
    def chart(self) -> LineChart | None:
        first, last = self.now, self.now
        if self.past:
            first, last = self.past[0], self.past[-1]
        return percent_chart(
            [s.day for s in self.past],
            [
                ("Moyenne", "carrefour-line__mean", [s.mean for s in self.past]),
                ("Médiane", "carrefour-line__median", [s.median for s in self.past]),
            ],
            f"Complétude moyenne : de {first.mean:.0f} à {last.mean:.0f} sur 100 en "
            f"{len(self.past)} relevés. Le tableau qui suit donne chaque relevé.",
        )

    @property
    def table(self) -> Sequence[QualitySnapshot]:
        """The measures, newest first: one a month beyond the last thirty."""
        newest = list(reversed(self.past))
        months = {(s.day.year, s.day.month): s for s in newest[30:]}
        return [*newest[:30], *months.values()]


def quality_of(partner: Partner | None) -> QualityShown | None:
    """Of a partner, or of all records without one; None when there is nothing to measure."""
    past = list(quality_history.history(partner))
    if past:
        return QualityShown(past[-1], past)
    now = quality_history.measured(partner) if partner else None
    return QualityShown(now, []) if now else None


def trend(days: int = 90) -> Sparkline | None:
    """The mean of all public records, measure by measure; one query."""
    means = quality_history.history(days=days).values_list("mean", flat=True)
    return sparkline([round(mean) for mean in means], "point")


def history_rows(snapshots: Any) -> Iterator[Sequence[Any]]:
    """The measures as the rows of a file, criteria included."""
    yield [
        "Jour", "Partenaire", "Source", "Fiches", "Moyenne", "Médiane",
        *(f"{10 * n} à {10 * n + 9 if n < 9 else 100}" for n in range(10)),
        *(f"{c.label} (%)" for c in CRITERIA),
    ]  # fmt: skip
    for snapshot in snapshots.select_related("partner", "source").iterator(500):
        yield [
            snapshot.day,
            snapshot.partner or "Toutes les fiches",
            snapshot.source or "",
            snapshot.records,
            round(snapshot.mean, 1),
            snapshot.median,
            *snapshot.distribution,
            *(snapshot.fills.get(c.code) for c in CRITERIA),
        ]
