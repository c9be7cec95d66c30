"""Each role on each page and each action: nobody sees or does more than its work needs."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from innovations.models import BulkAction, FieldEdit, Link, LinkState, Status
from partners.models import (
    Objection,
    ObjectionState,
    Pair,
    Proposal,
    ProposalState,
    Regrouping,
    Release,
    Remark,
    Run,
    RunState,
    Verdict,
)
from tests.factories import (
    ClaimFactory,
    InnovationFactory,
    MembershipFactory,
    PartnerFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
    SuggestionFactory,
    UserFactory,
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
TEAM = {"administrator", "moderator", "essaimage_officer", "statistician"}
HARVESTERS = {"administrator", "moderator"}
RAW_READERS = HARVESTERS | {"partner_member"}
ENTERING = TEAM | {"partner_member"}


@dataclass(frozen=True)
class Case:
    """A page, its arguments from the world, and who gets it (200); the others get 403 or 404."""

    name: str
    argument: str = ""
    allowed: frozenset[str] = frozenset(ENTERING)
    method: str = "get"

    def __str__(self) -> str:
        return f"{self.method}-{self.name}"


def case(name: str, argument: str = "", allowed: set[str] = ENTERING, method: str = "get") -> Case:
    return Case(name, argument, frozenset(allowed), method)


PAGES = [
    case("home"),
    case("partners"),
    case("partner_add", allowed=HARVESTERS),
    case("partner", "partner"),
    case("partner_edit", "partner", HARVESTERS),
    case("source_add", "partner", HARVESTERS),
    case("source", "source"),
    case("source_edit", "source", HARVESTERS),
    case("onboarding", allowed=HARVESTERS),
    case("source_mapping", "source", HARVESTERS),
    case("mapping_versions", "source", HARVESTERS),
    case("source_access", "source", HARVESTERS),
    case("deposits", "source", RAW_READERS),
    case("records", "source", RAW_READERS),
    case("rejected", "source", RAW_READERS),
    case("rejected_csv", "source", RAW_READERS),
    case("health"),
    case("health_programs", allowed=TEAM),
    case("held_back", "source", RAW_READERS),
    case("partner_rejected", "partner", RAW_READERS),
    case("partner_rejected_csv", "partner", RAW_READERS),
    case("run_rejected", "run", RAW_READERS),
    case("runs"),
    case("run", "run"),
    case("run_progress", "run"),
    case("record", "record", RAW_READERS),
    case("review", allowed=HARVESTERS),
    case("release", "source", HARVESTERS),
    case("release_undo", "release", HARVESTERS),
    case("innovation", "innovation", TEAM),
    case("innovation_sources", "innovation", HARVESTERS),
    case("innovation_join", "innovation", HARVESTERS),
    case("review_one", "innovation", HARVESTERS),
    case("pairs", allowed=HARVESTERS),
    case("pair", "pair", HARVESTERS),
    case("remarks", allowed=HARVESTERS),
    case("remark_add", "record", {"partner_member"}),
    case("sent_back", "partner", RAW_READERS),
    case("differences", allowed=HARVESTERS),
    case("bulk_actions", allowed=HARVESTERS),
    case("bulk_action", "action", HARVESTERS),
    case("source_priorities", "source", HARVESTERS),
    case("priorities_progress", "source", HARVESTERS),
    case("enrich", "innovation", HARVESTERS | {"essaimage_officer"}),
    case("suggestions", allowed=HARVESTERS),
    case("suggestion", "suggestion", HARVESTERS),
    case("partner_suggestions", "partner", RAW_READERS),
    case("claims", allowed=HARVESTERS),
    case("proposals", allowed=HARVESTERS),
    case("proposal", "proposal", HARVESTERS),
    case("partner_offers", "partner", RAW_READERS),
    case("quality", allowed=TEAM),
    case("quality_csv", allowed=TEAM),
    case("quality_records", allowed=TEAM),
    case("completeness_csv", "partner", RAW_READERS),
    case("flags", allowed=HARVESTERS),
    case("partner_flags", "partner", RAW_READERS),
    case("links", allowed=HARVESTERS),
    case("links_csv", allowed=HARVESTERS),
    case("partner_links", "partner", RAW_READERS),
    case("partner_links_csv", "partner", RAW_READERS),
    case("vocabulary", allowed=HARVESTERS),
    case("objections", allowed=HARVESTERS),
    case("objection_add", allowed=HARVESTERS),
    case("objection", "objection", HARVESTERS),
]
ACTIONS = [
    case("run_start", "source", HARVESTERS, "post"),
    case("run_cancel", "run", HARVESTERS, "post"),
    case("replay", "source", HARVESTERS, "post"),
    case("held_back_decide", "source", HARVESTERS, "post"),
    case("alert", "source", ENTERING, "post"),
    case("review_decide", "", HARVESTERS, "post"),
    case("release_publish", "source", HARVESTERS, "post"),
    case("release_undo", "release", HARVESTERS, "post"),
    case("review_settle", "innovation", HARVESTERS, "post"),
    case("pair_decide", "pair", HARVESTERS, "post"),
    case("pair_reopen", "pair", HARVESTERS, "post"),
    case("regrouping_undo", "step", HARVESTERS, "post"),
    case("innovation_split", "innovation", HARVESTERS, "post"),
    case("differences_settle", "", HARVESTERS, "post"),
    case("bulk_undo", "action", HARVESTERS, "post"),
    case("remark_settle", "remark", HARVESTERS, "post"),
    case("source_priorities", "source", HARVESTERS, "post"),
    case("keys", "", ENTERING, "post"),
    case("enrich", "innovation", HARVESTERS | {"essaimage_officer"}, "post"),
    case("suggestion_accept", "suggestion", HARVESTERS, "post"),
    case("suggestion_refuse", "suggestion", HARVESTERS, "post"),
    case("suggestion_send", "suggestion", HARVESTERS, "post"),
    case("claim_decide", "claim", HARVESTERS, "post"),
    case("proposal_act", "proposal", HARVESTERS, "post"),
    case("flags_decide", "", HARVESTERS, "post"),
    case("link_adopt", "link", HARVESTERS, "post"),
    case("objection_apply", "objection", HARVESTERS, "post"),
    case("objection_refuse", "objection", HARVESTERS, "post"),
    case("partner_add", "", HARVESTERS, "post"),
    case("partner_edit", "partner", HARVESTERS, "post"),
    case("source_edit", "source", HARVESTERS, "post"),
    case("source_mapping", "source", HARVESTERS, "post"),
    case("mapping_preview", "source", HARVESTERS, "post"),
    case("source_access", "source", HARVESTERS, "post"),
    case("onboarding", "", HARVESTERS, "post"),
    case("onboarding_discard", "source", HARVESTERS, "post"),
    case("deposits", "source", RAW_READERS, "post"),
    case("vocabulary", "", HARVESTERS, "post"),
]


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """A partner with one object of each kind; the member belongs to it."""
    source = SourceFactory(partner=roles.partner)
    innovation = InnovationFactory(status=Status.IN_REVIEW)
    record = SourceRecordFactory(source=source, innovation=innovation)
    other = SourceRecordFactory(innovation=InnovationFactory())
    return SimpleNamespace(
        **vars(roles),
        source=source,
        run=RunFactory(source=source, state=RunState.DONE),
        record=record,
        innovation=innovation,
        release=Release.objects.create(source=source, innovation_ids=[innovation.pk]),
        pair=Pair.objects.create(first=record, second=other, score=0.8, proposed=Verdict.SAME),
        step=Regrouping.objects.create(
            kind="reunion", origin=other.innovation, target=innovation, records=[other.pk]
        ),
        action=BulkAction.objects.create(kind="relecture", label="Publiée"),
        remark=Remark.objects.create(record=record, text="Ce n’est pas la même."),
        link=Link.objects.create(url="https://atelier.example.org/", state=LinkState.MOVED),
        objection=Objection.objects.create(
            innovation=innovation, scope="fiche", state=ObjectionState.CONFIRMED
        ),
        suggestion=SuggestionFactory(innovation=innovation),
        claim=ClaimFactory(innovation=innovation),
        proposal=Proposal.objects.create(
            state=ProposalState.WAITING, sent_at=timezone.now(), answers={"titre": "Potager"}
        ),
    )


def address(tried: Case, world: SimpleNamespace) -> str:
    if not tried.argument:
        return reverse(f"backoffice:{tried.name}")
    row = getattr(world, tried.argument)
    by_slug = tried.argument in {"partner", "source"}
    return reverse(f"backoffice:{tried.name}", args=[row.slug if by_slug else row.pk])


@pytest.mark.parametrize("tried", PAGES, ids=str)
def test_who_opens_what(tried: Case, world: SimpleNamespace, client: Client) -> None:
    where = address(tried, world)
    anonymous = client.get(where)
    assert anonymous.status_code == 302
    assert anonymous.url.startswith(reverse("accounts:login"))
    got = {}
    for role in ROLES:
        client.force_login(getattr(world, role), BACKEND)
        got[role] = client.get(where).status_code
    assert got == {role: 200 if role in tried.allowed else 403 for role in ROLES}


@pytest.mark.parametrize("tried", ACTIONS, ids=str)
def test_who_does_what(tried: Case, world: SimpleNamespace, client: Client) -> None:
    where = address(tried, world)
    assert client.post(where).url.startswith(reverse("accounts:login"))
    for role in ROLES:
        client.force_login(getattr(world, role), BACKEND)
        wanted = {200, 302} if role in tried.allowed else {403}
        assert client.post(where, {}).status_code in wanted, role


def test_another_partners_member_does_not_know_that_it_exists(
    world: SimpleNamespace, client: Client
) -> None:
    other = MembershipFactory(
        partner=PartnerFactory(),
        user=UserFactory(email="autre@example.org", display_name="Membre d’un autre partenaire"),
    )
    client.force_login(other.user, BACKEND)
    for tried in PAGES:
        if tried.argument in {"partner", "source", "run", "record"}:
            wanted = 404 if "partner_member" in tried.allowed else 403
            assert client.get(address(tried, world)).status_code == wanted, tried


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


def test_an_action_is_never_a_link(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.administrator, BACKEND)
    forms = {"partner_add", "partner_edit", "source_edit", "source_mapping", "vocabulary"}
    forms |= {"source_access", "onboarding", "deposits", "release_undo", "source_priorities"}
    forms |= {"enrich"}
    for tried in ACTIONS:
        if tried.name not in forms:
            assert client.get(address(tried, world)).status_code == 405, tried


@pytest.mark.parametrize("role", ["statistician", "essaimage_officer"])
def test_who_does_not_work_on_raw_content_has_no_link_to_it(
    role: str, world: SimpleNamespace, client: Client
) -> None:
    client.force_login(getattr(world, role), BACKEND)
    raw = ("/gestion/fiches/", "/fiches/", "/refus")
    for name in ("source", "run", "innovation"):
        page = client.get(address(case(name, name), world)).content.decode()
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
