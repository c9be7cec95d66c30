"""The admin's own base: what partners gave is read there, never rewritten by hand."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

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
