"""Names and short addresses that nothing else bears."""

from django.utils.text import slugify

from carrefour.text import key
from innovations import slugs
from partners.models import Partner, Source


def free_slug(model: type[Partner | Source], text: str, besides: str = "") -> str:
    """A short address from a name, unlike any other of the model but ``besides``."""
    wish = slugify(key(text))[:100].strip("-") or model._meta.model_name or "x"
    taken = set(model.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    return slugs.free(wish, taken - {besides})


def free_name(partner: Partner, wish: str) -> str:
    """``wish``, or « wish (2) »… when the partner already has a source of that name."""
    wish = wish.strip()[:180] or "Source"
    taken = set(partner.sources.values_list("name", flat=True))
    name, rank = wish, 1
    while name in taken:
        rank += 1
        name = f"{wish} ({rank})"
    return name
