"""The rows of a reading gathered into projects, in memory that does not grow with the reading.

When a project's rows may stand far apart (one per place), a first pass writes them to a temporary
file and keeps eight bytes of each identity and page; only the rows whose identity comes back are
then held together. Otherwise a row is a project, given as it comes: whether its identifier was
read before is told by the database (see ``store``).
"""

import pickle
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from types import TracebackType
from typing import Any, BinaryIO, Self

from rapidfuzz import fuzz

from partners.connectors import RawRow
from partners.identity import (
    ALIKE,
    NO_IDENTITY,
    SAME_IDENTITY,
    TOO_LARGE,
    Group,
    Identifier,
    Refused,
    damaged,
)
from partners.rawness import is_bomb

BUCKETS = 256
# Rows held in memory while the others of their project are waited for; more go back to disk.
HELD = 20_000


class SharedPages:
    """The addresses that several projects give as their page: ``url in pages``."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def __contains__(self, url: object) -> bool:
        return bool(self._hashes) and hash(url) in self._hashes

    def add(self, hashes: Iterable[int]) -> None:
        self._hashes.update(hashes)


class Survey:
    """Projects of the rows of one reading. A context: its temporary files go with it."""

    def __init__(self, identifier: Identifier, *, together: bool) -> None:
        self.shared = SharedPages()
        self._identifier = identifier
        self._together = together or identifier.is_declared
        self._files: list[BinaryIO] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()

    def projects(self, rows: Iterable[RawRow]) -> Iterator[Group | Refused]:
        """Projects with their fingerprint, about in the order of their rows."""
        if self._together:
            yield from self._gathered(rows)
            return
        for row in rows:
            yield self._alone(row)

    def _alone(self, row: RawRow) -> Group | Refused:
        if is_bomb(row.data):
            return self._too_large(row)
        external_id = self._identifier.of(row)
        fingerprint = self._identifier.fingerprint([row])
        if row.fault:
            return Refused([row], [damaged(row.fault)], external_id, fingerprint)
        if not external_id:
            return Refused([row], [NO_IDENTITY], fingerprint=fingerprint)
        return Group(external_id, [row], fingerprint)

    def _gathered(self, rows: Iterable[RawRow]) -> Iterator[Group | Refused]:
        spool = self._file()
        times = self._first_pass(rows, spool)
        spool.seek(0)
        holder = Holder(self._identifier, times, self._file)
        for external_id, row in _loaded(spool):
            if external_id is None:
                yield too_large(row)
            elif not external_id:
                yield self._alone(row)
            elif hash(external_id) not in times:
                fingerprint = self._identifier.fingerprint([row])
                yield Group(external_id, [row], fingerprint)
            else:
                yield from holder.projects(external_id, row)
        yield from holder.rest()

    def _first_pass(self, rows: Iterable[RawRow], spool: BinaryIO) -> Counter[int]:
        """Write the rows to the file; returns how many times each repeated identity came."""
        identities, pages = Hashes(), Hashes()
        for row in rows:
            if is_bomb(row.data):
                _dump(spool, None, self._too_large(row).rows[0])
                continue
            # A damaged row stands alone, whatever its identifier.
            external_id = "" if row.fault else self._identifier.of(row)
            _dump(spool, external_id, row)
            if external_id:
                identities.add(hash(external_id))
                if page := self._identifier.page(row):
                    pages.add(hash(page), hash(external_id))
        self.shared.add(pages.claimed_twice())
        return identities.repeated()

    def _too_large(self, row: RawRow) -> Refused:
        return too_large(replace(row, external_id=self._identifier.of_large(row)))

    def _file(self) -> BinaryIO:
        file = tempfile.TemporaryFile(prefix="moissonnage-")  # noqa: SIM115 - closed on exit
        self._files.append(file)
        return file


class Hashes:
    """Eight bytes per value (sixteen with an owner), in buckets small enough to be sorted."""

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(BUCKETS)]
        self._owners = [array("q") for _ in range(BUCKETS)]

    def add(self, value: int, owner: int | None = None) -> None:
        self._buckets[value % BUCKETS].append(value)
        if owner is not None:
            self._owners[value % BUCKETS].append(owner)

    def repeated(self) -> Counter[int]:
        """The values that were added more than once, and how many times."""
        found: Counter[int] = Counter()
        for bucket in self._buckets:
            found.update({v: n for v, n in Counter(bucket).items() if n > 1})
        return found

    def claimed_twice(self) -> Iterator[int]:
        """The values added by at least two different owners."""
        for bucket, owners in zip(self._buckets, self._owners, strict=True):
            first: dict[int, int] = {}
            for value, owner in zip(bucket, owners, strict=True):
                if first.setdefault(value, owner) != owner:
                    yield value


class Holder:
    """Holds rows together until the last of their project; too many rows go back to disk."""

    def __init__(self, identifier: Identifier, times: Counter[int], file: Any) -> None:
        self._identifier = identifier
        self._times = times
        self._file = file
        self._held: dict[str, list[RawRow]] = {}
        self._number = 0
        self._overflow: list[BinaryIO] = []

    def projects(self, external_id: str, row: RawRow) -> Iterator[Group | Refused]:
        """Take a row in; gives its project when it is the last one."""
        value = hash(external_id)
        if external_id not in self._held and (self._overflow or self._number >= HELD):
            self._put_away(external_id, row)
            return
        self._held.setdefault(external_id, []).append(row)
        self._number += 1
        self._times[value] -= 1
        if not self._times[value]:
            yield from self._released(external_id)

    def rest(self) -> Iterator[Group | Refused]:
        """What is still held, then what went back to disk, a bucket at a time."""
        for external_id in list(self._held):
            yield from self._released(external_id)
        for bucket in self._overflow:
            bucket.seek(0)
            for put_away, row in _loaded(bucket):
                self._held.setdefault(put_away or "", []).append(row)
            for external_id in list(self._held):
                yield from self._released(external_id)

    def _put_away(self, external_id: str, row: RawRow) -> None:
        if not self._overflow:
            self._overflow = [self._file() for _ in range(BUCKETS // 4)]
        _dump(self._overflow[hash(external_id) % len(self._overflow)], external_id, row)

    def _released(self, external_id: str) -> Iterator[Group | Refused]:
        rows = self._held.pop(external_id)
        self._number -= len(rows)
        yield from united(external_id, rows, self._identifier)


def united(
    external_id: str, rows: Sequence[RawRow], identifier: Identifier
) -> Iterator[Group | Refused]:
    """One project of the rows that bear its identifier; those whose title has nothing in common
    with the first are refused, unless the source declares by which column rows are grouped."""
    group = Group(external_id, [rows[0]])
    title = identifier.title(rows[0])
    found: list[Group | Refused] = [group]
    for row in rows[1:]:
        said = identifier.title(row)
        is_alike = not said or fuzz.token_set_ratio(said, title) >= ALIKE
        if is_alike or identifier.is_declared:
            group.rows.append(row)
            title = title or said
        else:
            found.append(Refused([row], [SAME_IDENTITY], external_id))
    for project in found:
        project.fingerprint = identifier.fingerprint(project.rows)
        yield project


def too_large(row: RawRow) -> Refused:
    """The refusal of a row that is no record; its content is not kept, being too much."""
    kept = RawRow({}, row.position, row.external_id, row.url, row.licence, row.date)
    fingerprint = f"trop-grande-{row.position}"[:64]
    return Refused([kept], [TOO_LARGE], row.external_id or "", fingerprint)


def _dump(file: BinaryIO, external_id: str | None, row: RawRow) -> None:
    told = {f.name: getattr(row, f.name) for f in fields(row)}
    pickle.dump((external_id, told), file, protocol=pickle.HIGHEST_PROTOCOL)


def _loaded(file: BinaryIO) -> Iterator[tuple[str | None, RawRow]]:
    """(Identity, row) as written; an identity of None is that of a row that was too large."""
    while True:
        try:
            external_id, told = pickle.load(file)
        except EOFError:
            return
        yield external_id, RawRow(**told)
