"""Roles: each has exactly its permissions, however often they are put in place."""

import pytest
from django.contrib.auth.models import Group, Permission

from carrefour.accounts import roles

pytestmark = pytest.mark.django_db


def held() -> dict[str, set[str]]:
    return {
        group.name: {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.prefetch_related("permissions__content_type")
    }


def test_a_role_has_exactly_its_permissions_again_after_a_change() -> None:
    expected = {role.value: set(names) for role, names in roles.PERMISSIONS.items()}
    roles.sync_roles()
    assert held() == expected
    group = Group.objects.get(name=roles.Role.STATISTICIAN)
    group.permissions.set(Permission.objects.filter(codename="delete_user"))
    roles.sync_roles()
    assert held() == expected


def test_a_group_of_ours_keeps_its_members_and_one_of_theirs_its_permissions() -> None:
    other = Group.objects.create(name="un autre groupe")
    other.permissions.set(Permission.objects.filter(codename="delete_user"))
    roles.sync_roles()
    before = set(Group.objects.values_list("pk", flat=True))
    roles.sync_roles()
    assert set(Group.objects.values_list("pk", flat=True)) == before
    assert other.permissions.exists()


def test_a_permission_mistyped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    mistyped = {**roles.PERMISSIONS, roles.Role.PARTNER: ["partners.veiw_source"]}
    monkeypatch.setattr(roles, "PERMISSIONS", mistyped)
    with pytest.raises(LookupError, match="veiw_source"):
        roles.sync_roles()
    assert not Group.objects.exists()


def test_putting_them_in_place_costs_little(django_assert_max_num_queries: object) -> None:
    roles.sync_roles()
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        roles.sync_roles()
