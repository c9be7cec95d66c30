"""What pages show to each role, beside who may open them (test_matrix.py)."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from innovations.models import FieldEdit, Status
from partners.models import (
    Run,
    RunState,
)
from tests.factories import (
    InnovationFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
)

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator",
    "moderator",
    "essaimage_officer",
    "statistician",
    "partner_member",
    "stranger",
]
BACKEND = "django.contrib.auth.backends.ModelBackend"
HARVESTERS = {"administrator", "moderator"}


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """A partner with a source, a run and a record; the member belongs to it."""
    source = SourceFactory(partner=roles.partner)
    innovation = InnovationFactory(status=Status.IN_REVIEW)
    SourceRecordFactory(source=source, innovation=innovation)
    run = RunFactory(source=source, state=RunState.DONE)
    return SimpleNamespace(**vars(roles), source=source, run=run, innovation=innovation)


def test_a_member_sees_only_its_own_in_lists(world: SimpleNamespace, client: Client) -> None:
    foreign = RunFactory()
    client.force_login(world.partner_member, BACKEND)
    for name in ("home", "partners", "runs", "health"):
        text = client.get(reverse(f"backoffice:{name}")).content.decode()
        assert foreign.source.name not in text
        assert foreign.source.partner.name not in text
    assert world.source.name in client.get(reverse("backoffice:home")).content.decode()


def test_a_member_cannot_launch_a_harvest(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.partner_member, BACKEND)
    page = client.get(reverse("backoffice:source", args=[world.source.slug])).content.decode()
    assert "Moissonner maintenant" not in page
    client.post(reverse("backoffice:run_start", args=[world.source.slug]))
    assert Run.objects.count() == 1


@pytest.mark.parametrize("role", ["statistician", "essaimage_officer"])
def test_who_does_not_work_on_raw_content_has_no_link_to_it(
    role: str, world: SimpleNamespace, client: Client
) -> None:
    client.force_login(getattr(world, role), BACKEND)
    raw = ("/gestion/fiches/", "/fiches/", "/refus")
    shown = {"source": world.source.slug, "run": world.run.pk, "innovation": world.innovation.pk}
    for name, key in shown.items():
        page = client.get(reverse(f"backoffice:{name}", args=[key])).content.decode()
        assert not any(f'href="{link}' in page for link in raw)
        assert reverse("backoffice:records", args=[world.source.slug]) not in page


@pytest.mark.parametrize("role", ROLES)
def test_who_reads_and_restores_what_the_team_wrote(
    role: str, world: SimpleNamespace, client: Client
) -> None:
    client.force_login(getattr(world, role), BACKEND)
    FieldEdit.objects.create(innovation=world.innovation, field="summary", value="Avant")
    event = FieldEdit.objects.get().events.get()
    arguments = [world.innovation.pk, "summary"]
    allowed = role in HARVESTERS | {"essaimage_officer"}
    read = client.get(reverse("backoffice:field_history", args=arguments))
    put = client.post(reverse("backoffice:field_restore", args=[*arguments, event.pgh_id]))
    assert (read.status_code, put.status_code) == ((200, 302) if allowed else (403, 403))
