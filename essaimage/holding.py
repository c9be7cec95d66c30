"""Rows held until the end of the transaction, always in this order, so that two never wait for each
other: the questions asked of a side, its texts that wait, the sides, the link used, the
replication, then its record (``tagging.follow``)."""

from django.db.models import F

from essaimage.models import FollowUp, Party, Replication, Telling


def questions(code: str) -> None:
    """Those put to the sides of the replication of this code."""
    rows = FollowUp.objects.filter(party__replication__code=code).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True))


def writer(pk: int) -> None:
    """The side that writes, after its texts that wait."""
    its = Telling.objects.waiting().filter(replication__parties=pk)
    rows = its.filter(side=F("replication__parties__side")).order_by("pk")
    list(rows.select_for_update(of=("self",)))
    sides(pk=pk)


def sides(**chosen: object) -> list[Party]:
    """The sides so chosen (« replication=… », « pk=… »)."""
    rows = Party.objects.filter(**chosen).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def replication(pk: int) -> Replication:
    """The replication of this key, before anything that is written of it."""
    return Replication.objects.select_for_update().get(pk=pk)
