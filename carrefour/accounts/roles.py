"""The five roles and the permissions each holds; nobody has more than its work needs."""

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction


class Role(models.TextChoices):
    ADMINISTRATOR = "administrateur", "Administrateur"
    MODERATOR = "moderateur", "Modérateur"
    ESSAIMAGE_OFFICER = "charge-essaimage", "Chargé d'essaimage"
    STATISTICIAN = "statisticien", "Statisticien"
    PARTNER = "partenaire", "Partenaire"


READ = [
    "innovations.view_innovation",
    "innovations.view_organisation",
    "innovations.view_picture",
    "innovations.view_term",
    "innovations.view_equivalent",
    "innovations.view_termchange",
    "innovations.view_completeness",
    "partners.view_partner",
    "partners.view_partnermove",
    "partners.view_source",
    "partners.view_run",
    "essaimage.view_replication",
    "essaimage.view_obstacle",
    "essaimage.view_interpretation",
    "essaimage.view_experiment",
    "essaimage.view_publicactor",
    "essaimage.view_replicationstep",
    "essaimage.view_harvestedsite",
    "territories.view_territory",
]
# What partners sent, as received: it may hold personal data that no page shows.
READ_RAW = [
    "partners.view_sourcerecord",
    "partners.view_rejectedrow",
    "partners.view_vocabularyentry",
    "partners.view_flag",
]
HARVEST = [
    "partners.add_partner",
    "partners.change_partner",
    "partners.add_source",
    "partners.change_source",
    "partners.run_source",
]
MODERATE = [
    "innovations.change_innovation",
    "innovations.view_fieldedit",
    "innovations.change_fieldedit",
    "partners.view_suggestion",
    "partners.change_suggestion",
    "partners.view_claim",
    "partners.change_claim",
    "partners.view_proposal",
    "partners.change_proposal",
    "innovations.change_organisation",
    "innovations.change_term",
    "innovations.add_term",
    "innovations.add_equivalent",
    "innovations.change_equivalent",
    "partners.change_sourcerecord",
    "partners.change_flag",
    "innovations.view_link",
    "innovations.change_link",
    "partners.change_vocabularyentry",
    "partners.view_pair",
    "partners.decide_pair",
    "partners.view_regrouping",
    "partners.view_moderation",
    "partners.add_moderation",
    "partners.view_remark",
    "partners.change_remark",
    "innovations.change_fieldedit",
    "innovations.view_bulkaction",
    "partners.view_objection",
    "partners.change_objection",
    "partners.view_linkagerule",
    "partners.view_suppressedrecord",
    "partners.view_suppresseddatum",
]
# Who did what, everywhere: it names people at work.
JOURNAL = ["pghistory.view_context"]
REVIEW_OBSTACLES = ["essaimage.review_obstacle"]
OBSTACLES = [
    "essaimage.add_obstacle",
    "essaimage.change_obstacle",
    "essaimage.add_experiment",
    "essaimage.change_experiment",
]
# The form of what is declared, never its merit.
REVIEW_FACTS = ["essaimage.view_facts", "essaimage.change_facts"]
REVIEW_ESSAIMAGE = ["essaimage.review_replication", "essaimage.view_party"]
# What the sides of replications write, read for its form before it is shown.
READ_OVER = ["essaimage.view_telling", "essaimage.change_telling"]
ESSAIMAGE = [
    *READ_OVER,
    *REVIEW_OBSTACLES,
    *OBSTACLES,
    "essaimage.add_replication",
    "essaimage.change_replication",
    *REVIEW_ESSAIMAGE,
    *REVIEW_FACTS,
    "essaimage.add_facts",
    # Opening an account, without a role, to who follows replications.
    "essaimage.add_following",
    # Enriching a record with what lets others reproduce it is the first step of its essaimage.
    "innovations.view_fieldedit",
    "innovations.change_fieldedit",
]
# What visitors look for, without the visitors.
READ_SEARCHES = ["innovations.view_searchcount"]
SETTLE_SEARCHES = ["innovations.add_searchdecision"]
ACCOUNTS = [
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "partners.add_membership",
    "partners.change_membership",
    "partners.delete_membership",
    "partners.view_membership",
]

PERMISSIONS: dict[Role, list[str]] = {
    Role.ADMINISTRATOR: [
        *READ,
        *READ_RAW,
        *HARVEST,
        *MODERATE,
        *ESSAIMAGE,
        *ACCOUNTS,
        *JOURNAL,
        *READ_SEARCHES,
        *SETTLE_SEARCHES,
    ],
    # Who keeps the vocabulary, the taxonomy and the equivalents reads what searches lack.
    Role.MODERATOR: READ
    + READ_RAW
    + HARVEST
    + MODERATE
    + READ_OVER
    + REVIEW_OBSTACLES
    + REVIEW_ESSAIMAGE
    + REVIEW_FACTS
    + JOURNAL
    + READ_SEARCHES
    + SETTLE_SEARCHES,
    Role.ESSAIMAGE_OFFICER: READ + ESSAIMAGE + READ_SEARCHES + SETTLE_SEARCHES,
    Role.STATISTICIAN: READ + READ_SEARCHES,
    # A partner's rights are over its own objects only: see partners.access.
    Role.PARTNER: [],
}


@transaction.atomic
def sync_roles() -> None:
    """Make one group per role with exactly its permissions.

    Raises ``LookupError`` when a permission does not exist (a typing error in this file).
    """
    known = _permissions()
    Group.objects.bulk_create((Group(name=r.value) for r in PERMISSIONS), ignore_conflicts=True)
    groups = dict(Group.objects.filter(name__in=PERMISSIONS).values_list("name", "pk"))
    wanted = {(groups[r.value], known[name]) for r, names in PERMISSIONS.items() for name in names}
    held = Group.permissions.through.objects.filter(group__in=groups.values())
    present = {(row.group_id, row.permission_id): row.pk for row in held}
    held.filter(pk__in=[pk for pair, pk in present.items() if pair not in wanted]).delete()
    held.bulk_create(
        held.model(group_id=group, permission_id=permission)
        for group, permission in wanted - present.keys()
    )


def _permissions() -> dict[str, int]:
    """« application.codename » → identifier, of all that roles hold."""
    rows = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    known = {f"{app}.{codename}": pk for app, codename, pk in rows}
    missing = {name for names in PERMISSIONS.values() for name in names} - known.keys()
    if missing:
        raise LookupError(f"Permissions inconnues : {', '.join(sorted(missing))}")
    return known
