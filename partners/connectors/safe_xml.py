"""XML from strangers: no entity, no network, no bottomless tree; mended when it can be."""

import re

from lxml import etree

from partners.connectors.base import SourceError

# What XML 1.0 forbids, that careless exports still write.
FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def parse(content: bytes) -> tuple[etree._Element, bool]:
    """The root, and whether the document was sound (False: read as far as it could be).

    Raises ``SourceError`` when nothing can be read, or when entities are declared (their expansion
    is how XML bombs and file disclosures are made).
    """
    for text, recover in ((content, False), (FORBIDDEN.sub(b"", content), False), (content, True)):
        try:
            root = etree.fromstring(text, _parser(recover=recover))
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None:
            refuse_entities(root)
            return root, not recover
    raise SourceError("format", "Ce document n’est pas du XML lisible.")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def refuse_entities(element: etree._Element) -> None:
    """Raise ``SourceError`` when the document of ``element`` declares entities."""
    declared = element.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise SourceError(
            "entites", "Ce document XML déclare des entités : il est refusé par sécurité."
        )


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace; "" for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def text_of(element: etree._Element | None) -> str:
    """All the text inside, on as many lines as it has; "" for nothing."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()
