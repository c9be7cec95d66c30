"""Organisations met in records: the same name is the same organisation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from carrefour.text import key
from innovations import slugs
from innovations.models import Organisation, OrganisationRole


def get_or_create_many(named: Sequence[Mapping[str, Any] | None]) -> list[Organisation | None]:
    """The organisations of {"name", "legal_form"?, "website"?} in order (None stays None).

    New ones are created as structures porteuses; a known one keeps what it has and gains only
    what was empty. Three queries whatever the length.
    """
    wanted = {key(o["name"])[:250]: o for o in named if o and key(o.get("name", ""))}
    known = {o.name_key: o for o in Organisation.objects.filter(name_key__in=wanted)}
    missing = [wanted[name] for name in wanted if name not in known]
    known |= {o.name_key: o for o in _create(missing)}
    _complete([(known[name], wanted[name]) for name in wanted])
    return [known.get(key(o.get("name", ""))[:250]) if o else None for o in named]


def _create(described: list[Mapping[str, Any]]) -> list[Organisation]:
    if not described:
        return []
    wishes = [slugify(key(o["name"]))[:100].strip("-") or "organisation" for o in described]
    taken = set(Organisation.objects.values_list("slug", flat=True))
    created = []
    for wish, given in zip(wishes, described, strict=True):
        slug = slugs.free(wish, taken)
        taken.add(slug)
        created.append(
            Organisation(
                name=given["name"][:250],
                name_key=key(given["name"])[:250],
                slug=slug,
                legal_form=given.get("legal_form", ""),
                roles=[OrganisationRole.PORTEUR],
            )
        )
    return Organisation.objects.bulk_create(created)


def _complete(pairs: list[tuple[Organisation, Mapping[str, Any]]]) -> None:
    changed = []
    for organisation, given in pairs:
        form = given.get("legal_form", "")
        is_new_role = OrganisationRole.PORTEUR not in organisation.roles
        if (form and not organisation.legal_form) or is_new_role:
            organisation.legal_form = organisation.legal_form or form
            organisation.roles = list(
                dict.fromkeys([*organisation.roles, OrganisationRole.PORTEUR])
            )
            changed.append(organisation)
    Organisation.objects.bulk_update(changed, ["legal_form", "roles"])
