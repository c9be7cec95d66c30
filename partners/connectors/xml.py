"""Any XML document that holds a list: one element per record."""

import itertools
import re
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.elements import SIMPLE, Items, Recoded, item_path
from partners.connectors.encodings import encoding_of
from partners.connectors.provenance import changed_in, licence_of
from partners.connectors.safe_xml import parse
from partners.connectors.xml_records import as_data

DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)""")
# A path that is more than names wants the whole document in memory.
MAX_WHOLE = 30_000_000


class XmlConnector(Connector):
    kind = "xml"
    label = "XML"
    explanation = "Un document XML qui tient une liste : un élément par fiche."
    option_help = {
        "path": (
            "Chemin XPath de l’élément de chaque fiche (/liste/fiche, //fiche) ; trouvé tout seul "
            "sinon."
        ),
        "encoding": "Encodage du document, quand celui qu’il annonce est faux.",
        "grouped": "true si une même fiche revient sur plusieurs éléments, un par lieu.",
    }
    is_one_document = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.several_rows_per_record |= bool(self.options.get("grouped"))

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        # Kept until the last row: its file goes with it.
        spooled = self.fetcher.open(self.url, conditional=True)
        declared = DECLARED.search(spooled.head(200))
        told = declared.group(1).decode("ascii") if declared else spooled.charset
        encoding = str(self.options.get("encoding") or encoding_of(spooled.file, told))
        path = str(self.options.get("path") or item_path(spooled.file, encoding))
        if not path:
            raise SourceError("format", "Ce document XML ne tient aucune liste de fiches.")
        read = 0
        for element in self._elements(spooled.file, encoding, path):
            read += 1
            data = as_data(element)
            licence = licence_of(data.get("licence"), data.get("license"), data.get("rights"))
            yield RawRow(
                data=data, position=f"élément {read}", licence=licence, date=changed_in(data)
            )
        if not read:
            raise SourceError("format", f"Aucun élément au chemin « {path} ».")
        self.expected = read

    def _elements(self, file: IO[bytes], encoding: str, path: str) -> Iterator[etree._Element]:
        if not SIMPLE.fullmatch(path):
            yield from self._found(file, path)
            return
        read = 0
        try:
            for element in Items(Recoded(file, encoding), path):
                read += 1
                yield element
        except etree.XMLSyntaxError:
            yield from self._mended(file, encoding, path, read)

    def _mended(
        self, file: IO[bytes], encoding: str, path: str, read: int
    ) -> Iterator[etree._Element]:
        """What follows the ``read`` first elements of a malformed document, as far as it goes."""
        items = Items(Recoded(file, encoding, mends=True), path, recover=True)
        yield from itertools.islice(items, read, None)
        if items.problem:
            self.is_complete = False
            self.warnings.append(
                f"Document XML mal formé ({items.problem}) : ce qui se lit est pris, aucune fiche "
                "n’est retirée."
            )

    def _found(self, file: IO[bytes], path: str) -> list[etree._Element]:
        """The elements that an XPath with conditions finds, in a document of moderate size."""
        content = file.read(MAX_WHOLE + 1)
        if len(content) > MAX_WHOLE:
            raise SourceError("option", f"Ce document est trop grand pour y chercher « {path} ».")
        root, self.is_complete = parse(content)
        spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
        try:
            found = root.xpath(path, namespaces=spaces)
        except etree.XPathError as error:
            raise SourceError("option", f"Ce chemin est illisible : « {path} ».") from error
        return (
            [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []
        )
