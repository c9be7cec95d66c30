"""The side menu: what each person may open, and where they are."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

# Label, URL name (« namespace:name » for a page of another app), permission needed, other pages of
# the same section.
Line = tuple[str, str, str, tuple[str, ...]]
# Headings and what stands under them.
GROUPS: list[tuple[str, list[Line]]] = [
    ("", [
        ("Tableau de bord", "home", "", ()),
    ]),
    ("À décider", [
        ("Relecture", "review", "innovations.change_innovation", (
            "innovation", "review_decide", "review_one", "review_settle", "innovation_sources",
            "innovation_join", "innovation_join_with", "innovation_split", "release",
            "release_undo", "enrich", "field_history", "field_restore",
        )),
        ("Rapprochements", "pairs", "partners.view_pair", (
            "pair", "pair_decide", "remarks", "linkage_rules", "linkage_rule", "networks",
            "network", "network_decide",
        )),
        ("Différences", "differences", "innovations.view_fieldedit", ()),
        ("Corrections", "suggestions", "partners.view_suggestion", (
            "suggestion",
        )),
        ("Porteurs de projet", "claims", "partners.view_claim", ()),
        ("Projets proposés", "proposals", "partners.view_proposal", (
            "proposal",
        )),
        ("Oppositions", "objections", "partners.view_objection", (
            "objection", "objection_add", "objection_apply", "objection_refuse",
        )),
    ]),
    ("Partenaires", [
        ("Partenaires et sources", "partners", "", (
            "partner", "partner_add", "partner_edit", "source", "source_add", "source_edit",
            "source_mapping", "onboarding", "source_recognition", "source_contract",
            "source_access", "source_priorities", "deposits", "mapping_versions", "records",
            "rejected", "record", "held_back", "partner_rejected", "presentation", "charter",
            "completeness", "people", "sent_back", "remark_add", "partner_flags",
            "partner_links", "partner_move", "partner_suggestions", "partner_offers",
            "offer_vouch",
        )),
        ("Moissonnages", "runs", "", (
            "run", "run_rejected",
        )),
        ("Santé des sources", "health", "", ()),
        ("Vocabulaire", "vocabulary", "partners.change_vocabularyentry", ()),
    ]),
    ("Essaimage", [
        ("Tableau de bord de l’essaimage", "gestion_essaimage:dashboard",
         "essaimage.view_replication", (
            "gestion_essaimage:invite",
        )),
        ("Reprises", "gestion_essaimage:replications", "essaimage.view_replication", (
            "gestion_essaimage:replication", "gestion_essaimage:replication_add",
            "gestion_essaimage:replication_edit", "gestion_essaimage:replication_move",
            "gestion_essaimage:replication_annul", "gestion_essaimage:side",
            "gestion_essaimage:actor", "gestion_essaimage:actor_add",
        )),
        ("Reprises à relire", "gestion_essaimage:review", "essaimage.review_replication", (
            "gestion_essaimage:review_one", "gestion_essaimage:review_decide",
        )),
        ("Résultats en trois faits", "gestion_essaimage:facts", "essaimage.view_facts", (
            "gestion_essaimage:facts_one", "gestion_essaimage:facts_add",
            "gestion_essaimage:facts_edit", "gestion_essaimage:facts_decide",
        )),
        ("Textes des reprises", "gestion_essaimage:tellings", "essaimage.view_telling", ()),
        ("Sites de la moisson", "gestion_essaimage:sites", "essaimage.change_replication", (
            "gestion_essaimage:sites_of",
        )),
        ("Obstacles à relire", "gestion_essaimage:obstacles_review", "essaimage.review_obstacle", (
            "gestion_essaimage:interpretation_review",
        )),
        ("Obstacles", "gestion_essaimage:obstacles", "essaimage.view_obstacle", (
            "gestion_essaimage:obstacle", "gestion_essaimage:obstacle_add",
            "gestion_essaimage:obstacle_edit", "gestion_essaimage:obstacle_move",
            "gestion_essaimage:obstacle_decide", "gestion_essaimage:interpretation_add",
            "gestion_essaimage:interpretation",
        )),
        ("Expérimentations", "gestion_essaimage:experiments", "essaimage.view_experiment", (
            "gestion_essaimage:experiment", "gestion_essaimage:experiment_add",
            "gestion_essaimage:experiment_edit", "gestion_essaimage:experiment_decide",
        )),
    ]),
    ("Annuaire", [
        ("Qualité", "quality", "innovations.view_completeness", (
            "quality_records", "flags", "links",
        )),
        ("Taxonomie", "taxonomy", "innovations.view_term", (
            "term", "term_add", "term_merge", "term_merge_undo",
        )),
        ("Équivalences de recherche", "equivalents", "innovations.view_equivalent", (
            "equivalent", "equivalent_add",
        )),
        ("Recherches", "searches", "innovations.view_searchcount", (
            "search",
        )),
        ("Import et export", "exchange", "partners.change_partner", (
            "import_start", "import",
        )),
    ]),
    ("Suivi", [
        ("Gestes en lot", "bulk_actions", "innovations.view_bulkaction", (
            "bulk_action",
        )),
        ("Journal", "journal", "pghistory.view_context", (
            "history",
        )),
    ]),
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """``current`` is the value of aria-current, or ""."""

    label: str
    url: str
    current: str


@dataclass(frozen=True)
class Group:
    """Entries under a heading; "" for what stands above all of them."""

    heading: str
    entries: list[Entry]


def groups(request: HttpRequest) -> list[Group]:
    """What the user may open; no query beyond the user's own permissions."""
    user: Any = request.user
    match = request.resolver_match
    here = _name(match.view_name) if match else ""
    found = []
    for heading, lines in GROUPS:
        entries = [
            Entry(label, reverse(_full(name)), _current(here, name, below))
            for label, name, permission, below in lines
            if not permission or user.has_perm(permission)
        ]
        found.append(Group(heading, entries))
    if user.is_staff:
        found[-1].entries.append(Entry("Administration avancée", reverse("admin:index"), ""))
    return [group for group in found if group.entries]


def _full(name: str) -> str:
    return name if ":" in name else f"backoffice:{name}"


def _name(view_name: str) -> str:
    return view_name.removeprefix("backoffice:")


def _current(here: str, name: str, below: tuple[str, ...]) -> str:
    if here == name:
        return "page"
    return "true" if here in below else ""
