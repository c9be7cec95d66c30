"""Words of the record pages."""

from django import template

from innovations import record_page

register = template.Library()
register.filter("field_label", record_page.field_label)
