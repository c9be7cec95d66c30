"""« Label : value » as pages write it: definition lists, tables, bold words, Drupal fields."""

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from carrefour.text import key, one_line

LONGEST_LABEL = 60
LONGEST_LINE = 400
DRUPAL_LABEL = ".field__label, .field-label"
DRUPAL_ITEM = ".field__item, .field-item"


def labels(node: LexborNode) -> dict[str, list[str]]:
    """Label → its values, in the order of the page; neither colon nor repeated value."""
    found: dict[str, list[str]] = {}
    for reader in (_definitions, _rows, _drupal, _bold, _lines):
        for label, value in reader(node):
            name = one_line(label).strip(" :\u00a0")
            value = one_line(value).strip(" :\u00a0")
            is_usable = 1 < len(name) <= LONGEST_LABEL and value and value != name
            if is_usable and value not in found.get(name, []):
                found.setdefault(name, []).append(value)
    return found


def labelled(node: LexborNode, label: str) -> list[str]:
    """The values written after ``label``, whatever its case, accents and colon."""
    wanted = key(label)
    return [v for name, values in labels(node).items() if key(name) == wanted for v in values]


def _definitions(node: LexborNode) -> Iterator[tuple[str, str]]:
    for listed in node.css("dl"):
        label = ""
        for item in listed.css("dt, dd"):
            if item.tag == "dt":
                label = _text(item)
            elif label:
                yield label, _text(item)


def _rows(node: LexborNode) -> Iterator[tuple[str, str]]:
    """Rows of two cells: a heading and its value."""
    for row in node.css("tr"):
        cells = [c for c in row.iter() if c.tag in {"th", "td"}]
        if len(cells) == 2 and cells[1].tag == "td":
            links = [_text(a) for a in cells[1].css("a")]
            for value in links if len(links) > 1 else [_text(cells[1])]:
                yield _text(cells[0]), value


def _drupal(node: LexborNode) -> Iterator[tuple[str, str]]:
    for label in node.css(DRUPAL_LABEL):
        holder = label.parent
        for item in holder.css(DRUPAL_ITEM) if holder is not None else []:
            # A field that holds other fields: each of them is read for itself.
            if not item.css(DRUPAL_LABEL):
                yield _text(label), _text(item)


def _bold(node: LexborNode) -> Iterator[tuple[str, str]]:
    """« <strong>Pays :</strong> France », up to the next bold word or line."""
    for bold in node.css("strong, b"):
        label, pieces, following = _text(bold), [], bold.next
        while following is not None and following.tag not in {"strong", "b", "br", "p", "div"}:
            pieces.append(_text(following))
            following = following.next
        value = " ".join(pieces).strip()
        if label.endswith(":") or value.startswith(":"):
            yield label, value


def _lines(node: LexborNode) -> Iterator[tuple[str, str]]:
    """« Lieu : Nantes », alone in its paragraph or item."""
    for line in node.css("p, li"):
        text = _text(line)
        label, colon, value = text.partition(":")
        is_short = len(text) <= LONGEST_LINE and len(label.split()) <= 6
        if colon and is_short and not value.startswith("//") and not line.css("strong, b"):
            yield label, value


def _text(node: LexborNode) -> str:
    return one_line(node.text(deep=True, separator=" ") or "")
