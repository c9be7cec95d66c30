"""Who opens which page of the back-office, and who acts there: one line per URL name.

A new page must be declared here: test_matrix.py fails until it is, and writes the table of
docs/back-office.md from these lines (``python -m tests.backoffice.matrix`` after a change).
"""

from dataclasses import dataclass
from pathlib import Path

DOC = Path(__file__).resolve().parents[2] / "docs" / "back-office.md"
BEGIN, END = "<!-- droits : début -->", "<!-- droits : fin -->"
ROLES = {
    "administrator": "Administrateur",
    "moderator": "Modérateur",
    "essaimage_officer": "Chargé d’essaimage",
    "statistician": "Statisticien",
    "partner_member": "Partenaire",
}
TEAM = frozenset({"administrator", "moderator", "essaimage_officer", "statistician"})
STAFF = frozenset({"administrator", "moderator"})
ADMIN = frozenset({"administrator"})
OFFICER = frozenset({"essaimage_officer"})
OWN = frozenset({"partner_member"})
ALL = TEAM | OWN
RAW = STAFF | OWN
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """``arguments`` name objects of the test's world; ``sees`` may open it, ``acts`` may post
    there. None: the method is not accepted. ``of_partner``: a member only has its own partner's.
    """

    label: str
    arguments: tuple[str, ...] = ()
    sees: frozenset[str] | None = None
    acts: frozenset[str] | None = None
    of_partner: bool = False


def page(label: str, *arguments: str, to: frozenset[str]) -> Line:
    """A page to read."""
    return Line(label, arguments, to, None, bool(arguments) and bool(OWN & to))


def form(label: str, *arguments: str, to: frozenset[str]) -> Line:
    """A page that one reads and posts to."""
    return Line(label, arguments, to, to, bool(arguments) and bool(OWN & to))


def act(label: str, *arguments: str, to: frozenset[str]) -> Line:
    """An address that only takes posts."""
    return Line(label, arguments, None, to, bool(arguments) and bool(OWN & to))


MATRIX: dict[str, Line] = {
    "home": page("Tableau de bord", to=ALL),
    "partners": page("Liste des partenaires", to=ALL),
    "partner_add": form("Ajouter un partenaire", to=STAFF),
    "partner": page("Un partenaire", "partner", to=ALL),
    "partner_edit": form("Modifier un partenaire", "partner", to=STAFF),
    "partner_move": form("Enregistrer une étape d’un partenaire", "partner", "step", to=STAFF),
    "presentation": form("Présentation d’un partenaire", "partner", to=RAW),
    "charter": form("Charte d’un partenaire", "partner", to=ALL),
    "completeness": page("Ce qui manque à ses fiches", "partner", to=RAW),
    "people": form("Personnes d’un partenaire", "partner", to=ADMIN | OWN),
    "member_remove": act("Retirer une personne", "partner", "member", to=ADMIN | OWN),
    "invitation_revoke": act("Annuler une invitation", "partner", "invited", to=ADMIN | OWN),
    "partner_rejected": page("Lignes refusées d’un partenaire", "partner", to=RAW),
    "partner_rejected_csv": page("Les mêmes, en CSV", "partner", to=RAW),
    "source_add": form("Ajouter une source à un partenaire", "partner", to=STAFF),
    "onboarding": form("Ajouter une source", to=STAFF),
    "source": page("Une source", "source", to=ALL),
    "source_edit": form("Modifier une source", "source", to=STAFF),
    "onboarding_resume": page("Reprendre un brouillon", "source", to=STAFF),
    "onboarding_discard": act("Abandonner un brouillon", "source", to=STAFF),
    "source_recognition": form("Reconnaissance d’une source", "source", to=STAFF),
    "source_contract": form("Contrat d’une source", "source", to=STAFF),
    "source_access": form("Accès d’une source", "source", to=STAFF),
    "deposits": form("Fichiers déposés", "source", to=RAW),
    "deposit": page("Un fichier déposé", "source", "deposit", to=RAW),
    "source_mapping": form("Correspondance des champs", "source", to=STAFF),
    "mapping_preview": act("Aperçu de la correspondance", "source", to=STAFF),
    "mapping_versions": page("Versions de la correspondance", "source", to=STAFF),
    "mapping_restore": act("Rétablir une version", "source", "version", to=STAFF),
    "run_start": act("Lancer un moissonnage", "source", to=STAFF),
    "records": page("Fiches reçues d’une source", "source", to=RAW),
    "rejected": page("Lignes refusées d’une source", "source", to=RAW),
    "rejected_csv": page("Les mêmes, en CSV", "source", to=RAW),
    "replay": act("Rejouer ce qui a été reçu", "source", to=STAFF),
    "held_back": page("Retraits en attente", "source", to=RAW),
    "held_back_decide": act("Décider des retraits", "source", to=STAFF),
    "alert": act("Être prévenu d’une source", "source", to=ALL),
    "runs": page("Moissonnages", to=ALL),
    "run": page("Un moissonnage", "run", to=ALL),
    "run_progress": page("Son avancement", "run", to=ALL),
    "run_cancel": act("Arrêter un moissonnage", "run", to=STAFF),
    "run_rejected": page("Lignes qu’il a refusées", "run", to=RAW),
    "health": page("Santé des sources", to=ALL),
    "health_programs": page("Les programmes", to=TEAM),
    "record": page("Une fiche reçue", "record", to=RAW),
    "review": page("Relecture", to=STAFF),
    "review_decide": act("Publier ou dépublier", to=STAFF),
    "release": page("Publier toute une source : aperçu", "source", to=STAFF),
    "release_publish": act("Publier toute une source", "source", to=STAFF),
    "release_undo": page("Annuler une publication (mène au geste)", "release", to=STAFF),
    "innovation": page("Une innovation", "innovation", to=TEAM),
    "completeness_csv": page("Sa complétude, en CSV", "partner", to=RAW),
    "partner_flags": page("Signalements de ses fiches", "partner", to=RAW),
    "partner_links": page("Liens de ses fiches", "partner", to=RAW),
    "partner_links_csv": page("Les mêmes, en CSV", "partner", to=RAW),
    "partner_suggestions": page("Corrections transmises à un partenaire", "partner", to=RAW),
    "partner_offers": page("Projets soumis à un partenaire", "partner", to=RAW),
    "offer_vouch": form("Répondre d’un projet", "partner", "offer", to=OWN),
    "offer_decline": act("Décliner un projet", "partner", "offer", to=OWN),
    "sent_back": page("Fiches renvoyées à un partenaire", "partner", to=RAW),
    "source_priorities": form("Priorités d’une source", "source", to=STAFF),
    "priorities_progress": page("Avancement d’une recomposition", "source", to=STAFF),
    "remark_add": form("Dire qu’une fiche n’est pas la même", "record", to=OWN),
    "review_first": page("Relire : la première", to=STAFF),
    "review_one": page("Relire une fiche", "innovation", to=STAFF),
    "review_next": page("Relire la suivante", "innovation", to=STAFF),
    "review_settle": act("Décider d’une fiche relue", "innovation", to=STAFF),
    "pairs": page("Rapprochements", to=STAFF),
    "pair": page("Un rapprochement", "pair", to=STAFF),
    "pair_decide": act("Décider d’un rapprochement", "pair", to=STAFF),
    "pair_reopen": act("Rouvrir un rapprochement", "pair", to=STAFF),
    "networks": page("Réseaux à décider d’un coup", to=STAFF),
    "network": page("Les lieux d’un réseau", "network", to=STAFF),
    "network_decide": act("Décider des lieux d’un réseau", "network", to=STAFF),
    "network_undo": act("Annuler une décision sur un réseau", "network_decision", to=STAFF),
    "linkage_rules": page("Règles de rapprochement", to=STAFF),
    "linkage_rule": page("Une règle et ce qu’elle a lié", "rule", to=STAFF),
    "linkage_rule_switch": act("Éteindre ou rallumer une règle", "rule", to=STAFF),
    "linkage_rule_undo": act("Défaire tout ce qu’une règle a lié", "rule", to=STAFF),
    "remarks": page("Remarques de partenaires", to=STAFF),
    "remark_settle": act("Traiter une remarque", "remark", to=STAFF),
    "keys": act("Régler les touches", to=ALL),
    "bulk_actions": page("Gestes en lot", to=STAFF),
    "bulk_action": page("Un geste en lot", "action", to=STAFF),
    "bulk_undo": act("Défaire un geste en lot", "action", to=STAFF),
    "differences": page("Différences", to=STAFF | OFFICER),
    "differences_settle": act("Trancher une différence", to=STAFF | OFFICER),
    "innovation_sources": page("Qui dit quoi", "innovation", to=STAFF),
    "innovation_split": act("Séparer une fiche", "innovation", to=STAFF),
    "innovation_join": page("Chercher une fiche à réunir", "innovation", to=STAFF),
    "innovation_join_with": form("Réunir deux fiches", "innovation", "other", to=STAFF),
    "regrouping_undo": act("Défaire une réunion ou une séparation", "regrouping", to=STAFF),
    "enrich": form("Modifier une fiche", "innovation", to=STAFF | OFFICER),
    "field_history": page("Historique d’un champ", "innovation", "field", to=STAFF | OFFICER),
    "field_restore": form("Rétablir un champ", "innovation", "field", "event", to=STAFF | OFFICER),
    "suggestions": page("Corrections proposées", to=STAFF),
    "suggestion": page("Une correction", "suggestion", to=STAFF),
    "suggestion_accept": act("Accepter une correction", "suggestion", to=STAFF),
    "suggestion_refuse": act("Ne pas retenir une correction", "suggestion", to=STAFF),
    "suggestion_send": act("Transmettre une correction", "suggestion", to=STAFF),
    "claims": page("Porteurs de projet", to=STAFF),
    "claim_decide": act("Décider d’un porteur", "claim", to=STAFF),
    "proposals": page("Projets proposés", to=STAFF),
    "proposal": page("Un projet proposé", "proposal", to=STAFF),
    "proposal_act": act("Agir sur un projet proposé", "proposal", to=STAFF),
    "quality": page("Qualité", to=TEAM),
    "quality_csv": page("La même, en CSV", to=TEAM),
    "quality_records": page("Complétude fiche par fiche", to=TEAM),
    "flags": page("Signalements", to=STAFF),
    "flags_decide": act("Décider de signalements", to=STAFF),
    "links": page("Liens vérifiés", to=STAFF),
    "links_csv": page("Les mêmes, en CSV", to=STAFF),
    "link_adopt": act("Prendre une nouvelle adresse", "link", to=STAFF),
    "vocabulary": form("Vocabulaire des partenaires", to=STAFF),
    "taxonomy": page("Taxonomie", to=TEAM),
    "term_add": form("Ajouter un terme", to=STAFF),
    "term": Line("Un terme", ("term",), TEAM, STAFF),
    "term_move": act("Déplacer un terme", "term", to=STAFF),
    "term_shift": act("Ordonner un terme", "term", to=STAFF),
    "term_activation": act("Mettre un terme hors service", "term", to=STAFF),
    "term_merge": form("Fusionner un terme", "term", to=STAFF),
    "term_merge_undo": form("Annuler une fusion", "term_merge", to=STAFF),
    "equivalents": page("Équivalences de recherche", to=TEAM),
    "equivalent_add": form("Ajouter une équivalence", to=STAFF),
    "equivalent": Line("Une équivalence", ("equivalent",), TEAM, STAFF),
    "equivalent_activation": act("Mettre une équivalence hors service", "equivalent", to=STAFF),
    "exchange": page("Import et export", to=STAFF),
    "export": page("Exporter", "kind", "csv", to=TEAM),
    "import_start": form("Importer", "kind", to=STAFF),
    "import": page("Un import", "made", to=STAFF),
    "import_rehearse": act("Essayer un import de nouveau", "made", to=STAFF),
    "import_confirm": act("Appliquer un import", "made", to=STAFF),
    "import_undo": act("Annuler un import", "made", to=STAFF),
    "searches": page("Ce que cherchent les visiteurs", to=TEAM),
    "searches_csv": page("Les mêmes, en CSV", to=TEAM),
    "search": Line("Une recherche et la suite donnée", ("search",), TEAM, STAFF | OFFICER),
    "journal": page("Journal", to=STAFF),
    "history": page("Historique d’un objet", "tracked", "term", to=TEAM),
    "history_restore": act("Rétablir une valeur", "tracked", "term", to=STAFF),
    "objections": page("Oppositions", to=STAFF),
    "objection_add": form("Enregistrer une opposition", to=STAFF),
    "objection": page("Une opposition", "objection", to=STAFF),
    "objection_apply": act("Appliquer une opposition", "objection", to=STAFF),
    "objection_refuse": act("Refuser une opposition", "objection", to=STAFF),
}
MAKERS = ADMIN | OFFICER
REVIEWERS = MAKERS | STAFF
ESSAIMAGE: dict[str, Line] = {
    "dashboard": page("Tableau de bord de l’essaimage", to=TEAM),
    "dashboard_ask": act("Relancer un côté d’une reprise", "replication", to=MAKERS),
    "invite": form("Inviter un accompagnateur", to=MAKERS),
    "facts": page("Résultats en trois faits", to=REVIEWERS),
    "facts_add": form("Dire trois faits", to=MAKERS),
    "facts_one": page("Lire des résultats", "facts", to=REVIEWERS),
    "facts_decide": act("Publier ou écarter des résultats", "facts", to=REVIEWERS),
    "facts_edit": form("Corriger des résultats de l’équipe", "facts", to=REVIEWERS),
    "replications": page("Reprises", to=TEAM),
    "replication_add": form("Ajouter une reprise", to=MAKERS),
    "replication": page("Une reprise", "replication", to=TEAM),
    "replication_edit": form("Modifier une reprise", "replication", to=MAKERS),
    "replication_move": form("Changer l’état d’une reprise", "replication", to=MAKERS),
    "replication_annul": form("Annuler une étape", "replication", "step_done", to=MAKERS),
    "side": form("Renseigner un côté d’une reprise", "replication", "side", to=MAKERS),
    "side_ask": act("Demander à un côté ce qu’il en dit", "replication", "side", to=MAKERS),
    "actor_add": form("Ajouter un acteur public", "replication", to=MAKERS),
    "actor": form("Modifier un acteur public", "replication", "actor", to=MAKERS),
    "actor_remove": act("Retirer un acteur public", "replication", "actor", to=MAKERS),
    "review": page("Reprises à relire", to=REVIEWERS),
    "review_one": page("Relire une reprise", "replication", to=REVIEWERS),
    "review_decide": act("Publier ou écarter une reprise", "replication", to=REVIEWERS),
    "review_undo": act("Annuler cette décision", "review_done", to=REVIEWERS),
    "tellings": page("Textes des reprises", to=REVIEWERS),
    "telling_decide": act("Retenir ou écarter un texte", "telling", to=REVIEWERS),
    "telling_undo": act("Annuler la décision sur un texte", "telling_done", to=REVIEWERS),
    "sites": page("Sites trouvés dans la moisson", to=MAKERS),
    "sites_of": form("Les sites d’une innovation", "innovation_slug", to=MAKERS),
    "sites_undo": act("Remettre des sites à décider", "sites_done", to=MAKERS),
    "obstacles": page("Obstacles", to=TEAM),
    "obstacle": page("Un obstacle", "obstacle", to=TEAM),
    "obstacle_add": form("Ajouter un obstacle", to=MAKERS),
    "obstacle_edit": form("Modifier un obstacle", "obstacle", to=MAKERS),
    "obstacle_move": form("Changer l’état d’un obstacle", "obstacle", to=MAKERS),
    "obstacles_review": page("Obstacles à relire", to=REVIEWERS),
    "obstacle_decide": act("Publier ou écarter un obstacle", "obstacle", to=REVIEWERS),
    "interpretation_add": form("Ajouter une interprétation", "obstacle", to=MAKERS),
    "interpretation": form("Modifier une interprétation", "interpretation", to=MAKERS),
    "interpretation_review": form("Relire une interprétation", "interpretation", to=REVIEWERS),
    "experiments": page("Expérimentations", to=TEAM),
    "experiment": page("Une expérimentation", "experiment", to=TEAM),
    "experiment_add": form("Ajouter une expérimentation", to=MAKERS),
    "experiment_edit": form("Modifier une expérimentation", "experiment", to=MAKERS),
    "experiment_decide": act("Publier ou écarter une expérimentation", "experiment", to=MAKERS),
}
# Namespace of addresses → its pages.
SPACES = {"backoffice": MATRIX, "gestion_essaimage": ESSAIMAGE}
LINES = {f"{space}:{name}": line for space, lines in SPACES.items() for name, line in lines.items()}
# Opened by the secret of a link received by e-mail, whoever holds it.
BY_SECRET = {"invitation", "alert_stop"}


def told(line: Line, role: str) -> str:
    sees = line.sees is not None and role in line.sees
    acts = line.acts is not None and role in line.acts
    if not sees and not acts:
        return "–"
    own = ", les siens" if role in OWN and line.of_partner else ""
    return {(True, True): "voit et agit", (True, False): "voit", (False, True): "agit"}[
        sees, acts
    ] + own


def table() -> str:
    """The matrix as a Markdown table."""
    head = "| Page ou geste | " + " | ".join(ROLES.values()) + " |"
    rule = "|---|" + "---|" * len(ROLES)
    lines = [
        f"| {line.label} | " + " | ".join(told(line, role) for role in ROLES) + " |"
        for line in LINES.values()
    ]
    return "\n".join([head, rule, *lines])


def written(text: str) -> str:
    """The guide with the table in its place."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOC.write_text(written(DOC.read_text()))
