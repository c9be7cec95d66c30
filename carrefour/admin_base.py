"""The admin's own base: what partners gave is read there, never rewritten by hand."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

# Addresses typed without their scheme are meant to be secure ones.
URL_FIELDS: dict[type[models.Field], dict[str, Any]] = {models.URLField: {"assume_scheme": "https"}}


class BaseAdmin(admin.ModelAdmin):
    """``harvested``: fields that a harvest or composition writes, shown but not editable.

    An edit there would be lost at the next harvest: staff's words go through FieldEdit.
    """

    harvested: tuple[str, ...] = ()
    formfield_overrides = URL_FIELDS
    list_per_page = 50
    show_full_result_count = False
    save_on_top = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *self.harvested)


def link(field: str, label: str, *, through: str = "") -> Any:
    """A column that leads to the page of a related row. ``through``: its path from the row."""

    @admin.display(description=label, ordering=field)
    def column(self: Any, row: Any) -> str:
        related = row
        for name in (through or field).split("__"):
            related = getattr(related, name, None)
            if related is None:
                return "–"
        meta = related._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[related.pk])
        return format_html('<a href="{}">{}</a>', url, str(related)[:80] or related.pk)

    return column


class ReadOnlyAdmin(BaseAdmin):
    """A table to consult: nothing is added, changed or deleted from the admin."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """The rows that hang on another, shown on its page."""

    extra = 0
    can_delete = False
    formfield_overrides = URL_FIELDS

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
