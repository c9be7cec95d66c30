"""The official geography: consulted, renewed by its own command only."""

from django.contrib import admin

from carrefour.admin_base import ReadOnlyAdmin
from territories.models import Territory


@admin.register(Territory)
class TerritoryAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "code", "departement", "region", "population", "active"]
    list_filter = ["kind", "active"]
    list_select_related = ["departement", "region"]
    search_fields = ["name", "name_key", "code"]
