"""Each role on each page, action and endpoint, as the declared matrix says: refused ones too."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from carrefour.api import urls as api
from essaimage import proposing
from essaimage.backoffice import urls as essaimage_urls
from essaimage.models import Telling
from innovations import taxonomy_changes
from innovations.models import (
    BulkAction,
    Equivalent,
    FieldEdit,
    Link,
    LinkState,
    SearchCount,
    Status,
)
from partners import deposits
from partners.backoffice import urls
from partners.consolidation import linking
from partners.models import (
    Import,
    Invitation,
    MappingVersion,
    NetworkDecision,
    Objection,
    Offer,
    Pair,
    Proposal,
    ProposalState,
    Regrouping,
    Remark,
    RunState,
    Verdict,
)
from tests.backoffice.conftest import BACKEND
from tests.backoffice.matrix import (
    ALL,
    BY_SECRET,
    DOC,
    ESSAIMAGE,
    LINES,
    MATRIX,
    OWN,
    ROLES,
    Line,
    written,
)  # fmt: skip
from tests.factories import (
    ClaimFactory,
    ExperimentFactory,
    FactsFactory,
    InnovationFactory,
    InterpretationFactory,
    MembershipFactory,
    ObstacleFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
    SuggestionFactory,
    TermFactory,
    UserFactory,
)

API = "/api/v1/"
ENDPOINTS = {
    "root": "", "schema": "schema/", "docs": "docs/",
    "innovations-list": "innovations/", "innovations-detail": "innovations/{innovation}/",
    "innovations-similar": "innovations/{innovation}/similar/",
    "partners-list": "partners/", "partners-detail": "partners/{partner}/",
    "replications-list": "replications/",
    "replications-detail": "replications/{replication}/",
    "territories-list": "territories/", "territories-detail": "territories/commune-22278/",
    "terms-list": "terms/", "facts-list": "facts/",
    "obstacles-list": "obstacles/", "obstacles-detail": "obstacles/{obstacle}/",
    "experiments-list": "experiments/", "experiments-detail": "experiments/{experiment}/",
}  # fmt: skip


# Pages that only lead to another; the steps of a source's set-up do once it is over.
LEADS_ON = {
    f"backoffice:{name}"
    for name in (
        "review_first", "review_next", "onboarding_resume", "source_recognition",
        "source_contract", "release_undo",
    )
} | {"gestion_essaimage:facts_add"}  # fmt: skip


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def test_every_page_is_declared() -> None:
    assert set(names(urls.urlpatterns)) == set(MATRIX) | BY_SECRET
    assert set(names(essaimage_urls.urlpatterns)) == set(ESSAIMAGE)
    assert {"backoffice", "gestion_essaimage"} <= set(get_resolver().namespace_dict)


def test_every_endpoint_is_declared() -> None:
    assert set(names(api.urlpatterns)) <= set(ENDPOINTS) | {
        f"{name}-{action}" for name in ("innovations", "partners") for action in ("export",)
    }


def test_the_guide_shows_the_matrix() -> None:
    """After a change: python -m tests.backoffice.matrix."""
    text = DOC.read_text()
    assert written(text) == text


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """One object of each kind; the member belongs to their partner."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    source = SourceFactory(partner=roles.partner)
    innovation = InnovationFactory(status=Status.IN_REVIEW)
    record = SourceRecordFactory(source=source, innovation=innovation)
    other = SourceRecordFactory(innovation=InnovationFactory())
    pair = Pair.objects.create(first=record, second=other, score=0.8, proposed=Verdict.SAME)
    proposal = Proposal.objects.create(
        state=ProposalState.WAITING, sent_at=timezone.now(), answers={"titre": "Potager"}
    )
    edit = FieldEdit.objects.create(innovation=innovation, field="title", value="Notre titre")
    term, gone = TermFactory(), TermFactory()
    MappingVersion.objects.create(source=source, number=1, rules=[])
    invited = Invitation.objects.create(
        partner=roles.partner, email="a@example.org", token_digest="0" * 64,
        expires_at=timezone.now() + timezone.timedelta(days=1),
    )  # fmt: skip
    linking.load_rules()
    file = SimpleUploadedFile("fiches.csv", b"titre\r\nAtelier\r\n")
    replication = ReplicationFactory(innovation=innovation, state="en-cours", journal=True)
    objects = SimpleNamespace(
        replication=replication.code,
        obstacle=ObstacleFactory(waiting=True).pk,
        interpretation=InterpretationFactory(publication="a-relire").pk,
        experiment=ExperimentFactory().pk,
        step_done=replication.steps.last().pk,
        side=PartyFactory(replication=replication, porteur=True, email="").side,
        actor=PublicActorFactory(replication=replication).pk,
        telling=Telling.objects.create(
            replication=replication, side="repreneur", values={"lessons": "Appris."}
        ).pk,
        innovation_slug=innovation.slug,
        facts=FactsFactory(replication=replication, told_by="equipe").pk,
        telling_done=BulkAction.objects.create(kind="relecture-texte", label="Texte retenu").pk,
        review_done=BulkAction.objects.create(kind="relecture-reprise", label="Publiée").pk,
        sites_done=BulkAction.objects.create(
            kind=proposing.KIND, label="Décidés", subject=innovation.slug
        ).pk,
        source=source.slug,
        partner=roles.partner.slug,
        run=RunFactory(source=source, state=RunState.DONE).pk,
        record=record.pk,
        innovation=innovation.pk,
        release=BulkAction.objects.create(kind="publication", label="Publiées").pk,
        objection=Objection.objects.create(
            innovation=innovation, scope="fiche", state="confirmee"
        ).pk,
        search=SearchCount.objects.create(
            day=timezone.localdate(), kind="texte", value="creche rurale", label="crèche rurale",
            visitors=6, total=0,
        ).value.replace(" ", "-"),
        term=term.pk,
        equivalent=Equivalent.objects.create(expressions=["AMAP", "association paysanne"]).pk,
        term_merge=taxonomy_changes.merge(gone, term, author=None).pk,
        made=Import.objects.create(kind="taxonomie", name="a.csv", author=roles.moderator).pk,
        member=MembershipFactory(
            partner=roles.partner, user=UserFactory(email="collegue@example.org")
        ).pk,
        invited=invited.pk,
        deposit=deposits.store(source, file, roles.moderator).pk,
        pair=pair.pk,
        regrouping=Regrouping.objects.create(
            kind="reunion", origin=other.innovation, target=innovation, records=[other.pk]
        ).pk,
        other=other.innovation.pk,
        action=BulkAction.objects.create(kind="relecture", label="Publiée").pk,
        remark=Remark.objects.create(record=record, text="Ce n’est pas la même.").pk,
        link=Link.objects.create(url="https://atelier.example.org/", state=LinkState.MOVED).pk,
        suggestion=SuggestionFactory(innovation=innovation).pk,
        claim=ClaimFactory(innovation=innovation).pk,
        proposal=proposal.pk,
        offer=Offer.objects.create(proposal=proposal, partner=roles.partner).pk,
        field="title",
        event=edit.events.order_by("pgh_id").first().pk,
        version=1, step="en-pause", kind="taxonomie", csv="csv", tracked="terme",
        rule="meme-page", network="la-poste",
        network_decision=NetworkDecision.objects.create(
            network="la-poste", choice="plus-tard", made_at=timezone.now()
        ).pk,
    )  # fmt: skip
    return SimpleNamespace(**vars(roles), objects=objects)


def address(name: str, line: Line, world: SimpleNamespace) -> str:
    arguments = [getattr(world.objects, a) for a in line.arguments]
    return reverse(name, args=arguments)


def status(client: Client, method: str, where: str) -> int:
    """What is answered; what a post wrote is taken back."""
    with transaction.atomic():
        answer = getattr(client, method)(where)
        # A file is only sent as it is read.
        b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code


def expected(method: str, name: str, line: Line, role: str) -> set[int]:
    """What may be answered. An object that one does not see is not known to exist (404)."""
    allowed = line.sees if method == "get" else line.acts
    if role not in ROLES or allowed is None:
        return {403, 405}
    if role not in allowed:
        return {403, 404} if line.arguments else {403}
    return {200} if method == "get" and name not in LEADS_ON else {200, 302}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_each_role_has_what_its_work_needs_and_no_more(
    role: str, world: SimpleNamespace, client: Client
) -> None:
    client.force_login(getattr(world, role), BACKEND)
    wrong = {}
    for name, line in LINES.items():
        where = address(name, line, world)
        methods = ("get",) if line.acts is None else ("get", "post")
        for method in methods:
            got = status(client, method, where)
            if got not in expected(method, name, line, role):
                wrong[f"{method} {name}"] = got
    assert wrong == {}


@pytest.mark.django_db
def test_nobody_enters_without_logging_in(world: SimpleNamespace, client: Client) -> None:
    wrong = {}
    for name, line in LINES.items():
        where = address(name, line, world)
        for method, allowed in (("get", line.sees), ("post", line.acts)):
            answer = getattr(client, method)(where)
            if answer.status_code == 405 and allowed is None:
                continue
            if not answer.get("Location", "").startswith(reverse("accounts:login")):
                wrong[f"{method} {name}"] = answer.status_code
    assert wrong == {}


@pytest.mark.django_db
def test_a_partners_member_has_nothing_of_another_partner(
    world: SimpleNamespace, client: Client
) -> None:
    other = MembershipFactory(user=UserFactory(email="autre@example.org"))
    client.force_login(other.user, BACKEND)
    wrong = {}
    for name, line in LINES.items():
        if not line.arguments:
            continue
        where = address(name, line, world)
        for method, allowed in (("get", line.sees), ("post", line.acts)):
            if allowed is None:
                continue
            wanted = {404} if OWN & allowed else {403, 404}
            if (got := status(client, method, where)) not in wanted:
                wrong[f"{method} {name}"] = got
    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", *ROLES, "stranger"])
def test_the_api_is_open_to_read_and_closed_to_writing(
    role: str, world: SimpleNamespace, client: Client
) -> None:
    if role != "anonymous":
        client.force_login(getattr(world, role), BACKEND)
    public = InnovationFactory(published=True)
    named = {
        "innovation": public.slug,
        "partner": world.objects.partner,
        "obstacle": ObstacleFactory(innovation=public).pk,
        "replication": ReplicationFactory(innovation=public).code,
        "experiment": ExperimentFactory(innovation=public).pk,
    }
    wrong = {}
    for name, path in ENDPOINTS.items():
        where = API + path.format(**named)
        wanted = {404} if name == "territories-detail" else {200}
        if (got := status(client, "get", where)) not in wanted:
            wrong[f"get {name}"] = got
        for method in ("post", "put", "patch", "delete"):
            if (got := status(client, method, where)) not in {403, 405}:
                wrong[f"{method} {name}"] = got
    assert wrong == {}


def test_the_matrix_gives_each_role_something() -> None:
    for role in ALL:
        assert any(line.sees and role in line.sees for line in LINES.values())
