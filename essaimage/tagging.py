"""What the search knows of a record's spread: tags beside its row, followed as soon as a public
replication changes, repaired as a whole from time to time.

« diffusion:reseaux »: a form declared by a published replication (whatever its state) or implied by
a national take-up that is done; « essaimee:oui »: one of them has begun somewhere new.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from essaimage.models import DiffusionForm, NationalTakeUp, Replication, ReplicationStep
from essaimage.querysets import BEGUN
from innovations import searchrows
from innovations.diffusion import Spread
from innovations.models import Innovation, SearchExtra

FORM, SPREAD = "diffusion:", "essaimee:"
AT_ONCE = 1000
SHOWN = Coalesce("innovation__merged_into", "innovation")


@transaction.atomic
def follow(innovation_ids: Iterable[int]) -> int:
    """Bring the tags of these innovations, and of those they were merged into, up to date with
    their search rows; how many changed. Call it in the transaction of what changed."""
    asked = {pk for pk in innovation_ids if pk}
    if not asked:
        return 0
    # Who changes another replication of theirs meanwhile waits, then reads what was written here.
    held = Innovation.objects.filter(Q(pk__in=asked) | Q(merged__in=asked)).order_by("pk")
    locked = held.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    ids = list(dict.fromkeys(locked))
    wanted = tags_of(ids)
    known = {one.pk: one for one in SearchExtra.objects.filter(pk__in=ids)}
    changed = [
        SearchExtra(innovation_id=pk, tags=tags)
        for pk in ids
        if (tags := _beside(known.get(pk), wanted.get(pk, set())))
        != (known[pk].tags if pk in known else [])
    ]
    SearchExtra.objects.bulk_create(
        changed, update_conflicts=True, update_fields=["tags"], unique_fields=["innovation"]
    )
    searchrows.refresh([one.pk for one in changed])
    return len(changed)


def follow_all() -> int:
    """The same for all that has such tags or should have; how many changed. What is right already
    costs a reading: records are merged and split by others, who tell nothing here."""
    tagged = SearchExtra.objects.filter(tags__len__gt=0).values_list("pk", flat=True)
    told = Replication.objects.published().values_list(SHOWN, flat=True)
    taken = NationalTakeUp.objects.filter(is_done=True).values_list(SHOWN, flat=True)
    every = sorted({*tagged, *told, *taken})
    return sum(follow(every[start : start + AT_ONCE]) for start in range(0, len(every), AT_ONCE))


def tags_of(ids: Sequence[int]) -> dict[int, set[str]]:
    """{innovation: its tags}; in two queries."""
    found: dict[int, set[str]] = defaultdict(set)
    begun = ReplicationStep.objects.filter(
        replication=OuterRef("pk"), annulled_at=None, state__in=BEGUN
    )
    told = Replication.objects.published().annotate(shown=SHOWN, ran=Exists(begun))
    rows = told.filter(shown__in=ids).values_list("shown", "state", "forms", "ran")
    for shown, state, forms, ran in rows:
        found[shown] |= {f"{FORM}{form}" for form in forms}
        if ran or state in BEGUN:
            found[shown].add(f"{SPREAD}{Spread.YES.value}")
    taken = NationalTakeUp.objects.filter(is_done=True).annotate(shown=SHOWN)
    for shown in taken.filter(shown__in=ids).values_list("shown", flat=True):
        found[shown].add(f"{FORM}{DiffusionForm.GENERALISATION.value}")
    return found


def _beside(known: SearchExtra | None, ours: set[str]) -> list[str]:
    """Our tags, and those that are not ours as they are."""
    others = [tag for tag in (known.tags if known else []) if not tag.startswith((FORM, SPREAD))]
    return [*others, *sorted(ours)]
