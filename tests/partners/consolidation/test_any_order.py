"""Merge, split, harvest, edit, decide, undo, in any order, over the real database.

What the platform holds is compared after each step with books kept apart, by hand (``books.py``).
"""

import itertools
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from innovations import taxonomy
from innovations.licences import Licence
from innovations.models import FieldEdit, Innovation, SearchRow, Status, Term
from partners import editing, moderation
from partners.connectors import RawRow
from partners.consolidation import deciding, gestures
from partners.consolidation.regrouping import CannotRegroup, Why, merge
from partners.identity import Group, Identifier
from partners.mapping.rules import parse
from partners.models import (
    Decision,
    Motive,
    Pair,
    PairState,
    Regrouping,
    Source,
    SourceRecord,
    Verdict,
)
from partners.store import Store
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies
from partners.withdrawals import mark_missing
from tests.factories import SourceFactory, TerritoryFactory, UserFactory
from tests.partners.consolidation.books import MERGE, SPLIT, Books, Step, Told

TOWNS = {"Nantes": "44109", "Lormes": "58145", "Grenoble": "38185"}
THEMES = ["Lien social", "Éducation populaire", ""]
MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "summary", "path": "resume"},
    {"target": "year", "path": "annee"},
    {"target": "themes", "path": "theme"},
    {"target": "place", "path": "ville"},
    {"target": "url", "path": "page"},
]
SOURCES: list[dict[str, Any]] = [
    {"licence": Licence.ETALAB},
    {"licence": Licence.ETALAB, "field_priorities": {"title": 5, "started_year": 2}},
    {"licence": Licence.ALL_RIGHTS, "priority": 3},
]
FIELDS = {"title": "title", "summary": "summary", "year": "started_year"}
HIDING = {Decision.UNPUBLISH: Status.UNPUBLISHED, Decision.SEND_BACK: Status.SENT_BACK}


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.turns = itertools.count(1)
        self.undoing = transaction.atomic()
        self.undoing.__enter__()

    def teardown(self) -> None:
        try:
            self.every_address_leads_somewhere()
        finally:
            transaction.set_rollback(True)
            self.undoing.__exit__(None, None, None)

    @initialize()
    def sources(self) -> None:
        self.author = UserFactory()
        self.client = Client()
        self.sources = [
            SourceFactory(mapping=MAPPING, withdraw_after_days=0, **told) for told in SOURCES
        ]
        for number, town in enumerate(TOWNS):
            self.harvest(number, None, town, "Lien social", 2010 + number, 1)

    # --- partners -

    @rule(
        number=st.integers(0, 2),
        town=st.sampled_from(list(TOWNS)),
        theme=st.sampled_from(THEMES),
        year=st.sampled_from([None, 2010, 2015]),
        length=st.integers(1, 40),
    )
    @precondition(lambda self: len(self.books.records) < 7)
    def add(self, number: int, town: str, theme: str, year: int | None, length: int) -> None:
        self.harvest(number, None, town, theme, year, length)

    @rule(
        data=st.data(),
        town=st.sampled_from(list(TOWNS)),
        theme=st.sampled_from(THEMES),
        year=st.sampled_from([None, 2010, 2015]),
        length=st.integers(1, 40),
    )
    def change(self, data: Any, town: str, theme: str, year: int | None, length: int) -> None:
        told = self.one_record(data)
        self.harvest(told.source, told, town, theme, year, length)

    @rule(data=st.data())
    def withdraw(self, data: Any) -> None:
        told = self.one_record(data)
        source, since = self.sources[told.source], timezone.now()
        others = SourceRecord.objects.filter(source=source).exclude(pk=told.pk)
        others.update(seen_at=timezone.now())
        mark_missing(source, since)
        told.is_withdrawn = True

    def harvest(
        self, number: int, told: Told | None, town: str, theme: str, year: Any, length: int
    ) -> None:
        """One row of this source, as a harvest stores it; a new one when ``told`` is None."""
        turn, source = next(self.turns), self.sources[number]
        name = SourceRecord.objects.get(pk=told.pk).external_id if told else f"p{turn}"
        values = {
            "title": f"Atelier {turn}",
            "summary": f"Réparer ensemble, {turn} fois. " * length,
            "year": year,
            "theme": theme,
            "town": town,
        }
        values["summary"] = values["summary"].strip()
        written(source, as_row(source, name, values))
        record = SourceRecord.objects.get(source=source, external_id=name)
        if told is None:
            told = Told(
                pk=record.pk,
                source=number,
                group=record.innovation.slug,
                values={},
                turn=0,
                is_open=Licence(source.licence).is_open,
                priorities={
                    "title": source.field_priorities.get("title", source.priority),
                    "summary": source.priority,
                    "year": source.field_priorities.get("started_year", source.priority),
                },
            )
            self.books.records[record.pk] = told
        told.values, told.turn, told.is_withdrawn = values, turn, False

    # --- staff, on whole records -

    @rule(data=st.data(), kind=st.sampled_from(["meme", "site", "regle"]))
    @precondition(lambda self: len(self.books.groups()) > 1)
    def join(self, data: Any, kind: str) -> None:
        one, other = self.two_groups(data)
        mine, theirs = self.books.members(one), self.books.members(other)
        kept = self.books.are_apart(mine, theirs)
        rows = [Innovation.objects.get(slug=slug) for slug in (one, other)]
        try:
            step = self.rule_merge(*rows) if kind == "regle" else self.staff_merge(*rows, kind)
        except CannotRegroup:
            assert kept
            return
        assert not kept
        self.note_merge(step, mine if kind == "site" else set())

    def staff_merge(self, one: Innovation, other: Innovation, kind: str) -> Regrouping:
        site = one if kind == "site" else None
        return gestures.join(one, other, site=site, why=Why(self.author))

    def rule_merge(self, one: Innovation, other: Innovation) -> Regrouping:
        """As the linkage does: what staff forbade is left alone."""
        if deciding.forbids(one, other):
            raise CannotRegroup("interdit")
        stays, goes = deciding.preferred(one, other)
        pair = self.pair_of(min(self.books.members(one.slug)), min(self.books.members(other.slug)))
        step = merge(goes, stays, why=Why(rule="score", pair=pair))
        if pair.state != PairState.DECIDED:
            Pair.objects.filter(pk=pair.pk).update(state=PairState.LINKED, verdict=Verdict.SAME)
        return step

    def note_merge(self, step: Regrouping, sites: set[int]) -> Step:
        origin, target = step.origin.slug, step.target.slug
        new_sites = {pk for pk in sites if not self.books.records[pk].is_site}
        # A page that the public sees is never lost for one that it does not.
        assert not (self.is_public(origin) and target in self.books.hidden)
        noted = Step(
            pk=step.pk,
            kind=MERGE,
            origin=origin,
            target=target,
            records=frozenset(self.books.members(origin)),
            sites=frozenset(new_sites),
            followers=frozenset(a for a, to in self.books.leads.items() if to == origin),
            pair=frozenset({step.pair.first_id, step.pair.second_id}) if step.pair else None,
        )
        self.books.set_sites(new_sites, True)
        self.books.move(noted.records, target)
        self.books.close(origin, target)
        self.books.steps.append(noted)
        return noted

    @rule(data=st.data())
    @precondition(lambda self: any(len(m) > 1 for m in self.books.groups().values()))
    def separate(self, data: Any) -> None:
        able = {g: m for g, m in self.books.groups().items() if len(m) > 1}
        group = data.draw(st.sampled_from(sorted(able)))
        members = sorted(able[group])
        some = st.sets(st.sampled_from(members), min_size=1, max_size=len(members) - 1)
        moved = data.draw(some)
        rest = set(members) - moved
        arrival = self.books.arrival(group, moved) or self.books.arrival(group, rest)
        innovation = Innovation.objects.get(slug=group)
        step = gestures.separate(innovation, sorted(moved), why=Why(self.author))
        self.note_split(step, group, moved, arrival)
        pairs = {frozenset(each) for each in itertools.product(moved, rest)}
        new = {pair for pair in pairs if self.books.decided.get(pair) != Verdict.DISTINCT}
        for pair in new:
            self.books.decide_again(pair)
            self.books.apart.add(pair)
            self.books.decided[pair] = Verdict.DISTINCT
        if not arrival:
            self.books.steps[-1].said = new

    def note_split(
        self, step: Regrouping, group: str, moved: set[int], arrival: Step | None
    ) -> None:
        if arrival:
            # What a merge had brought gets its own address back.
            assert step.pk == arrival.pk
            self.books.undo(arrival)
            return
        assert step.kind == SPLIT
        sites = {pk for pk in moved if self.books.records[pk].is_site}
        target = step.target.slug
        noted = Step(step.pk, SPLIT, group, target, frozenset(moved), frozenset(sites))
        noted.pair = frozenset({step.pair.first_id, step.pair.second_id}) if step.pair else None
        self.books.set_sites(sites, False)
        self.books.move(moved, target)
        self.books.steps.append(noted)
        if group in self.books.hidden:
            self.books.hidden.add(target)

    @rule(data=st.data())
    @precondition(lambda self: any(s.is_standing for s in self.books.steps))
    def take_back(self, data: Any) -> None:
        standing = {s.pk: s for s in self.books.steps if s.is_standing}
        noted = standing[data.draw(st.sampled_from(sorted(standing)))]
        beside = self.books.members(noted.target if noted.kind == MERGE else noted.origin)
        beside -= noted.records
        linked = self.linked_by_rule(noted, beside)
        across = {frozenset(each) for each in itertools.product(noted.records, beside)}
        opened = (noted.said | {noted.pair}) & across if noted.kind == SPLIT else across
        able = self.books.can_undo(noted) and not across & (self.books.apart - opened)
        try:
            gestures.take_back(Regrouping.objects.get(pk=noted.pk), why=Why(self.author))
        except CannotRegroup:
            assert not able
            return
        assert able
        self.books.undo(noted)
        self.note_taken_back(noted, opened, linked)

    def linked_by_rule(self, noted: Step, beside: set[int]) -> set[frozenset[int]]:
        found = Pair.objects.between(list(noted.records), list(beside))
        linked = found.filter(state=PairState.LINKED).values_list("first", "second")
        return {frozenset(pair) for pair in linked}

    def note_taken_back(
        self, noted: Step, opened: set[frozenset[int]], linked: set[frozenset[int]]
    ) -> None:
        for pair in opened:
            verdict = self.books.decided.get(pair)
            if noted.kind == SPLIT and verdict == Verdict.DISTINCT:
                del self.books.decided[pair]
                self.books.apart.discard(pair)
            elif noted.kind == MERGE and verdict in {Verdict.SAME, Verdict.SITE}:
                del self.books.decided[pair]
            elif noted.kind == MERGE and pair in linked:
                self.books.decided[pair] = Verdict.DISTINCT
                self.books.apart.add(pair)

    # --- staff, on pairs -

    @rule(data=st.data(), verdict=st.sampled_from(list(Verdict)))
    @precondition(lambda self: len(self.books.records) > 1)
    def decide(self, data: Any, verdict: Verdict) -> None:
        some = st.lists(
            st.sampled_from(sorted(self.books.records)), min_size=2, max_size=2, unique=True
        )
        first, second = sorted(data.draw(some))
        pair, named = self.pair_of(first, second), frozenset({first, second})
        ours, theirs = (self.books.records[pk].group for pk in (first, second))
        others = self.books.apart - {named}
        refused = verdict.links and ours != theirs
        refused = refused and bool(
            {
                frozenset(each)
                for each in itertools.product(self.books.members(ours), self.books.members(theirs))
            }
            & others
        )
        steps = Regrouping.objects.count()
        try:
            deciding.decide(pair, verdict, author=self.author)
        except CannotRegroup:
            assert refused
            return
        assert not refused
        self.books.decide_again(named)
        self.books.apart = others
        self.books.decided[named] = verdict
        if verdict.links:
            self.note_link(named, verdict, ours == theirs, steps)
        elif verdict == Verdict.DISTINCT:
            self.books.apart.add(named)
            self.note_parting(named, second, ours == theirs)

    def note_link(
        self, named: frozenset[int], verdict: Verdict, is_together: bool, steps: int
    ) -> None:
        if is_together:
            if verdict == Verdict.SITE:
                self.books.set_sites([max(named)], True)
            else:
                self.books.set_sites(named, False)
            return
        assert Regrouping.objects.count() == steps + 1
        sites = self.books.members(self.books.records[max(named)].group)
        is_site = verdict == Verdict.SITE
        self.note_merge(Regrouping.objects.latest("pk"), sites if is_site else set())

    def note_parting(self, named: frozenset[int], second: int, is_together: bool) -> None:
        if not is_together:
            return
        for noted in reversed(self.books.steps):
            if noted.pair == named and noted.is_standing and self.undoes(noted, named):
                self.books.undo(noted)
        groups = {self.books.records[pk].group for pk in named}
        if len(groups) == 1:
            (group,) = groups
            rest = self.books.members(group) - {second}
            arrival = self.books.arrival(group, {second}) or self.books.arrival(group, rest)
            self.note_split(
                Regrouping.objects.latest("pk")
                if arrival is None
                else Regrouping.objects.get(pk=arrival.pk),
                group,
                {second},
                arrival,
            )

    def undoes(self, noted: Step, named: frozenset[int]) -> bool:
        """Whether undoing the step would bring no two records together that staff keep apart."""
        there = self.books.members(noted.origin) - noted.records
        kept = {frozenset(each) for each in itertools.product(noted.records, there)}
        return self.books.can_undo(noted) and not kept & (self.books.apart - {named})

    @rule(data=st.data())
    @precondition(lambda self: bool(self.books.decided))
    def reopen(self, data: Any) -> None:
        named = frozenset(data.draw(st.sampled_from(sorted(map(sorted, self.books.decided)))))
        pair = Pair.objects.get(first=min(named), second=max(named))
        verdict = self.books.decided[named]
        noted = [s for s in reversed(self.books.steps) if s.pair == named and s.is_standing]
        before = self.partition()
        try:
            deciding.reopen(pair, author=self.author)
        except CannotRegroup:
            assert noted
            assert self.partition() == before
            return
        for step in noted:
            assert self.undoes(step, named)
            self.books.undo(step)
        groups = {self.books.records[pk].group for pk in named}
        if verdict == Verdict.SITE and not noted and len(groups) == 1:
            self.books.set_sites(named, False)
        del self.books.decided[named]
        self.books.decide_again(named)
        self.books.apart.discard(named)

    # --- staff, on what a record says -

    @rule(
        data=st.data(),
        name=st.sampled_from(list(FIELDS)),
        said=st.sampled_from(["Notre version", "Une autre version"]),
        year=st.integers(1990, 2020),
    )
    def write(self, data: Any, name: str, said: str, year: int) -> None:
        group = self.one_group(data)
        value = year if name == "year" else said
        innovation = Innovation.objects.get(slug=group)
        editing.write(innovation, {FIELDS[name]: value}, author=self.author)
        edit = FieldEdit.objects.get(innovation=innovation, field=FIELDS[name])
        self.books.edits[group, name] = (edit.pk, value)

    @rule(data=st.data(), takes=st.booleans())
    @precondition(lambda self: bool(self.books.edits))
    def answer(self, data: Any, takes: bool) -> None:
        written = data.draw(st.sampled_from(sorted(self.books.edits)))
        edit = FieldEdit.objects.get(pk=self.books.edits[written][0])
        if takes:
            editing.take_partners_value(edit, author=self.author)
            del self.books.edits[written]
        else:
            editing.keep_ours(edit, author=self.author)
            edit.refresh_from_db()
            assert edit.difference is None

    @rule(data=st.data(), decision=st.sampled_from(list(Decision)))
    def moderate(self, data: Any, decision: Decision) -> None:
        group = self.one_group(data)
        innovation = Innovation.objects.get(slug=group)
        able = moderation.concerned([innovation.pk], decision).exists()
        moderation.decide([innovation.pk], decision, author=self.author, motive=Motive.FORM)
        if able and decision in HIDING:
            self.books.hidden.add(group)
            innovation.refresh_from_db()
            assert innovation.status == HIDING[decision]
        elif able:
            self.books.hidden.discard(group)

    # --- what holds after every step -

    @invariant()
    def who_is_with_whom(self) -> None:
        assert self.partition() == self.books.groups()
        sites = SourceRecord.objects.filter(is_site=True).values_list("pk", flat=True)
        assert set(sites) == {t.pk for t in self.books.records.values() if t.is_site}

    @invariant()
    def a_merged_record_is_one_without_records_that_leads_to_a_live_one(self) -> None:
        rows = list(Innovation.objects.select_related("merged_into"))
        leads = {i.slug: i.merged_into.slug for i in rows if i.merged_into}
        assert leads == self.books.leads
        live = set(self.books.groups())
        assert {i.slug for i in rows} - set(leads) == live
        assert set(leads.values()) <= live
        assert {i.slug for i in rows if i.status == Status.MERGED} == set(leads)
        assert not SourceRecord.objects.filter(innovation=None).exists()

    @invariant()
    def a_public_record_says_what_its_sources_and_the_team_say(self) -> None:
        live = Innovation.objects.filter(merged_into=None)
        for innovation in live.prefetch_related("terms", "locations__territory"):
            assert {
                "title": innovation.title,
                "summary": innovation.summary,
                "year": innovation.started_year,
                "terms": {t.label for t in innovation.terms.all()},
                "places": {place.territory.name for place in innovation.locations.all()},
            } == self.books.composed(innovation.slug)
            members = self.books.members(innovation.slug)
            assert {o for o in innovation.origins.values() if o != "staff"} <= members

    @invariant()
    def nothing_is_lost(self) -> None:
        edits = FieldEdit.objects.values_list("innovation__slug", "field", "value")
        wanted = {(slug, FIELDS[n]): v for (slug, n), (_, v) in self.books.edits.items()}
        assert {(slug, name): value for slug, name, value in edits} == wanted
        settled = Pair.objects.settled().values_list("first", "second", "verdict")
        assert {frozenset((a, b)): v for a, b, v in settled} == self.books.decided
        steps = Regrouping.objects.values_list("pk", "undone_at")
        assert {pk: at is None for pk, at in steps} == {
            s.pk: s.is_standing for s in self.books.steps
        }

    @invariant()
    def what_staff_keep_apart_is_apart(self) -> None:
        for pair in self.books.apart:
            assert len({self.books.records[pk].group for pk in pair}) == 2

    @invariant()
    def only_public_records_are_found(self) -> None:
        public = Innovation.objects.published().values_list("slug", flat=True)
        rows = SearchRow.objects.values_list("innovation__slug", flat=True)
        assert sorted(rows) == sorted(public)
        assert not set(public) & self.books.hidden
        self.books.seen_public |= set(public)

    def every_address_leads_somewhere(self) -> None:
        for slug in sorted(self.books.seen_public):
            answer = self.client.get(f"/innovations/{slug}/")
            if slug in self.books.leads:
                wanted = f"/innovations/{self.books.leads[slug]}/"
                assert (answer.status_code, answer["Location"]) == (301, wanted)
            else:
                assert answer.status_code == (200 if self.is_public(slug) else 410)

    # --- choosing -

    def one_record(self, data: Any) -> Told:
        return self.books.records[data.draw(st.sampled_from(sorted(self.books.records)))]

    def one_group(self, data: Any) -> str:
        return data.draw(st.sampled_from(sorted(self.books.groups())))

    def two_groups(self, data: Any) -> list[str]:
        able = st.sampled_from(sorted(self.books.groups()))
        return data.draw(st.lists(able, min_size=2, max_size=2, unique=True))

    def pair_of(self, one: int, other: int) -> Pair:
        first, second = sorted((one, other))
        pair, _ = Pair.objects.get_or_create(
            first_id=first, second_id=second, defaults={"proposed": Verdict.UNCERTAIN}
        )
        return pair

    def partition(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for slug, pk in SourceRecord.objects.values_list("innovation__slug", "pk"):
            found.setdefault(slug, set()).add(pk)
        return found

    def is_public(self, slug: str) -> bool:
        return Innovation.objects.published().filter(slug=slug).exists()


def as_row(source: Source, name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "titre": values["title"],
        "resume": values["summary"],
        "annee": values["year"] or "",
        "theme": values["theme"],
        "ville": values["town"],
        "page": f"https://{source.slug}.example.org/{name}",
    }


def written(source: Source, row: dict[str, Any]) -> None:
    rules = parse(source.mapping)
    identifier, raw = Identifier(source, rules), RawRow(row, "ligne 2")
    words = Vocabularies.load([source.pk])
    store = Store(source, None, rules, Suppressions.load(), words)
    outcome = store.write([Group(identifier.of(raw), [raw], identifier.fingerprint([raw]))])
    assert not outcome.refused


@pytest.mark.django_db
def test_in_any_order_the_public_records_are_what_the_books_say() -> None:
    taxonomy.load()
    for name, code in TOWNS.items():
        TerritoryFactory(code=code, name=name)
    assert Term.objects.filter(label__in=THEMES).count() == len(THEMES) - 1
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )
