"""Factories with traits; sample people are roles."""

import datetime

import factory
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from carrefour.text import key
from essaimage.models import (
    Assessment,
    AssessmentRound,
    Experiment,
    Facts,
    Following,
    FollowUp,
    Interpretation,
    Obstacle,
    Party,
    PublicActor,
    Replication,
    ReplicationState,
    Side,
)
from essaimage.moving import Author, Passed, open_journal
from innovations import assessing, searchrows
from innovations.licences import Licence
from innovations.models import (
    Citation,
    Innovation,
    Location,
    Organisation,
    Reproduction,
    Status,
    Term,
    Vocabulary,
)
from partners.models import (
    Claim,
    ClaimState,
    Membership,
    Partner,
    PartnerKind,
    PartnerStep,
    RecordState,
    RecordType,
    Run,
    Source,
    SourceRecord,
    Suggestion,
    SuggestionState,
    Trigger,
)
from territories.models import Territory


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        administrator = factory.Trait(
            email="administrateur@example.org",
            display_name="Administrateur",
            role=Role.ADMINISTRATOR,
            is_staff=True,
        )
        moderator = factory.Trait(
            email="moderateur@example.org",
            display_name="Modérateur",
            role=Role.MODERATOR,
            is_staff=True,
        )
        essaimage_officer = factory.Trait(
            email="essaimage@example.org",
            display_name="Chargé d’essaimage",
            role=Role.ESSAIMAGE_OFFICER,
            is_staff=True,
        )
        statistician = factory.Trait(
            email="statisticien@example.org",
            display_name="Statisticien",
            role=Role.STATISTICIAN,
            is_staff=True,
        )
        partner_member = factory.Trait(
            email="partenaire@example.org", display_name="Membre d’un partenaire", role=Role.PARTNER
        )

    email = factory.Sequence(lambda n: f"compte{n}@example.org")
    display_name = "Compte sans rôle"
    password = factory.django.Password("mot-de-passe-de-test")

    role = None

    @classmethod
    def _create(
        cls, model_class: type[User], *args: object, role: Role | None = None, **fields: object
    ) -> User:
        user = super()._create(model_class, *args, **fields)
        if role:
            user.groups.add(Group.objects.get(name=role.value))
        return user


class TerritoryFactory(DjangoModelFactory):
    """A commune by default; traits for the other levels. Ancestors follow the parents given."""

    class Meta:
        model = Territory
        django_get_or_create = ["kind", "code"]
        skip_postgeneration_save = True

    class Params:
        a_region = factory.Trait(kind=Territory.Kind.REGION, code="53", name="Bretagne")
        a_departement = factory.Trait(
            kind=Territory.Kind.DEPARTEMENT, code="22", name="Côtes-d’Armor", liaison=4
        )

    kind = Territory.Kind.COMMUNE
    code = factory.Sequence(lambda n: f"{n:05d}")
    name = factory.Sequence(lambda n: f"Commune {n}")
    slug = factory.LazyAttribute(lambda o: key(o.name).replace(" ", "-"))
    name_key = factory.LazyAttribute(lambda o: key(o.name))
    longitude = -2.76
    latitude = 48.51
    vintage = 2026

    @factory.post_generation
    def ancestry(self, create: bool, extracted: object, **kwargs: object) -> None:
        parents = [p for p in (self.departement, self.region, self.epci) if p]
        ids = {self.pk} | {i for p in parents for i in [p.pk, *p.ancestor_ids]}
        self.ancestor_ids = sorted(ids)
        if create:
            Territory.objects.filter(pk=self.pk).update(ancestor_ids=self.ancestor_ids)


class TermFactory(DjangoModelFactory):
    class Meta:
        model = Term
        django_get_or_create = ["vocabulary", "code"]

    vocabulary = Vocabulary.THEME
    code = factory.Sequence(lambda n: f"theme-{n}")
    label = factory.LazyAttribute(lambda o: o.code.replace("-", " ").capitalize())


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Association numéro {n}")
    slug = factory.Sequence(lambda n: f"association-numero-{n}")
    legal_form = "association"
    roles = factory.LazyFunction(lambda: ["porteur"])


class InnovationFactory(DjangoModelFactory):
    """With ``published=True``: public, with its search row (made after the other traits)."""

    class Meta:
        model = Innovation
        skip_postgeneration_save = True

    class Params:
        published = factory.Trait(
            status=Status.PUBLISHED, published_at=factory.LazyFunction(timezone.now)
        )
        for_snapshot = factory.Trait(
            slug="atelier-de-reparation",
            title="Atelier de réparation",
            published_at=datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC),
        )

    slug = factory.Sequence(lambda n: f"atelier-{n}")
    title = factory.Sequence(lambda n: f"Atelier de réparation n° {n}")
    title_key = factory.LazyAttribute(lambda o: key(o.title))
    nature = "sociale"
    summary = "Des habitants réparent ensemble les objets du quotidien."
    description = "<p>Un lieu ouvert où l’on apprend à réparer plutôt que jeter.</p>"
    organisation = factory.SubFactory(OrganisationFactory)
    started_year = 2014

    @factory.post_generation
    def terms(self, create: bool, extracted: list[Term] | None, **kwargs: object) -> None:
        if create and extracted:
            self.terms.set(extracted)

    @factory.post_generation
    def territory(self, create: bool, extracted: Territory | None, **kwargs: object) -> None:
        if create and extracted:
            LocationFactory(innovation=self, territory=extracted, refresh=False)

    @factory.post_generation
    def cited(self, create: bool, extracted: SourceRecord | None, **kwargs: object) -> None:
        if create and extracted:
            CitationFactory(innovation=self, record=extracted)

    @factory.post_generation
    def reproduction(
        self, create: bool, extracted: dict[str, str] | None, **kwargs: object
    ) -> None:
        if create:
            Reproduction.objects.create(innovation=self, **(extracted or {}))

    @factory.post_generation
    def zz_search_row(self, create: bool, extracted: object, **kwargs: object) -> None:
        if create:
            searchrows.refresh([self.pk])
            assessing.refresh([self.pk])


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location
        skip_postgeneration_save = True

    innovation = factory.SubFactory(InnovationFactory)
    territory = factory.SubFactory(TerritoryFactory)
    label = factory.LazyAttribute(lambda o: o.territory.name)
    longitude = factory.LazyAttribute(lambda o: o.territory.longitude)
    latitude = factory.LazyAttribute(lambda o: o.territory.latitude)

    @factory.post_generation
    def refresh(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False:
            searchrows.refresh([self.innovation_id])


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Plateforme {n}")
    slug = factory.Sequence(lambda n: f"plateforme-{n}")
    kind = PartnerKind.ASSOCIATIF
    step = PartnerStep.LIVE
    website = factory.LazyAttribute(lambda o: f"https://{o.slug}.example.org/")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory, partner_member=True)
    partner = factory.SubFactory(PartnerFactory)


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    partner = factory.SubFactory(PartnerFactory)
    name = factory.Sequence(lambda n: f"Fiches {n}")
    slug = factory.Sequence(lambda n: f"fiches-{n}")
    connector = "spreadsheet"
    url = factory.LazyAttribute(lambda o: f"https://{o.partner.slug}.example.org/fiches.csv")
    licence = Licence.ETALAB


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    source = factory.SubFactory(SourceFactory)
    trigger = Trigger.MANUAL


class SourceRecordFactory(DjangoModelFactory):
    class Meta:
        model = SourceRecord

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda n: f"fiche-{n}")
    url = factory.LazyAttribute(
        lambda o: f"https://{o.source.partner.slug}.example.org/{o.external_id}"
    )
    record_type = RecordType.INNOVATION
    state = RecordState.COMPLETE
    raw = factory.LazyAttribute(lambda o: [{"id": o.external_id, "titre": "Atelier de réparation"}])
    fingerprint = factory.Sequence(lambda n: f"{n:064x}")
    values = factory.LazyFunction(lambda: {"title": "Atelier de réparation"})
    licence = Licence.ETALAB
    changed_at = factory.LazyFunction(timezone.now)
    seen_at = factory.LazyFunction(timezone.now)


class CitationFactory(DjangoModelFactory):
    class Meta:
        model = Citation

    class Params:
        record = factory.SubFactory(SourceRecordFactory)

    innovation = factory.SubFactory(InnovationFactory)
    source_record = factory.LazyAttribute(lambda o: o.record.pk)
    partner_slug = factory.LazyAttribute(lambda o: o.record.source.partner.slug)
    partner_name = factory.LazyAttribute(lambda o: o.record.source.partner.name)
    source_slug = factory.LazyAttribute(lambda o: o.record.source.slug)
    source_name = factory.LazyAttribute(lambda o: o.record.source.name)
    url = factory.LazyAttribute(lambda o: o.record.url)
    licence = factory.LazyAttribute(lambda o: o.record.licence)
    collected_at = factory.LazyAttribute(lambda o: o.record.seen_at)


class ReplicationFactory(DjangoModelFactory):
    class Meta:
        model = Replication

        skip_postgeneration_save = True

    class Params:
        waiting = factory.Trait(publication="a-relire", origin="repreneur")
        set_aside = factory.Trait(
            publication="ecartee", publication_reason="Doublon.", origin="repreneur"
        )
        told_by_staff = factory.Trait(origin="equipe")

    code = factory.Sequence(lambda n: f"reprise-{n}")
    innovation = factory.SubFactory(InnovationFactory, published=True)
    territory = factory.SubFactory(TerritoryFactory)
    state = ReplicationState.ENVISAGEE

    @factory.post_generation
    def journal(
        self, create: bool, extracted: dict[str, str] | bool | None, **kwargs: object
    ) -> None:
        """``journal={"en-cours": "2019"}`` (or True): the steps to its state, with these dates."""
        if create and extracted:
            dates = extracted if isinstance(extracted, dict) else {}
            passed = [Passed(state, date) for state, date in dates.items()]
            open_journal(self, Author("Association du bourg"), passed=passed)


class PartyFactory(DjangoModelFactory):
    """The repreneur's side, who declared it; ``porteur=True``: the other side, who was not."""

    class Meta:
        model = Party

    class Params:
        porteur = factory.Trait(
            side=Side.PORTEUR,
            organisation="Association d’origine",
            email=factory.Sequence(lambda n: f"porteur{n}@example.org"),
            is_declarer=False,
            email_confirmed_at=None,
        )
        contests = factory.Trait(
            verdict="contestee",
            note="Ce n’est pas notre projet.",
            answered_at=factory.LazyFunction(timezone.now),
        )
        confirms = factory.Trait(
            verdict="confirmee", answered_at=factory.LazyFunction(timezone.now)
        )

    replication = factory.SubFactory(ReplicationFactory)
    side = Side.REPRENEUR
    organisation = "Association du bourg"
    email = factory.Sequence(lambda n: f"repreneur{n}@example.org")
    is_declarer = True
    email_confirmed_at = factory.LazyFunction(timezone.now)


class PublicActorFactory(DjangoModelFactory):
    class Meta:
        model = PublicActor

    replication = factory.SubFactory(ReplicationFactory)
    name = factory.Sequence(lambda n: f"Communauté de communes n° {n}")
    roles = factory.LazyFunction(lambda: ["facilitateur"])
    actions = factory.LazyFunction(lambda: ["facilitateur-financer"])


class ObstacleFactory(DjangoModelFactory):
    """Published, met by ``replication`` when given; ``lifted=True``: and how it was."""

    class Meta:
        model = Obstacle

    class Params:
        lifted = factory.Trait(state="leve", resolution="La préfecture a donné son accord écrit.")
        waiting = factory.Trait(publication="a-relire", told_by="repreneur")

    replication = None
    innovation = factory.LazyAttribute(
        lambda o: o.replication.innovation if o.replication else InnovationFactory(published=True)
    )
    title = factory.Sequence(lambda n: f"Le local ne peut pas recevoir de public ({n})")
    description = "Le service instructeur demande un classement que le lieu ne peut pas avoir."
    authority = "Direction départementale des territoires"
    interpreter = "service-deconcentre"
    origin = "norme"
    stage = "demarrage"
    publication = "publiee"


class InterpretationFactory(DjangoModelFactory):
    class Meta:
        model = Interpretation

    obstacle = factory.SubFactory(ObstacleFactory)
    authority = "Préfecture voisine"
    text = "Un lieu de moins de vingt personnes n’est pas concerné."
    allows = True


class ExperimentFactory(DjangoModelFactory):
    class Meta:
        model = Experiment

    title = factory.Sequence(lambda n: f"Ouvrir sans classement pendant deux ans ({n})")
    object = "Accueillir des habitants dans un local non classé, sous conditions."
    innovation = factory.SubFactory(InnovationFactory, published=True)
    ground = "37-1"
    rules = factory.LazyFunction(lambda: ["Règle d’accueil du public"])
    publication = "publiee"


class FactsFactory(DjangoModelFactory):
    """Of ``replication`` when given, else of the innovation at its origin."""

    class Meta:
        model = Facts

    replication = None
    innovation = factory.LazyAttribute(
        lambda o: o.replication.innovation if o.replication else InnovationFactory(published=True)
    )
    months = 12
    effect = "partiel"
    strength = "moyenne"
    reasons = factory.LazyFunction(lambda: ["suivi"])
    cost = "10k-50k"
    publication = "publiee"


class FollowUpFactory(DjangoModelFactory):
    class Meta:
        model = FollowUp

    party = factory.SubFactory(PartyFactory)
    months = 3
    due_on = factory.LazyFunction(timezone.localdate)


class FollowingFactory(DjangoModelFactory):
    class Meta:
        model = Following

    user = factory.SubFactory(UserFactory)
    replication = factory.SubFactory(ReplicationFactory)


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = Assessment

    key = factory.Sequence(lambda n: f"{n:064x}")
    project = "Atelier de réparation"


class AssessmentRoundFactory(DjangoModelFactory):
    class Meta:
        model = AssessmentRound

    assessment = factory.SubFactory(AssessmentFactory)
    version = "1"


class SuggestionFactory(DjangoModelFactory):
    """A visitor's correction of the summary, waiting for the staff."""

    class Meta:
        model = Suggestion

    innovation = factory.SubFactory(InnovationFactory, published=True)
    field = "summary"
    value = "Un résumé mieux dit."
    shown = factory.LazyAttribute(lambda o: o.innovation.summary)
    state = SuggestionState.WAITING


class ClaimFactory(DjangoModelFactory):
    """A claim that waits for the staff; with ``user``, a right that is held."""

    class Meta:
        model = Claim

    innovation = factory.SubFactory(InnovationFactory, published=True)
    name = "Porteur de projet"
    organisation = "Association du bourg"
    role = "Direction"
    email = "porteur@example.org"
    user = None
    state = factory.LazyAttribute(lambda o: ClaimState.ACCEPTED if o.user else ClaimState.WAITING)
