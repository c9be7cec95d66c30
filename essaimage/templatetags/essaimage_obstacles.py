"""What pages say of obstacles; of an innovation, of a replication, on their own pages."""

from typing import Any

from django import template

from carrefour.text import excerpt
from essaimage import dates
from essaimage.models import Obstacle, Relief, Replication
from essaimage.obstacles import page
from essaimage.obstacles.page import ObstaclesAround
from innovations.models import Innovation
from innovations.search_text import START, marked

register = template.Library()
LENGTH = 220


@register.simple_tag
def obstacles_around(
    innovation: Innovation | str | None, replication: Replication | str | None = None
) -> ObstaclesAround | None:
    """Of the innovation; of a replication alone, that of its innovation. "" where the template has
    none."""
    met = replication if isinstance(replication, Replication) else None
    of = innovation if isinstance(innovation, Innovation) else None
    of = of or (met.shown_innovation if met else None)
    return page.around(of, met) if of and of.is_public else None


@register.simple_tag
def obstacle_text(obstacle: Obstacle) -> str:
    """The passage that matched the search, else the beginning of how it was lifted, or of what
    blocks."""
    found = getattr(obstacle, "highlight", "")
    said = obstacle.resolution if obstacle.is_lifted else obstacle.description
    return marked(found) if START in found else excerpt(said, LENGTH)


@register.filter
def obstacle_badge(obstacle: Obstacle) -> str:
    return page.badge(obstacle)


@register.filter
def already_lifted(obstacle: Obstacle) -> str:
    return page.already_lifted(obstacle)


@register.filter
def relief_word(obstacle: Obstacle) -> str:
    """« Assouplissement » or « Simplification », without what it means."""
    return Relief(obstacle.relief).name.capitalize() if obstacle.relief else ""


@register.filter
def partial_date(date: Any) -> str:
    return dates.shown(date)
