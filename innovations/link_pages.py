"""Pages that answer and say that there is nothing: « not found », a domain for sale. Pure.

Only what is certain: the title or the heading must say so, or the address lead to a seller's.
"""

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from carrefour.text import key

SELLERS = (
    "above.com", "afternic.com", "atom.com", "bodis.com", "buydomains.com", "dan.com",
    "domainmarket.com", "dynadot.com", "hugedomains.com", "parkingcrew.net", "sav.com", "sedo.com",
    "sedoparking.com", "skenzo.com", "undeveloped.com",
)  # fmt: skip
NOT_FOUND = re.compile(
    r"^(?:erreur |error )?(?:404|410)(?: .*)?$|"
    r"^(?:.* )?page (?:introuvable|non trouvee|inexistante|"
    r"not found)(?: .*)?$|^not found(?: .*)?$|^cette page n existe (?:pas|plus)(?: .*)?$|"
    r"^oups .*(?:404|introuvable)"
)
FOR_SALE = re.compile(
    r"(?:domaine?|domain name|site) (?:.* )?(?:est |is |may be )?(?:a vendre|for sale)\b|"
    r"\b(?:buy|acheter) (?:this|ce) (?:domain|nom de domaine)|"
    r"domain (?:has |is )?(?:expired|parked)|"
    r"domaine (?:a )?expire|^(?:account|compte) suspend|this account has been suspended"
)


def nothing_there(url: str, content: bytes) -> str:
    """A French sentence when the page certainly says that there is nothing; else ""."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if any(host == seller or host.endswith(f".{seller}") for seller in SELLERS):
        return "Le nom de domaine est à vendre."
    said = [key(text) for text in _headings(content)]
    if any(FOR_SALE.search(text) for text in said):
        return "Le nom de domaine est à vendre, ou le site est suspendu."
    if any(NOT_FOUND.search(text) for text in said):
        return "La page répond, mais dit qu’elle n’existe pas."
    return ""


def leads_home(asked: str, url: str) -> bool:
    """Whether a page of a site leads to a home page: it may be gone, nothing is certain."""
    before, after = urlsplit(asked), urlsplit(url)
    return before.path.strip("/") != "" and after.path.strip("/") == "" and not after.query


def _headings(content: bytes) -> list[str]:
    if b"<" not in content[:1000]:
        return []
    tree = LexborHTMLParser(content[:300_000])
    return [node.text() for node in (tree.css_first("title"), tree.css_first("h1")) if node]
