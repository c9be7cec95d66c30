"""What the pages of the essaimage for staff need."""

from django import template
from django.db.models import Model

from essaimage import dates, moderated
from essaimage.models import PublicAction, PublicActor, Replication, Strategy
from innovations import search_place

register = template.Library()
register.filter("partial_date", dates.shown)
# « Saint-Denis (93) »: many places bear the same name.
register.filter("place_label", search_place.label)


@register.filter
def publication_shown(row: Model) -> str:
    """« Publié », « Publiée », « Publiés »: as is said of its kind."""
    return moderated.of(row).shown(row.publication)  # type: ignore[attr-defined]


@register.filter
def strategies_labels(replication: Replication) -> list[str]:
    return [Strategy(one).label for one in replication.strategies if one in Strategy.values]


@register.filter
def roles_and_actions(actor: PublicActor) -> list[tuple[str, list[str]]]:
    """Each role, with what the actor does under it."""
    done = [PublicAction(action) for action in actor.actions]
    return [
        (str(role.label), [str(action.label) for action in done if action.role == role])
        for role in actor.all_roles
    ]
