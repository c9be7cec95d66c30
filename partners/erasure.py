"""Erasing a record from every table that speaks of it, its history included.

Nothing lists the tables by hand: relations are followed from the models, so that a room built
later (essaimage, community) is covered without anyone having to think of it. Rows that outlive
the record and took words of its (a self-assessment) give them back: ``give_back``.

Its rows are held first: who adds one meanwhile waits, then finds no record to attach it to.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.fields.json import KT
from pghistory.models import Context, Event

from innovations.models import Innovation, Organisation
from partners import deposit_erasure, gesture_erasure
from partners.digests import normalised_url, title_and_porteur
from partners.mapping_erasure import clean_mappings
from partners.models import RejectedRow, Run, Source, SourceRecord
from partners.suppression import PAGE, record_names, redactor_of

Keys = dict[type[models.Model], set[Any]]
NAMED_INNOVATION = ("title", "organisation__name")
NAMED_RECORD = ("pk", "innovation_id", "url", "values__title", "values__porteur__name")


@dataclass(frozen=True)
class Target:
    """What an objection to a record is about: the public records, if any, and their sources'."""

    innovations: list[Innovation] = field(default_factory=list)
    records: list[SourceRecord] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        said = [i.title for i in self.innovations]
        said += [str(r.values.get("title", "")) for r in self.records]
        return [t for t in dict.fromkeys(said) if t]

    @property
    def is_empty(self) -> bool:
        return not self.innovations and not self.records


def target_of(innovation: Innovation | None, record_url: str = "") -> Target:
    """The record and all source records behind it, under whatever source, linked or not.

    The same project told by two platforms may be two public records: both are meant. A record is
    recognised as the suppression list will recognise it. ``record_url`` finds the record when it
    never became public: it is its page at the partner's.
    """
    pages = {record_url, normalised_url(record_url)} - {""}
    # The address of a record merged into another leads to it: both are meant.
    asked = {innovation.merged_into_id or innovation.pk} if innovation else set()
    return _grown(asked, set(), pages)


def target_of_records(pks: Iterable[int]) -> Target:
    """The same for records that a harvest finds to be on the list."""
    return _grown(set(), set(pks), set())


def _grown(innovations: set[int], records: set[int], pages: set[str]) -> Target:
    """All that is linked, or bears the same title and porteur, until nothing more is found."""
    owners = Innovation.objects.filter(pk__in=innovations)
    names = {title_and_porteur(t, o or "") for t, o in owners.values_list(*NAMED_INNOVATION)}
    rows = [
        (pk, innovation, {url, normalised_url(url)}, title_and_porteur(title or "", porteur or ""))
        for pk, innovation, url, title, porteur in SourceRecord.objects.values_list(*NAMED_RECORD)
    ]
    before = -1
    while len(records) > before:
        before = len(records)
        names.discard("")
        for pk, innovation, urls, name in rows:
            is_meant = pk in records or innovation in innovations or name in names
            if is_meant or not pages.isdisjoint(urls):
                records.add(pk)
                # Too little to name just one names none: others would go with it.
                names |= {name} - {""}
                innovations |= {innovation} - {None}
    found = SourceRecord.objects.filter(pk__in=records).select_related("source").order_by("pk")
    public = Innovation.objects.filter(
        models.Q(pk__in=innovations) | models.Q(merged_into__in=innovations)
    ).select_related("organisation")
    return Target(list(public.order_by("pk")), list(found))


def names_of(target: Target) -> list[tuple[str, str]]:
    """(kind, name) of all that must be recognised at the next harvest, for the suppression list."""
    names: list[tuple[str, str]] = []
    ours = {r.pk for r in target.records}
    for record in target.records:
        shared = SourceRecord.objects.on_page(record.url).exclude(pk__in=ours).exists()
        names += record_names(
            record.source.slug,
            record.external_id,
            # The page of several records (a list, a placeholder) is not theirs to take away.
            "" if shared else record.url,
            str(record.values.get("title", "")),
            _porteur(record),
        )
    for innovation in target.innovations:
        owner = innovation.organisation
        names += record_names("", "", "", innovation.title, owner.name if owner else "")
        names.append((PAGE, innovation.slug))
    return names


def counted(target: Target) -> list[tuple[str, int]]:
    """(what, how many rows) that erasing would remove; for the page where staff decides."""
    keys = _keys(target)
    counts: Counter[str] = Counter()
    for model, pks in keys.items():
        counts[str(model._meta.verbose_name_plural)] += len(pks)
    for rows in _borrowers(target):
        counts[f"{rows.model._meta.verbose_name_plural} sans ce qui vient de la fiche"] += (
            rows.count()
        )
    history = sum(rows.count() for rows in _events(keys))
    return [*counts.most_common(), *([("lignes d’historique", history)] if history else [])]


@transaction.atomic
def erase(target: Target) -> list[tuple[str, int]]:
    """Remove the record everywhere; returns what was removed, as ``counted``."""
    _hold(target)
    keys = _keys(target)
    counts = counted(target)
    sources = {r.source_id for r in target.records}
    _clean_journals(sources, _pages(target), target.titles)
    _clean_samples(target)
    if emptied := deposit_erasure.empty(redactor_of(target.titles), sources):
        counts += [("fichiers déposés vidés", emptied)]
    owners = {i.organisation for i in target.innovations if i.organisation}
    for rows in _borrowers(target):
        rows.give_back()
    told = gesture_erasure.telling_of(target.innovations, _events(keys))
    _delete(keys)
    gesture_erasure.forget(told, redactor_of(target.titles))
    alone = {owner.pk for owner in owners if _stands_alone(owner)}
    if alone:
        counts += [("structures porteuses sans autre fiche", len(alone))]
        _delete({Organisation: alone})
    names = [*target.titles, *(owner.name for owner in owners if owner.pk in alone)]
    if mended := clean_mappings(sources, names):
        counts += [("correspondances sans ce nom", mended)]
    _clean_contexts(target)
    return counts


def _hold(target: Target) -> None:
    """Lock the records and all that stands on them until the end of the transaction: children
    first, and of one parent's in the order of their models, as those who write them do."""
    held: Keys | None = None
    while (found := _told(target)) != held:
        depths = _depths(found)
        for model in sorted(found, key=lambda one: -depths[one]):
            rows = model._base_manager.filter(pk__in=found[model]).order_by("pk")
            list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        held = found


def _depths(keys: Keys) -> dict[type[models.Model], int]:
    """How far each stands from the record, in parents; ``keys``: parents first."""
    depths: dict[type[models.Model], int] = {}
    for model in keys:
        above = {
            column.remote_field.model
            for column in model._meta.concrete_fields
            if column.remote_field
        }
        depths[model] = 1 + max((depths[one] for one in above if one in depths), default=-1)
    return depths


def _delete(keys: Keys) -> None:
    """Children before parents; then the history, which also saw these very deletions' updates."""
    for model, pks in reversed(keys.items()):
        rows = model._base_manager.filter(pk__in=pks)
        # Rows of one table may protect each other (a replication, the one that it was taken from).
        if tied := {f.name: None for f in model._meta.concrete_fields if _ties(model, f)}:
            rows.update(**tied)
        rows.delete()
    for rows in _events(keys):
        rows.delete()
    for model, pks in keys.items():
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, pks)
        ).delete()


def _ties(model: type[models.Model], column: Any) -> bool:
    """Whether the column protects another row of the same table, and may stand empty."""
    other = column.remote_field
    return bool(
        other and other.model is model and other.on_delete is models.PROTECT and column.null
    )


def _keys(target: Target) -> Keys:
    """Primary keys to delete by model, parents first."""
    keys: Keys = {SourceRecord: {r.pk for r in target.records}}
    keys[RejectedRow] = {row.pk for row in _rejected(target)}
    for model, pks in _told(target).items():
        keys.setdefault(model, set()).update(pks)
    return {model: pks for model, pks in keys.items() if pks}


def _told(target: Target) -> Keys:
    """The same of the public records, and of what stands on them."""
    if not target.innovations:
        return {}
    keys: Keys = {Innovation: {i.pk for i in target.innovations}}
    waiting: list[type[models.Model]] = [Innovation]
    while waiting:
        waiting += _add_children(keys, waiting.pop(0))
    return keys


def _add_children(keys: Keys, parent: type[models.Model]) -> list[type[models.Model]]:
    """Rows that cannot live without ``parent``'s, whether the database cascades or protects."""
    grown = []
    for relation in parent._meta.related_objects:
        if getattr(relation, "on_delete", None) not in (models.CASCADE, models.PROTECT):
            continue
        child = relation.related_model
        found = child._base_manager.filter(**{f"{relation.field.name}__in": keys[parent]})
        new = set(found.values_list("pk", flat=True)) - keys.get(child, set())
        if new:
            keys.setdefault(child, set()).update(new)
            grown.append(child)
    return grown


def _borrowers(target: Target) -> Iterator[Any]:
    """Rows that outlive the records and hold words of theirs: their query set can ``give_back``."""
    for relation in Innovation._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        asked = {f"{relation.field.name}__in": target.innovations}
        rows = relation.related_model._default_manager.filter(**asked)
        if hasattr(rows, "give_back") and rows.exists():
            yield rows


def _events(keys: Keys) -> Iterator[models.QuerySet]:
    """The history of the rows, and of those that once belonged to them."""
    for event in apps.get_models():
        tracked = getattr(event, "pgh_tracked_model", None)
        if tracked is None or not issubclass(event, Event):
            continue
        wanted = models.Q(pgh_obj_id__in=keys.get(tracked, set()))
        for column in tracked._meta.concrete_fields:
            owner = column.remote_field and column.remote_field.model
            if owner in keys and column.remote_field.on_delete in (models.CASCADE, models.PROTECT):
                wanted |= models.Q(**{f"{column.attname}__in": keys[owner]})
        yield event._base_manager.filter(wanted)


def _rejected(target: Target) -> Iterable[RejectedRow]:
    """Refused rows of the same sources that carry the identifier, the page or the title."""
    identities = {(r.source_id, r.external_id) for r in target.records}
    pages = _pages(target)
    titles = redactor_of(target.titles)
    rows = RejectedRow.objects.filter(source__in={source for source, _ in identities})
    return [
        row
        for row in rows
        if (row.source_id, row.external_id) in identities
        or normalised_url(row.page) in pages
        or titles.content(row.raw)[1]
    ]


def _pages(target: Target) -> set[str]:
    said = (normalised_url(url) for r in target.records for url in (r.url, r.page))
    return {page for page in said if page}


def _clean_journals(source_ids: set[int], urls: set[str], titles: list[str]) -> None:
    """Runs stay, but no longer name the record: neither its page fetched nor a warning on it."""
    redactor = redactor_of(titles)
    for run in Run.objects.filter(source__in=source_ids):
        kept = [r for r in run.requests if normalised_url(str(r.get("url", ""))) not in urls]
        requests, warnings, message, events = (
            redactor.content(value)[0] for value in (kept, run.warnings, run.message, run.events)
        )
        Run.objects.filter(pk=run.pk).update(
            requests=requests, warnings=warnings, message=message, events=events
        )


def _clean_samples(target: Target) -> None:
    """The samples of the sources lose the rows of the record, in their history too."""
    redactor = redactor_of(target.titles)
    raw = [row for record in target.records for row in record.raw]
    pages = _pages(target)
    source_ids = {r.source_id for r in target.records}
    events = apps.get_model("partners", "SourceEvent")
    # The rows first: writing them makes history.
    for rows in (
        Source.objects.filter(pk__in=source_ids),
        events._base_manager.filter(pgh_obj_id__in=source_ids),
    ):
        for pk, sample in rows.exclude(sample={}).values_list("pk", "sample"):
            said = sample.get("rows", [])
            kept = [r for r in said if r not in raw and not redactor.content(r)[1]]
            if kept != said:
                rows.filter(pk=pk).update(sample={**sample, "rows": kept})
        for pk, options in rows.filter(options__has_key="sample").values_list("pk", "options"):
            page = options.pop("sample")
            url = str(page.get("url", "")) if isinstance(page, dict) else ""
            # A page that is compared with what it said speaks of one record.
            if normalised_url(url) in pages or redactor.content(page)[1]:
                rows.filter(pk=pk).update(options=options)


def _clean_contexts(target: Target) -> None:
    """The history keeps the address from which a change was made: it may bear the record's."""
    for slug in (innovation.slug for innovation in target.innovations):
        asked = Context.objects.alias(url=KT("metadata__url")).filter(url__contains=f"/{slug}/")
        for pk, metadata in asked.values_list("pk", "metadata"):
            Context.objects.filter(pk=pk).update(metadata={**metadata, "url": ""})


def _porteur(record: SourceRecord) -> str:
    return str((record.values.get("porteur") or {}).get("name", ""))


def _stands_alone(organisation: Organisation) -> bool:
    """Whether nothing else speaks of the organisation: no record, replication or reference."""
    return not any(
        relation.related_model._base_manager.filter(
            **{relation.field.name: organisation.pk}
        ).exists()
        for relation in Organisation._meta.related_objects
        if not issubclass(relation.related_model, Event)
    )
