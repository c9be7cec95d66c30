"""Records to make kits of: a rich one with its replications, and one that says nothing."""

import datetime

from essaimage.models import Facts, Replication
from innovations.models import (
    Documentation,
    EconomicModel,
    Evidence,
    Innovation,
    Means,
    Reproduction,
)
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    LocationFactory,
    ObstacleFactory,
    OrganisationFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

REPRODUCTION = {
    "need": "Trop d’objets sont jetés.\n\n- encombrants\n- électroménager",
    "core": "Réparer ensemble, dans un lieu ouvert, avec ceux qui savent.",
    "adaptation_margin": "Les objets réparés et les horaires dépendent du quartier.",
    "success_conditions": "Un local en rez-de-chaussée et dix bénévoles réguliers.",
    "duplication_conditions": "Un accord avec la déchèterie.",
    "porteur_dependence": "La première coordinatrice connaissait tous les artisans.",
    "obstacles": "Le classement du local.",
    "impact_evidence": "Registre des objets réparés.",
    "lessons": "Ouvrir le samedi dès le début.",
}


def rich() -> Innovation:
    """Everything that a kit can tell, and what the public must not read beside it."""
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    bourg = TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region
    )
    rhone = TerritoryFactory(kind="departement", code="69", name="Rhône", liaison=2)
    lyon = TerritoryFactory(code="69123", name="Lyon", departement=rhone)
    nord = TerritoryFactory(kind="departement", code="59", name="Nord", liaison=2)
    aude = TerritoryFactory(kind="departement", code="11", name="Aude", liaison=5)
    innovation = InnovationFactory(
        published=True,
        slug="ressourcerie-du-bourg",
        title="Ressourcerie du bourg",
        summary="Des habitants réparent ensemble des objets, et les revendent à petit prix.",
        description="<h3>Un lieu</h3><p>On y apprend.</p><ul><li>réparer</li><li>vendre</li></ul>",
        organisation=OrganisationFactory(name="Association du bourg", slug="association-du-bourg"),
        terms=[TermFactory(code="emploi", label="Emploi")],
        maturity="essaimee",
        website="https://ressourcerie.example.org/",
        cited=SourceRecordFactory(),
        reproduction=REPRODUCTION,
    )
    LocationFactory(innovation=innovation, territory=bourg)
    Means.objects.create(
        innovation=innovation,
        budget="40 000 € par an, dont 25 000 € de salaires.",
        staff="Un coordinateur à mi-temps.",
        premises="150 m², dont 60 d’atelier.",
    )
    EconomicModel.objects.create(
        innovation=innovation,
        resources=[{"kind": "ventes", "share": 55}, {"kind": "subventions", "share": None}],
        grant_dependence="faible",
        payers="Les acheteurs et la commune.",
        beneficiary_cost="1250.50",
        cost_basis="par personne accueillie et par an",
    )
    Documentation.objects.create(innovation=innovation, kinds=["video"], basis="travaillee")
    Evidence.objects.create(
        innovation=innovation, field="title", document="Étude de 2017", section="Liste", page="14"
    )
    _replicated(innovation, lyon, nord, aude)
    return innovation


def _replicated(innovation: Innovation, lyon: object, nord: object, aude: object) -> None:
    running = ReplicationFactory(
        innovation=innovation,
        code="lyon",
        territory=lyon,
        state="en-cours",
        journal={"envisagee": "2018", "en-preparation": "2018-09", "en-cours": "2019-03"},
        repreneur_name="Régie de quartier",
        adaptation="adaptee",
        kept="La réparation en public.",
        changed="Le lieu tourne d’un quartier à l’autre.",
        changed_by="L’équipe et des habitants",
        workshop="Atelier de mars 2019",
        results="400 objets par an.",
        lessons="Commencer par un seul quartier.",
    )
    PartyFactory(replication=running, email="secret@example.org", confirms=True)
    PublicActorFactory(replication=running, name="Métropole", actions=["facilitateur-financer"])
    stopped = ReplicationFactory(
        innovation=innovation,
        code="nord",
        territory=nord,
        state="en-cours",
        journal={"en-cours": "2020"},
        repreneur_name="Collectif du Nord",
        lessons="Sans local stable, les bénévoles partent.",
    )
    _stop(stopped)
    ReplicationFactory(innovation=innovation, code="aude", territory=aude, state="envisagee")
    hidden = ReplicationFactory(
        innovation=innovation, code="cachee", waiting=True, repreneur_name="Repreneur à relire"
    )
    _told(innovation, running, hidden)


def _stop(replication: Replication) -> None:
    replication.state = "abandonnee"
    replication.save()
    replication.steps.create(
        state="abandonnee", date="2021-06", reason="Le bail n’a pas été renouvelé."
    )


def _told(innovation: Innovation, running: Replication, hidden: Replication) -> None:
    lifted = ObstacleFactory(replication=running, title="Le classement du local", lifted=True)
    InterpretationFactory(obstacle=lifted)
    ObstacleFactory(innovation=innovation, title="L’assurance des bénévoles")
    ObstacleFactory(innovation=innovation, title="Obstacle à relire", waiting=True)
    ExperimentFactory(innovation=innovation, publication="publiee")
    for replication, months, effect in ((None, None, "attendu"), (running, 12, "partiel")):
        Facts.objects.create(
            innovation=innovation,
            replication=replication,
            months=months,
            effect=effect,
            effect_text="Deux tonnes évitées par an.",
            strength="moyenne",
            reasons=["suivi", "tiers"],
            cost="10k-50k",
            beyond="Des voisins se parlent.",
            publication="publiee",
        )
    for replication, publication in ((None, "a-relire"), (hidden, "publiee")):
        Facts.objects.create(
            innovation=innovation,
            replication=replication,
            effect="aucun",
            effect_text="Fait que personne ne doit lire",
            publication=publication,
        )


def empty() -> Innovation:
    """A record of which nothing is known but its title."""
    innovation = InnovationFactory(
        published=True, slug="rien", title="Projet peu connu", summary="", description="",
        organisation=None, nature="", started_year=None,
    )  # fmt: skip
    Reproduction.objects.filter(innovation=innovation).delete()
    return innovation


DAY = datetime.date(2026, 11, 28)
