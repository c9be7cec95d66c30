"""The values of a facet, in Python: some 170 boxes took most of the time of a page's template."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from innovations.search_options import Option

register = template.Library()

BOX = """
<div class="fr-fieldset__element{under}">
  <div class="fr-checkbox-group fr-checkbox-group--sm">
    <input type="checkbox" id="{name}-{code}" name="{name}" value="{code}"{checked}>
    <label class="fr-label" for="{name}-{code}">
      <span>{label} <span class="carrefour-count">({count}<span
        class="fr-sr-only"> {unit}</span>)</span></span>
    </label>
  </div>
</div>
"""
CHECKED = mark_safe(" checked")


@register.simple_tag
def facet_options(name: str, lines: Iterable[tuple[Option, bool]]) -> SafeString:
    """Boxes to check, one per value. ``lines``: [(value, whether it stands under another)]."""
    return format_html_join(
        "",
        BOX,
        (
            {
                "name": name,
                "code": option.code,
                "label": option.label,
                "count": option.shown_count,
                "unit": "fiche" if option.count < 2 else "fiches",
                "under": " carrefour-child" if is_child else "",
                "checked": CHECKED if option.is_chosen else "",
            }
            for option, is_child in lines
        ),
    )
