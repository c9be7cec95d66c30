"""Whether a page and its tables fit the screen."""

from playwright.sync_api import Page

WIDTHS = (390, 768, 1280)
# The tables whose end is out of sight: on a narrow screen, they are to be cards.
CLIPPED = """[...document.querySelectorAll(".fr-table__container")]
    .filter(box => box.clientWidth && box.scrollWidth > box.clientWidth + 1).length"""


def fits(page: Page) -> bool:
    """No scrolling sideways, neither of the page nor of a table."""
    is_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return not is_wide and page.evaluate(CLIPPED) == 0
