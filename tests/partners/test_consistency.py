"""What should never be is found, and mended where it is safe."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from innovations.models import Innovation, SearchRow, Status
from partners import consistency
from tests.factories import (
    InnovationFactory,
    PartnerFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
)

pytestmark = pytest.mark.django_db


def codes() -> set[str]:
    return {finding.check.code for finding in consistency.check()}


def test_a_sound_base_has_nothing_to_tell() -> None:
    innovation = InnovationFactory(published=True)
    SourceRecordFactory(innovation=innovation)
    assert codes() == set()
    call_command("check_consistency")


def test_what_is_safe_to_mend_is_mended() -> None:
    sound = InnovationFactory(published=True)
    SourceRecordFactory(innovation=sound)
    SearchRow.objects.all().delete()
    SourceRecordFactory(values={"title": "Orpheline", "summary": "Seule."})
    SourceFactory(partner=PartnerFactory(step="contact"), next_run_at=timezone.now())
    assert codes() == {"publiee-sans-ligne", "recue-sans-innovation", "source-non-admise"}
    with pytest.raises(CommandError, match="3"):
        call_command("check_consistency")
    call_command("check_consistency", repair=True)
    assert codes() == set()
    assert Innovation.objects.published().count() == 2


def test_what_someone_must_look_at_is_only_told() -> None:
    merged = InnovationFactory(status=Status.MERGED, merged_into=InnovationFactory())
    SourceRecordFactory(innovation=merged)
    target = TermFactory(code="b", is_active=False, merged_into=TermFactory(code="c"))
    TermFactory(code="a", is_active=False, merged_into=target)
    found = {f.check.code: f.mended for f in consistency.check(repair=True)}
    assert found == {"reunie-avec-fiches": 0, "fusion-en-chaine": 0}
