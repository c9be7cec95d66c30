"""Fields read in a page by CSS selectors, as data: {"titre": "h1", "photo": "img@src"}."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from carrefour.text import one_line
from partners.connectors.base import SourceError
from partners.connectors.labels import labelled

ADDRESSES = {"href", "src", "data-src", "data-lazy-src", "data-thumbnail", "poster", "xlink:href"}
# <img srcset="…"> holds several addresses: the first is the page's own choice.
SETS = {"srcset", "data-srcset"}
TEXTS, FLAGS = ("css", "attr", "label"), ("all", "html")


@dataclass(frozen=True)
class Field:
    """One field: where (``css``, or the ``label`` written before the value), and what to take."""

    css: str = ""
    attr: str = ""
    label: str = ""
    all: bool = False
    html: bool = False

    @classmethod
    def parse(cls, name: str, said: Any) -> "Field":
        """From "css", "css@attribute" or an object. Raises ``SourceError``."""
        if isinstance(said, str):
            css, _, attr = said.rpartition("@") if "@" in said else (said, "", "")
            return cls(css=css.strip(), attr=attr.strip())
        if not isinstance(said, Mapping) or set(said) - {*TEXTS, *FLAGS}:
            known = ", ".join(TEXTS + FLAGS)
            raise SourceError(
                "option", f"Le champ « {name} » attend un sélecteur ou un objet ({known})."
            )
        css, attr, label = (str(said.get(n) or "") for n in TEXTS)
        return cls(css, attr, label, said.get("all") is True, said.get("html") is True)

    def read(self, node: LexborNode, base: str) -> Any:
        """The value, a list of them with ``all``; "" or [] when there is none."""
        if self.label:
            values = labelled(node, self.label)
        else:
            found = select(node, self.css) if self.css else [node]
            values = [v for v in (self._value(n, base) for n in found) if v]
        return values if self.all else next(iter(values), "")

    def _value(self, node: LexborNode, base: str) -> str:
        if self.html:
            return str(node.inner_html or "").strip()
        if not self.attr:
            return one_line(node.text(deep=True, separator=" "))
        value = (node.attributes.get(self.attr) or "").strip()
        if self.attr in SETS:
            value = value.split(",")[0].split(" ")[0]
        return urljoin(base, value) if value and self.attr in ADDRESSES | SETS else value


def fields_of(said: Any) -> dict[str, Field]:
    """The fields of an option. Raises ``SourceError``, also for a selector that is not CSS."""
    if said and not isinstance(said, Mapping):
        raise SourceError("option", "Les champs attendent un objet : nom → sélecteur.")
    fields = {str(name): Field.parse(str(name), one) for name, one in (said or {}).items()}
    for one in fields.values():
        check(one.css)
    return fields


def check(css: str) -> str:
    """The selector. Raises ``SourceError`` when it is not one."""
    if css:
        select(LexborHTMLParser("<p></p>").root, css)
    return css


def select(node: LexborNode | None, css: str) -> list[LexborNode]:
    """What ``css`` finds inside ``node``, itself left out. Raises ``SourceError``."""
    if node is None:
        return []
    try:
        return [found for found in node.css(css) if found != node]
    except (SelectolaxError, ValueError) as error:
        raise SourceError("selecteur", f"Sélecteur CSS illisible : « {css} ».") from error


def read_fields(node: LexborNode, fields: Mapping[str, Field], base: str) -> dict[str, Any]:
    """Name → value of the fields found; those that are empty are left out."""
    values = {name: field.read(node, base) for name, field in fields.items()}
    return {name: value for name, value in values.items() if value}
