"""A source that no longer gives what it gave: too few or too many records, a field that empties."""

import re
from collections.abc import Mapping

from carrefour.french import counted, grouped
from partners.mapping.targets import TARGETS
from partners.models import Run, Source

# A field filled in at least this share of the records is one that people count on.
COUNTED_ON = 0.5
# From one run to the next, a volume that is more than doubled or halved is a jump…
JUMP = 2
# … beyond this many records: 2 then 5 is life.
FEW = 20


def breaches(source: Source, run: Run, before: Run | None) -> list[str]:
    """French sentences on what this good run does not hold to; no query.

    ``before`` is the good run before it, None when there is none.
    """
    return [*_bounds(source, run), *_jump(run, before), *_emptied(source, run, before)]


def kind_of(sentence: str) -> str:
    """The sentence without its figures: the same fault of two runs has the same kind."""
    return re.sub(r"\d[\d\s]*", "#", sentence)


def _bounds(source: Source, run: Run) -> list[str]:
    present, least, most = run.present, source.expected_at_least, source.expected_at_most
    if present is None:
        return []
    if least is not None and present < least:
        return [f"{counted(present, 'fiche')}, alors qu’on en attend au moins {grouped(least)}."]
    if most is not None and present > most:
        return [f"{counted(present, 'fiche')}, alors qu’on en attend au plus {grouped(most)}."]
    return []


def _jump(run: Run, before: Run | None) -> list[str]:
    if before is None or run.present is None or before.present is None:
        return []
    decided = run.counts.get("decided", 0)
    low, high = sorted((run.present, max(0, before.present - decided)))
    if high - low < FEW or high <= JUMP * low:
        return []
    return [f"Le nombre de fiches est passé de {grouped(before.present)} à {grouped(run.present)}."]


def _emptied(source: Source, run: Run, before: Run | None) -> list[str]:
    if not run.fills:
        return []
    # The sample comes last: what the source gave when it was set up stays what is expected of it.
    reference = {**(before.fills if before else {}), **(source.sample.get("fills") or {})}
    return [
        f"Le champ « {TARGETS[t].label if t in TARGETS else t} » n’est plus rempli que dans "
        f"{_percent(run.fills.get(t, 0))} des fiches, contre {_percent(share)} auparavant."
        for t, share in emptied(reference, run.fills).items()
    ]


def emptied(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Target → former share, for the fields counted on that lost more than half of it."""
    return {t: s for t, s in before.items() if s >= COUNTED_ON and now.get(t, 0) < s / 2}


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"
