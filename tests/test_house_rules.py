"""The house holds itself to its own rules."""

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests import typography

ROOT = Path(__file__).resolve().parent.parent
APPS = ["carrefour", "territories", "innovations", "partners", "essaimage"]
CODE = sorted(p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TEXTS = sorted((ROOT / "templates").rglob("*.txt"))
TOML = [
    *sorted((ROOT / "innovations" / "data").glob("*.toml")),
    *sorted((ROOT / "carrefour" / "demo").rglob("*.toml")),
]
# What only a terminal shows.
TERMINAL = re.compile(
    r"management/|carrefour/(launcher|servers)/|carrefour/(__init__|embedded|environment)\.py"
)
DRAWERS = {"utils.py", "helpers.py", "services.py", "signals.py", "misc.py", "common.py"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_a_drawer() -> None:
    assert [relative(p) for p in CODE if p.name in DRAWERS] == []


def test_a_file_stays_readable() -> None:
    assert [relative(p) for p in CODE if len(p.read_text().splitlines()) > 400] == []


def test_a_function_fits_a_screen() -> None:
    too_long = [
        f"{relative(path)} {node.name} ({lines})"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > 50
    ]
    assert too_long == []


def test_every_connector_is_small() -> None:
    connectors = (ROOT / "partners" / "connectors").glob("*.py")
    assert {p.name for p in connectors if len(p.read_text().splitlines()) > 160} == set()


def test_a_template_has_no_inline_script_style_or_handler() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)|\sstyle=|\son[a-z]+=\""
    )
    found = {relative(p): inline.search(p.read_text()) for p in TEMPLATES}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_a_template_stays_short() -> None:
    assert [relative(p) for p in TEMPLATES if len(p.read_text().splitlines()) > 200] == []


def test_no_template_is_orphan() -> None:
    sources = "\n".join(
        p.read_text() for p in [*CODE, *TEMPLATES, *(ROOT / "templates").rglob("*.txt")]
    )
    special = re.compile(r"^(errors|registration|admin|django|dsfr|rest_framework)/")
    names = [str(p.relative_to(ROOT / "templates")) for p in TEMPLATES]
    assert [n for n in names if not special.match(n) and n not in sources] == []


def test_nothing_speaks_of_a_workplace() -> None:
    tracked = [p for p in [*CODE, *TEMPLATES, *(ROOT / "docs").rglob("*.md")] if p.is_file()]
    words = re.compile(r"/work/|\.library|farm-|/root/")
    allowed = {"carrefour/servers"}
    guilty = [
        relative(p)
        for p in tracked
        if words.search(p.read_text()) and not any(relative(p).startswith(a) for a in allowed)
    ]
    assert guilty == []


def test_a_form_included_apart_keeps_its_token() -> None:
    """``include … only`` drops the CSRF token unless it is handed on."""
    by_name = {str(p.relative_to(ROOT / "templates")): p.read_text() for p in TEMPLATES}
    included = re.compile(r'{% include "([^"]+)"([^%]*)%}')

    def posts(name: str, seen: frozenset[str] = frozenset()) -> bool:
        text = by_name[name]
        inner = {n for n, _ in included.findall(text)} - seen
        return "{% csrf_token %}" in text or any(posts(n, seen | {name}) for n in inner)

    bare = [
        f"{page} → {name}"
        for page, text in by_name.items()
        for name, told in included.findall(text)
        if told.rstrip().endswith(" only") and "csrf_token=" not in told and posts(name)
    ]
    assert bare == []


def faults(paths: Iterable[Path], told: Callable[[str], list[str]]) -> list[str]:
    return [f"{relative(path)}:{fault}" for path in paths for fault in told(path.read_text())]


def test_templates_have_no_break_spaces_where_french_wants_them() -> None:
    assert faults([*TEMPLATES, *TEXTS], typography.in_template) == []


def test_messages_have_no_break_spaces_where_french_wants_them() -> None:
    read = [p for p in CODE if not TERMINAL.search(relative(p))]
    assert faults(read, typography.in_python) == []


def test_data_files_have_no_break_spaces_where_french_wants_them() -> None:
    assert faults(TOML, typography.in_toml) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "Où ?",
        "Où?",
        "{{ a }} : b",
        "« mot\u00a0»",
        "«mot\u00a0»",
        "un ; deux",
        "{% x t='Où ?' %}",
        "Où ?{% endif %}",
    ],
)
def test_the_rule_of_spaces_sees_what_is_wrong(wrong: str) -> None:
    assert typography.in_template(f"<p>{wrong}</p>")


@pytest.mark.parametrize(
    "right",
    [
        "«\u00a0Où\u00a0?\u00a0»",
        '<a href="?page=2">10:30</a> https://exemple.fr',
        "<code>nom : valeur</code> &laquo; &amp; {# Inputs: a, b. #}",
        '{% if a == "b" %}{{ jour|date:"H:i" }}{% endif %}',
    ],
)
def test_the_rule_of_spaces_leaves_code_alone(right: str) -> None:
    assert typography.in_template(f"<p>{right}</p>") == []


def test_a_number_of_a_row_is_written_without_thousands() -> None:
    """« 4 502 » in a value or an address is no number of a row; French puts a space there."""
    bare = re.compile(r"{{ *[\w.]+\.pk *}}")
    assert [relative(path) for path in TEMPLATES if bare.search(path.read_text())] == []
