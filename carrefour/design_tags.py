"""django-dsfr's template tags, where each form says how it marks the fields that may stay empty.

It takes the name ``dsfr_tags`` (see ``TEMPLATES`` in the settings), which django-dsfr's own
templates load: the library marks every optional field of every form, or every required one.
"""

from django.forms import BoundField
from django.template import Library
from dsfr.templatetags import dsfr_tags

from carrefour.forms import DsfrForm

register = Library()
register.tags |= dsfr_tags.register.tags
register.filters |= dsfr_tags.register.filters


@register.simple_tag
def dsfr_mark_optionnal_fields(field: BoundField) -> str:
    """What follows the label of a field (the name of the tag is the library's)."""
    if isinstance(field.form, DsfrForm):
        return field.form.mark(field)
    return str(dsfr_tags.dsfr_mark_optionnal_fields(field))
