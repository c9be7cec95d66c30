"""What is noticed in records, kept as flags: opened, closed when mended, decisions kept."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from partners.digests import Digester, digesters
from partners.models import Flag, FlagFamily, FlagState, SourceRecord
from partners.screening.personal import Datum
from partners.screening.reading import data_of, masked

WRITTEN = ["fields", "excerpt", "is_certain", "state", "seen_at"]


@dataclass
class Noticed:
    """Something to flag. ``identities``: the one to write, then those it may have had before (the
    key of the digests may have changed). ``spellings``: the datum in clear, never written."""

    kind: str
    identities: Sequence[str]
    excerpt: str = ""
    is_certain: bool = True
    fields: list[str] = field(default_factory=list)
    spellings: list[str] = field(default_factory=list)
    flag: Flag | None = None


@dataclass(frozen=True)
class Screened:
    """``values``, ``sites``: what may be shown of a record. ``is_held``: it holds a certain datum
    that nobody has decided upon: a new record waits for someone."""

    values: Mapping[str, Any]
    sites: Sequence[Mapping[str, Any]]
    is_held: bool = False


def screen(records: Sequence[SourceRecord]) -> dict[int, Screened]:
    """Look for personal data in these records, write the flags, and mask what is not to be shown.

    One query for known records and two when something is noticed, whatever their number. Records
    without anything to mask are not in the answer.
    """
    said = {r.pk: data for r in records if (data := data_of(r.values, r.sites))}
    known = [r.pk for r in records if not r._state.adding]
    if not said and not known:
        return {}
    noticed = _noticed(said)
    reconcile(FlagFamily.PERSONAL, [r.pk for r in records], noticed, are_known=known)
    by_pk = {r.pk: r for r in records}
    return {pk: _screened(by_pk[pk], found) for pk, found in noticed.items()}


def _screened(record: SourceRecord, noticed: Iterable[Noticed]) -> Screened:
    hidden = [(n.flag, n.spellings) for n in noticed if n.flag is not None and n.flag.hides]
    if not hidden:
        return Screened(record.values, record.sites)
    data = [datum for _, spellings in hidden for datum in spellings]
    values, sites = masked(record.values, record.sites, data)
    return Screened(values, sites, any(flag.is_open for flag, _ in hidden))


def reconcile(
    family: FlagFamily,
    pks: Collection[int],
    noticed: Mapping[int, Sequence[Noticed]],
    *,
    are_known: Collection[int] | None = None,
    kinds: Collection[str] = (),
) -> int:
    """Make the flags of these records say what is noticed now; returns how many are new.

    Each ``Noticed`` learns its flag. ``are_known``: those that may have flags already (all by
    default); ``kinds``: the only ones that were looked for (all by default).
    """
    now = timezone.now()
    before = _before(family, pks if are_known is None else are_known, kinds)
    new, changed = [], []
    for pk in pks:
        there = before.get(pk, {})
        for found in noticed.get(pk, ()):
            flag = next(
                (f for i in found.identities if (f := there.pop((found.kind, i), None))), None
            )
            if flag is None:
                new.append(_opened(family, pk, found, now))
            elif _seen(flag, found, now):
                changed.append(flag)
            found.flag = flag or new[-1]
        changed += [f for f in there.values() if _gone(f)]
    Flag.objects.bulk_create(new, ignore_conflicts=True)
    Flag.objects.bulk_update(changed, WRITTEN)
    return len(new)


def _before(
    family: FlagFamily, pks: Collection[int], kinds: Collection[str]
) -> dict[int, dict[tuple[str, str], Flag]]:
    before: dict[int, dict[tuple[str, str], Flag]] = defaultdict(dict)
    if pks:
        flags = Flag.objects.filter(record__in=pks, family=family)
        for flag in flags.filter(kind__in=kinds) if kinds else flags:
            before[flag.record_id][flag.kind, flag.identity] = flag
    return before


def _opened(family: FlagFamily, pk: int, found: Noticed, now: datetime.datetime) -> Flag:
    return Flag(
        record_id=pk,
        family=family,
        kind=found.kind,
        identity=found.identities[0],
        fields=found.fields,
        excerpt=found.excerpt[:120],
        is_certain=found.is_certain,
        first_seen_at=now,
        seen_at=now,
    )


def _seen(flag: Flag, found: Noticed, now: datetime.datetime) -> bool:
    """Bring a flag up to date; whether it has to be written. What staff decided stands."""
    before = (flag.fields, flag.excerpt, flag.is_certain, flag.state)
    flag.fields, flag.excerpt, flag.is_certain = found.fields, found.excerpt[:120], found.is_certain
    flag.seen_at = now
    if flag.state == FlagState.GONE:
        flag.state = FlagState.OPEN
    return before != (flag.fields, flag.excerpt, flag.is_certain, flag.state)


def _gone(flag: Flag) -> bool:
    """Close what nobody decided and is no longer there; decisions wait for its return."""
    if not flag.is_open:
        return False
    flag.state = FlagState.GONE
    return True


def _noticed(said: Mapping[int, Sequence[tuple[str, Datum]]]) -> dict[int, list[Noticed]]:
    if not said:
        return {}
    keys = digesters()
    return {pk: list(_gathered(data, keys).values()) for pk, data in said.items()}


def _gathered(
    data: Sequence[tuple[str, Datum]], keys: Sequence[Digester]
) -> dict[tuple[str, str], Noticed]:
    """Each datum once, with the fields where it stands and the spellings under which it does."""
    found: dict[tuple[str, str], Noticed] = {}
    for name, datum in data:
        one = found.get((datum.kind, datum.form))
        if one is None:
            identities = [digest(f"signalement {datum.kind}", datum.form) for digest in keys]
            one = Noticed(datum.kind, identities, datum.masked, datum.is_certain)
            found[datum.kind, datum.form] = one
        one.spellings.append(datum.text)
        if name not in one.fields:
            one.fields.append(name)
    return found
