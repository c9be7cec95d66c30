"""Accounts and their roles, given by an administrator."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice
from dsfr.admin import DsfrConfig

from carrefour.accounts import second_factor
from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from carrefour.french import counted


class AddUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "display_name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """An administrator gives roles; only a superuser gives the right to everything."""

    add_form = AddUserForm
    list_display = ["email", "display_name", "roles", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = ["email", "display_name"]
    ordering = ["email"]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["forget_second_factor"]
    fieldsets = [
        (None, {"fields": ["email", "display_name", "password"]}),
        ("Droits", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"fields": ["email", "display_name", "usable_password", "password1", "password2"]},
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = [*super().get_readonly_fields(request, obj)]
        return fixed if request.user.is_superuser else [*fixed, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's account is another superuser's affair."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.filter(name__in=Role.values).order_by("name")
            kwargs["label"] = "Rôles"
            kwargs["help_text"] = "Un compte « partenaire » est aussi rattaché à son partenaire."
            kwargs["form_class"] = RoleField
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.action(description="Retirer le second facteur (téléphone perdu)", permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, users: Any) -> None:
        """The person then enrols another; a superuser's is another superuser's affair."""
        allowed = [u for u in users if self.has_change_permission(request, u)]
        removed = [u for u in allowed if second_factor.forget(u)]
        for user in removed:
            self.log_change(request, user, "Second facteur retiré.")
        self.message_user(request, f"Second facteur retiré : {counted(len(removed), 'compte')}.")

    @admin.display(description="rôles")
    def roles(self, user: User) -> str:
        return ", ".join(role_label(group.name) for group in user.groups.all())


class RoleField(forms.ModelMultipleChoiceField):
    """Groups under their French name."""

    def label_from_instance(self, obj: Group) -> str:
        return role_label(obj.name)


def role_label(name: str) -> str:
    return str(Role(name).label) if name in Role.values else name


def login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The site's own page logs in to the admin too: one place to keep safe."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect("admin:index")


admin.site.login = login  # type: ignore[method-assign]
# Roles come from carrefour.accounts.roles: they are not edited by hand.
admin.site.unregister(Group)
# Keys and recovery codes are shown to their owner, once, and to nobody else.
for secret in (TOTPDevice, StaticDevice):
    admin.site.unregister(secret)
# The frame of the pages is in the templates, not in a table.
admin.site.unregister(DsfrConfig)
admin.site.site_header = "Carrefour des innovations sociales – administration avancée"
admin.site.site_title = "Administration avancée"
admin.site.index_title = "Tables"
