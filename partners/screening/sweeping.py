"""Records that were public before they were screened: looked at once, composed again if need be."""

from partners.models import SourceRecord
from partners.publishing import republish
from partners.screening.reading import data_of

BATCH = 500


def sweep() -> int:
    """Screen every record that has a public one; returns how many hold personal data.

    Only those are written. May be run again at any time: what was decided stands.
    """
    found = 0
    batch: list[int] = []
    records = (
        SourceRecord.objects.present()
        .exclude(innovation=None)
        .only("values", "sites", "innovation")
    )
    for record in records.order_by("pk").iterator(BATCH):
        if record.innovation_id and data_of(record.values, record.sites):
            found += 1
            batch.append(record.innovation_id)
        if len(batch) == BATCH:
            republish(batch)
            batch = []
    republish(batch)
    return found
