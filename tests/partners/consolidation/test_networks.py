"""A network that too many records tell is still asked: each place with the first of them."""

import pytest

from partners.consolidation import blocking, comparing
from partners.consolidation.blocking import Family
from partners.models import Pair
from tests.partners.consolidation.alike import record

pytestmark = pytest.mark.django_db
TOWNS = ("Lormes", "Rennes", "Le Mans", "Rezé")
NAME = "Maison France services de"


@pytest.fixture(autouse=True)
def capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that more than two records hold is dropped, as the real caps do of larger networks."""
    families = [Family(f.name, 2, f.sure) for f in blocking.FAMILIES]
    monkeypatch.setattr(blocking, "FAMILIES", families)
    monkeypatch.setattr(blocking, "CAPS", blocking.np.array([f.cap for f in families]))


def test_a_full_pass_pairs_each_place_with_the_first() -> None:
    first, *others = [record(f"{NAME} {town}", town) for town in TOWNS]
    comparing.compare_all()
    found = set(Pair.objects.values_list("first", "second", "network"))
    assert found == {(first.pk, other.pk, "france-services") for other in others}


def test_a_new_place_is_paired_with_the_first() -> None:
    first, *_ = [record(f"{NAME} {town}", town) for town in TOWNS[:3]]
    comparing.compare_all()
    new = record(f"{NAME} {TOWNS[3]}", TOWNS[3])
    comparing.compare_changed()
    assert list(Pair.objects.filter(second=new).values_list("first", flat=True)) == [first.pk]
