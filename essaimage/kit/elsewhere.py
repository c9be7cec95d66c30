"""The sections of a kit that come from those who took the project up, and what they met."""

from collections.abc import Iterable, Sequence

from django.utils.dateformat import format as formatted

from carrefour.french import counted
from essaimage import dates
from essaimage.kit import texts
from essaimage.kit.asking import Asking
from essaimage.kit.blocks import Block, Card, Entries, Entry, Link, Prose, Section, Subtitle, Table
from essaimage.kit.reading import Gathered
from essaimage.kit.record_sections import QUESTIONS, RecordSections
from essaimage.models import (
    Experiment,
    ExperimentState,
    Facts,
    Interpretation,
    Obstacle,
    ObstacleState,
    PublicAction,
    Replication,
    ReplicationState,
    StrengthReason,
)
from essaimage.replication_page import ReplicationPage

S = ReplicationState
GROUPS = (
    ("Ceux qui l’ont fait", (S.PERENNISEE, S.EN_COURS), "done"),
    ("Ceux qui ont arrêté, et ce qu’ils en disent", (S.ABANDONNEE,), "stopped"),
    ("Ceux qui s’y préparent", (S.EN_PREPARATION, S.ENVISAGEE), "open"),
)
UNKNOWN = "non renseigné"


class Elsewhere:
    def __init__(self, gathered: Gathered, record: RecordSections, asking: Asking) -> None:
        self.gathered, self.record, self.asking = gathered, record, asking

    # --- the margin of adaptation -----------------------------------------------------------------

    def margin(self) -> Section:
        told = self.record.text("adaptation_margin")
        blocks: list[Block] = [Prose(texts.from_text(told))] if told else []
        cards = [card for r in self.gathered.replications if (card := _adapted(r))]
        if cards:
            blocks += [Subtitle("Ce que d’autres ont gardé, et changé"), *cards]
        missing = [] if told else [QUESTIONS["adaptation_margin"]]
        return Section(
            "marge",
            "La marge d’adaptation",
            "Chaque reprise transforme le projet : voici ce qui peut changer d’un territoire à "
            "l’autre.",
            (*blocks, *self.asking.missing(missing, elsewhere=True)),
        )

    # --- replications -----------------------------------------------------------------------------

    def replications(self) -> Section:
        found = self.gathered.replications
        blocks: list[Block] = [_summary(found)] if found else []
        for title, states, tone in GROUPS:
            cards = [replication_card(r, tone) for r in found if r.state in states]
            if cards:
                blocks += [Subtitle(title), *cards]
        if self.gathered.hidden:
            more = counted(self.gathered.hidden, "autre reprise")
            blocks.append(Prose(texts.paragraph(f"Et {more}, à lire sur la fiche.")))
        blocks += self._documented()
        return Section(
            "reprises",
            "Ceux qui l’ont fait, ceux qui ont arrêté",
            "Un arrêt est une information : il dit ce qu’il faut éviter.",
            (*blocks, *self.asking.missing(self._unknown_replications())),
        )

    def _unknown_replications(self) -> list[str]:
        if not self.gathered.replications:
            return ["les reprises du projet : le Carrefour n’en connaît pas encore"]
        if not self.gathered.begun:
            return ["une reprise qui ait commencé : aucune n’est encore connue du Carrefour"]
        return []

    def _documented(self) -> list[Block]:
        cards: list[Block] = [
            Card(
                s.get_status_display(),
                (dates.shown(s.as_of),),
                (*texts.entries([("En clair", s.text)]), *_cited(s.evidence)),
            )
            for s in self.gathered.statements
        ]
        cards += [
            Card(
                f"Reprise nationale : {_lower(t.get_mode_display())}",
                ("Réalisée" if t.is_done else "Souhaitée",),
                (*texts.entries([("En quoi", t.summary)]), *_cited(t.evidence)),
                tone="done" if t.is_done else "open",
            )
            for t in self.gathered.take_ups
        ]
        return [Subtitle("Ce qu’en disent les documents"), *cards] if cards else []

    # --- obstacles --------------------------------------------------------------------------------

    def obstacles(self) -> Section:
        blocks: list[Block] = []
        if origin := self.record.origin_obstacles():
            blocks.append(Entries(origin))
        lifted = [o for o in self.gathered.obstacles if o.state == ObstacleState.LEVE]
        others = [o for o in self.gathered.obstacles if o.state != ObstacleState.LEVE]
        if lifted:
            blocks += [Subtitle("Déjà levés ailleurs"), *map(obstacle_card, lifted)]
        if others:
            blocks += [Subtitle("Encore ouverts"), *map(obstacle_card, others)]
        if self.gathered.experiments:
            shown = map(experiment_card, self.gathered.experiments)
            blocks += [Subtitle("Expérimentations et dérogations"), *shown]
        missing = (
            []
            if blocks
            else ["les obstacles administratifs rencontrés, et comment ils ont été levés"]
        )
        return Section(
            "obstacles",
            "Les obstacles déjà levés ailleurs",
            "Ce qui a été obtenu une fois n’a pas à être négocié de nouveau : montrez-le à qui "
            "décide chez vous.",
            (*blocks, *self.asking.missing(missing, elsewhere=True)),
        )

    # --- results ----------------------------------------------------------------------------------

    def results(self) -> Section:
        told = self.record.results()
        blocks: list[Block] = [Entries(told)] if told else []
        cards = [facts_card(f) for f in self.gathered.facts]
        if cards:
            blocks += [Subtitle("Trois faits : l’effet, sa solidité, son coût"), *cards]
        missing = self.record.unsaid(("impact_evidence", "lessons"))
        if not cards:
            missing.append("l’effet constaté, ce sur quoi il repose et l’ordre de coût")
        return Section(
            "resultats",
            "Ce que cela a donné",
            "À l’origine, puis ailleurs : cela a-t-il marché de nouveau ?",
            (*blocks, *self.asking.missing(missing, elsewhere=True)),
        )


# --- cards --------------------------------------------------------------------------------------


def _summary(replications: Sequence[Replication]) -> Table:
    rows = tuple(
        (
            Link(where(r), r.get_absolute_url()),
            Link(r.repreneur_shown or UNKNOWN),
            Link(r.state_shown),
            Link(began(r) or UNKNOWN),
        )
        for r in replications
    )
    return Table("Les reprises en un coup d’œil", ("Où", "Repreneur", "État", "Depuis"), rows)


def where(replication: Replication) -> str:
    target = replication.target
    return _upper(target) if target else "Cible non renseignée"


def began(replication: Replication) -> str:
    """The date at which it began to run somewhere new, "" when unknown."""
    steps = [s for s in replication.steps.all() if s.state == S.EN_COURS]
    return dates.shown(steps[0].date) if steps else ""


def _adapted(replication: Replication) -> Card | None:
    by = ", ".join(filter(None, [replication.changed_by, replication.workshop]))
    pairs = [
        ("Resté du cœur du concept", replication.kept),
        ("Changé", replication.changed),
        ("Par qui, où", by),
    ]
    told = texts.entries(pairs)
    degree = replication.get_adaptation_display()
    if not told and not degree:
        return None
    badges = (degree,) if degree else ()
    return Card(where(replication), badges, told, replication.get_absolute_url())


def replication_card(replication: Replication, tone: str) -> Card:
    pairs = [
        ("Repreneur", replication.repreneur_shown),
        ("Réseau", replication.network if replication.territory else ""),
        ("Avec", ", ".join(partner.name for partner in replication.partners.all())),
        ("Ce qui est repris", replication.summary),
        ("Approche", replication.get_approach_display()),
        ("Reprise publique", replication.get_take_up_display()),
        ("Résultats", replication.results),
        ("Enseignements", replication.lessons),
    ]
    told = [*texts.entries(pairs), *_actors(replication), *_journal(replication)]
    told += texts.entries([("Ce qu’en disent les deux côtés", _sides(replication))])
    return Card(
        where(replication),
        (replication.state_shown,),
        (*told, *_cited(replication.evidence)),
        replication.get_absolute_url(),
        tone,
    )


def _actors(replication: Replication) -> list[Entry]:
    said = []
    for actor in replication.public_actors.all():
        roles = ", ".join(_lower(role.label) for role in actor.all_roles)
        does = [PublicAction(action).label for action in actor.actions]
        said.append(
            " : ".join(filter(None, [actor.name, roles])) + "".join(f" ; {_lower(d)}" for d in does)
        )
    return [Entry("Acteurs publics", texts.listed(said))] if said else []


def _journal(replication: Replication) -> list[Entry]:
    said = []
    for step in replication.steps.all():
        if step.date or step.reason:
            when = f" ({dates.shown(step.date)})" if step.date else ""
            why = f" : {step.reason}" if step.reason else ""
            said.append(f"{step.get_state_display()}{when}{why}")
    return [Entry("Étapes", texts.listed(said))] if said else []


def _sides(replication: Replication) -> str:
    """Who declared it, what the other side says, and why when it contests."""
    page = ReplicationPage(replication)
    why = [f"{_upper(who)} : {note}" for who, note in page.contests if note]
    return "\n\n".join([page.said, *why])


def obstacle_card(obstacle: Obstacle) -> Card:
    met = obstacle.replication if obstacle.replication and obstacle.replication.is_public else None
    pairs = [
        (
            "Ce qui bloquait" if obstacle.state == ObstacleState.LEVE else "Ce qui bloque",
            obstacle.description,
        ),
        ("Comment il a été levé", obstacle.resolution),
        ("Ce qui a été demandé ou obtenu", obstacle.get_relief_display()),
        ("Autorité", obstacle.authority),
        ("Qui l’interprète", obstacle.get_interpreter_display()),
        ("Où", obstacle.territory.name if obstacle.territory else ""),
        (
            "Rencontré par",
            where(met) if met else "le projet d’origine" if not obstacle.replication else "",
        ),
        ("Texte en cause", obstacle.legal_basis),
        ("Ce qui est en cause", obstacle.get_origin_display()),
        ("À quel stade", obstacle.get_stage_display()),
    ]
    read = texts.listed(map(_interpretation, obstacle.interpretations.all()))
    elsewhere = (Entry("Comment c’est lu ailleurs", read),) if read else ()
    is_lifted = obstacle.state == ObstacleState.LEVE
    return Card(
        obstacle.title,
        (obstacle.get_state_display(),),
        (*texts.entries(pairs), *elsewhere),
        obstacle.get_absolute_url(),
        "done" if is_lifted else "open",
    )


def _interpretation(read: Interpretation) -> str:
    place = f" ({read.territory.name})" if read.territory else ""
    verdict = "permet le projet" if read.allows else "ne le permet pas"
    source = f" Source : {read.source}." if read.source else ""
    return f"{read.authority}{place} {verdict} : {read.text}{source}"


def experiment_card(experiment: Experiment) -> Card:
    pairs = [
        ("Objet", experiment.object),
        ("Fondement", experiment.get_ground_display()),
        ("Portée par", ", ".join(o.name for o in experiment.alliance.all())),
        ("Territoires", ", ".join(t.name for t in experiment.territories.all())),
        ("Durée", _lasting(experiment)),
        ("Bilan", experiment.bilan),
        ("Issue", experiment.get_outcome_display()),
    ]
    rules = texts.listed(experiment.rules)
    derogated = (Entry("Règles auxquelles il est dérogé", rules),) if rules else ()
    is_closed = experiment.state == ExperimentState.CLOSE
    return Card(
        experiment.title,
        (experiment.state.label,),
        (*texts.entries(pairs), *derogated, *_cited(experiment.evidence)),
        experiment.get_absolute_url(),
        "done" if is_closed else "open",
    )


def _lasting(experiment: Experiment) -> str:
    start, end = experiment.starts_on, experiment.ends_on
    said = [f"du {formatted(start, 'j F Y')}"] if start else []
    return " ".join([*said, f"au {formatted(end, 'j F Y')}"] if end else said)


def facts_card(facts: Facts) -> Card:
    place = where(facts.replication) if facts.replication else "Au lieu d’origine"
    reasons = [StrengthReason(reason).label for reason in facts.reasons]
    strength = facts.get_strength_display() or UNKNOWN
    rests = f"{strength} : {', '.join(_lower(r) for r in reasons)}" if reasons else strength
    pairs = [
        ("Effet", _joined(facts.get_effect_display(), facts.effect_text)),
        ("Solidité", rests),
        ("Ordre de coût", _joined(facts.get_cost_display() or UNKNOWN, facts.cost_text)),
        ("Au-delà des indicateurs", facts.beyond),
    ]
    return Card(place, (_after(facts.months),), texts.entries(pairs))


def _after(months: int | None) -> str:
    if months is None:
        return "Moment non renseigné"
    return f"Après {months} mois" if months else "Au démarrage"


def _joined(label: str, text: str) -> str:
    return f"{label}\n\n{text}" if text else label


def _cited(evidence: Iterable[dict[str, str]]) -> list[Entry]:
    """The phrases of documents on which it rests, each with its place."""
    said = []
    for cited in evidence:
        page = f"p. {cited['page']}" if cited.get("page") else ""
        place = ", ".join(filter(None, [cited.get("document"), cited.get("section"), page]))
        quote = f"« {cited['quote']} » " if cited.get("quote") else ""
        said.append(f"{quote}({place})" if place else quote)
    return [Entry("D’après", texts.listed(said))] if any(said) else []


def _upper(label: str) -> str:
    return label[:1].upper() + label[1:]


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
