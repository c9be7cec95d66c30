"""What a field says, in words for a reader: labels of choices, names, plain text."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.utils.html import strip_tags

from carrefour.text import one_line
from innovations.models import LegalForm, Maturity, Nature, Reach, Term

CHOICES: dict[str, dict[Any, Any]] = {
    "nature": dict(Nature.choices),
    "maturity": dict(Maturity.choices),
    "reach": dict(Reach.choices),
}
BLOCK_END = re.compile(r"</(?:p|li|h\d|div|blockquote)>|<br\s*/?>", re.IGNORECASE)

# « vocabulary:code » → the term's label.
Labels = Mapping[str, str]


def term_labels() -> dict[str, str]:
    found = Term.objects.values_list("vocabulary", "code", "label")
    return {f"{vocabulary}:{code}": label for vocabulary, code, label in found}


def told(name: str, value: Any, labels: Labels | None = None) -> str:
    """The value of a composed field as plain text; "" when it says nothing."""
    if value is None or value in ("", [], {}):
        return ""
    known = labels or {}
    match name:
        case "nature" | "maturity" | "reach":
            said = str(CHOICES[name].get(value, value))
        case "is_commun":
            said = "oui" if value else "non"
        case "organisation":
            said = _organisation(value)
        case "terms":
            said = ", ".join(known.get(code, code) for code in value)
        case "description":
            said = plain(value)
        case _:
            said = str(value)
    return said


def plain(markup: str) -> str:
    """HTML as text, one line per block."""
    broken = BLOCK_END.sub("\n", str(markup))
    lines = (one_line(line) for line in html.unescape(strip_tags(broken)).split("\n"))
    return "\n".join(line for line in lines if line)


def _organisation(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    form = dict(LegalForm.choices).get(str(value.get("legal_form", "")), "")
    name = str(value.get("name", ""))
    return f"{name} ({form})" if form else name
