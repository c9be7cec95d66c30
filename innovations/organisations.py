"""Organisations met in records: the same name is the same organisation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from carrefour.text import key
from innovations import copying, slugs
from innovations.models import Organisation, OrganisationRole


def get_or_create_many(named: Sequence[Mapping[str, Any] | None]) -> list[Organisation | None]:
    """The organisations of {"name", "legal_form"?, "website"?} in order (None stays None).

    New ones are created as structures porteuses; a known one keeps what it has and gains only
    what was empty. A fixed number of queries whatever the length; one that another transaction is
    creating is waited for.
    """
    keys = [key(o.get("name", ""))[:250] if o else "" for o in named]
    wanted = {name: o for name, o in zip(keys, named, strict=True) if o and name}
    known = _known(wanted)
    missing = {name: wanted[name] for name in wanted if name not in known}
    if missing:
        known |= _created(missing)
    _complete([(known[name], wanted[name]) for name in wanted])
    return [known.get(name) for name in keys]


def _known(names: Mapping[str, Any]) -> dict[str, Organisation]:
    if not names:
        return {}
    return {o.name_key: o for o in Organisation.objects.filter(name_key__in=names)}


def _created(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Organisation]:
    """New organisations by key; those that another transaction made first are its own."""
    wishes = [slugify(name)[:100].strip("-") or "organisation" for name in described]
    ids = copying.next_ids(Organisation, len(described))
    made = {
        name: Organisation(
            pk=pk,
            name=given["name"][:250],
            name_key=name,
            slug=slug,
            legal_form=given.get("legal_form", ""),
            roles=[OrganisationRole.PORTEUR],
        )
        for pk, slug, (name, given) in zip(
            ids, slugs.all_free(Organisation, wishes), described.items(), strict=True
        )
    }
    written = copying.insert_free(Organisation, [*made.values()], order="name_key")
    others = {name: o for name, o in made.items() if o.pk not in written}
    if not others:
        return made
    met = _known(others)
    # Same address as another's of the same instant: the number makes it one of its kind.
    again = [o for name, o in others.items() if name not in met]
    for organisation in again:
        organisation.slug = f"{organisation.slug[:100]}-{organisation.pk}"
    copying.insert_free(Organisation, again, order="name_key")
    return made | met


def _complete(pairs: list[tuple[Organisation, Mapping[str, Any]]]) -> None:
    changed = {}
    for organisation, given in pairs:
        form = given.get("legal_form", "")
        is_new_role = OrganisationRole.PORTEUR not in organisation.roles
        if (form and not organisation.legal_form) or is_new_role:
            organisation.legal_form = organisation.legal_form or form
            organisation.roles = list(
                dict.fromkeys([*organisation.roles, OrganisationRole.PORTEUR])
            )
            changed[organisation.pk] = organisation
    if changed:
        # Locked in order: two harvests that complete the same ones do not wait for each other.
        list(Organisation.objects.select_for_update().filter(pk__in=changed).order_by("pk"))
        copying.update(Organisation, [*changed.values()], ["legal_form", "roles"])
