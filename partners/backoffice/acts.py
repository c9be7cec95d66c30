"""What an act was, in words, from the address it was posted to."""

from django.urls import Resolver404, resolve

NAMES = {
    "pair_decide": "Rapprochement décidé",
    "pair_reopen": "Décision de rapprochement annulée",
    "network_decide": "Lieux d’un réseau décidés d’un coup",
    "network_undo": "Décision sur un réseau annulée",
    "regrouping_undo": "Réunion ou séparation défaite",
    "innovation_join_with": "Fiches réunies",
    "innovation_split": "Fiche séparée",
    "linkage_rule_switch": "Règle de rapprochement allumée ou éteinte",
    "linkage_rule_undo": "Tout ce qu’une règle avait lié, défait",
    "review_decide": "Relecture, en lot",
    "review_settle": "Relecture",
    "release_publish": "Source publiée",
    "differences_settle": "Différence tranchée",
    "bulk_undo": "Geste en lot défait",
    "enrich": "Fiche modifiée",
    "field_restore": "Champ rétabli",
    "suggestion_accept": "Correction acceptée",
    "suggestion_refuse": "Correction non retenue",
    "suggestion_send": "Correction transmise au partenaire",
    "claim_decide": "Demande d’un porteur traitée",
    "proposal_act": "Projet proposé traité",
    "offer_vouch": "Répondant d’un projet proposé",
    "offer_decline": "Projet proposé décliné",
    "flags_decide": "Signalement décidé",
    "link_adopt": "Nouvelle adresse prise",
    "vocabulary": "Mots de partenaires rattachés",
    "term": "Terme modifié",
    "term_add": "Terme ajouté",
    "term_move": "Terme déplacé",
    "term_shift": "Terme déplacé dans l’ordre",
    "term_activation": "Terme mis en service ou hors service",
    "term_merge": "Termes fusionnés",
    "term_merge_undo": "Fusion de termes annulée",
    "partner_add": "Partenaire ajouté",
    "partner_edit": "Partenaire modifié",
    "partner_move": "Étape d’un partenaire",
    "presentation": "Présentation d’un partenaire modifiée",
    "charter": "Charte signée",
    "source_add": "Source ajoutée",
    "onboarding": "Source ajoutée",
    "source_edit": "Source modifiée",
    "source_access": "Accès d’une source modifié",
    "source_contract": "Contrat d’une source modifié",
    "source_mapping": "Correspondance enregistrée",
    "source_priorities": "Priorités d’une source modifiées",
    "mapping_restore": "Correspondance rétablie",
    "held_back_decide": "Retraits décidés",
    "remark_settle": "Remarque de partenaire traitée",
    "import_start": "Fichier d’import déposé",
    "import_confirm": "Import appliqué",
    "import_undo": "Import annulé",
    "history_restore": "Valeur rétablie",
    "objection_add": "Opposition enregistrée",
    "objection_apply": "Opposition appliquée",
    "objection_refuse": "Opposition refusée",
}
# Of the essaimage, whose pages have a namespace of their own.
REPLICATIONS = {
    "replication_add": "Reprise ajoutée",
    "replication_edit": "Reprise modifiée",
    "replication_move": "Reprise : changement d’état",
    "replication_annul": "Reprise : étape annulée",
    "review_decide": "Relecture d’une reprise",
    "review_undo": "Relecture d’une reprise annulée",
    "side": "Côté d’une reprise renseigné",
    "side_ask": "Côté d’une reprise interrogé",
    "actor_add": "Acteur public ajouté",
    "actor": "Acteur public modifié",
    "actor_remove": "Acteur public retiré",
    "telling_decide": "Texte d’une reprise retenu ou écarté",
    "sites_of": "Sites de la moisson décidés",
    "sites_undo": "Sites de la moisson remis à décider",
}
SPACES = {"backoffice": NAMES, "gestion_essaimage": REPLICATIONS}


def named(path: str) -> str:
    """The name of the act posted at this path of the back-office, "" when it has none."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return SPACES.get(match.namespace, {}).get(match.url_name or "", "")
