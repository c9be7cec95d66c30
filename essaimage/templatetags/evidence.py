"""The evidence in three facts, on the pages of replications and of records."""

from django import template

from essaimage import dates, evidence
from essaimage.models import Facts, Replication
from innovations.models import Innovation

register = template.Library()


@register.simple_tag
def told_facts(innovation: Innovation, replication: Replication | None) -> evidence.Told:
    """What is told of one replication, or else of an innovation at its origin and elsewhere."""
    if replication is not None:
        return evidence.of_replication(replication)
    return evidence.of_innovation(innovation)


@register.filter
def told_when(facts: Facts) -> str:
    return evidence.when(facts)


@register.filter
def date_shown(date: str) -> str:
    """A partial date: « 2017 », « novembre 2017 »."""
    return dates.shown(date)
