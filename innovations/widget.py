"""A search shown in someone else's page: what it looks like, and the code to copy."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import QueryDict
from django.templatetags.static import PrefixNode
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from carrefour.text import whole_number
from innovations.search import PAGE_SIZE, InnovationSearch
from innovations.search_page import SearchPage

# The blue of the State's design system.
COLOUR = "000091"
HEX = re.compile(r"#?([0-9a-fA-F]{6})")
VIEWS = {"liste": "Liste", "carte": "Carte"}
SHOWN = 6
HEIGHT, WIDTH = 640, 720


# What an address says of a frame, beside its search.
NAMES = ("couleur", "nombre")


@dataclass(frozen=True)
class Look:
    """``colour``: six hexadecimal figures; ``shown``: how many records; ``notices``: what was left
    aside, and why."""

    colour: str = COLOUR
    shown: int = SHOWN
    view: str = "liste"
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict, view: str) -> "Look":
        notices = []
        colour, shown = COLOUR, SHOWN
        if asked := query.get("couleur", "").strip():
            if found := HEX.fullmatch(asked):
                colour = found[1].lower()
            else:
                notices.append(
                    f"« {asked[:20]} » n’est pas une couleur (six chiffres hexadécimaux, comme "
                    "000091) : elle a été ignorée."
                )
        if asked := query.get("nombre", "").strip():
            if (number := whole_number(asked, 1, PAGE_SIZE)) is not None:
                shown = number
            else:
                notices.append(
                    f"« {asked[:20]} » n’est pas un nombre de fiches de 1 à {PAGE_SIZE} : il a été "
                    "ignoré."
                )
        return cls(colour, shown, view if view in VIEWS else "liste", tuple(notices))

    @property
    def ink(self) -> str:
        """Black or white, whichever is read best on the colour: always 4.5 to 1 at least."""
        return "ffffff" if 1.05 / (self._light + 0.05) >= (self._light + 0.05) / 0.05 else "000000"

    @property
    def _light(self) -> float:
        """The relative luminance of WCAG 2."""
        parts = [int(self.colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def css(self) -> str:
        return f":root {{ --accent: #{self.colour}; --accent-ink: #{self.ink}; }}\n"


def address(search: InnovationSearch, look: Look) -> str:
    """The address of the frame; what is as usual is not said."""
    changes = {
        "vue": look.view if look.view != "liste" else None,
        "page": None,
        "couleur": look.colour if look.colour != COLOUR else None,
        "nombre": look.shown if look.shown != SHOWN else None,
    }
    query = search.query_string(**changes)
    return reverse("innovations:widget") + (f"?{query}" if query else "")


def code(
    search: InnovationSearch, page: SearchPage, look: Look, size: tuple[str, int] = ("100%", HEIGHT)
) -> SafeString:
    """The frame to copy in a page; the script only fits its height, the frame works without."""
    base = settings.BASE_URL
    return format_html(
        '<iframe data-carrefour src="{}" title="{}" width="{}" height="{}" loading="lazy" '
        'style="border: 0"></iframe>\n<script src="{}" async></script>',
        base + address(search, look),
        f"{page.name} – Carrefour des innovations sociales",
        *size,
        base + PrefixNode.handle_simple("STATIC_URL") + "js/embed.js",
    )


def asked_in(url: str) -> QueryDict | None:
    """The query string of an address of the search or of its frame here; None for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    known = {reverse(f"innovations:{name}") for name in ("search", "widget")}
    return QueryDict(parts.query) if _is_here(parts) and parts.path in known else None


def _is_here(parts: SplitResult) -> bool:
    here = urlsplit(settings.BASE_URL)
    return parts.scheme in {"http", "https"} and parts.netloc == here.netloc
