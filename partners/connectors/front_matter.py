"""A Markdown file as its front matter (YAML or TOML) and its text as safe HTML; YAML as data."""

import datetime
import re
import tomllib
from typing import Any

import yaml
from markdown_it import MarkdownIt

from carrefour.html import safe_html

YAML_HEAD = re.compile(
    r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
TOML_HEAD = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Commands of the site's generator (Hugo, Jekyll), that say nothing to a reader.
SHORTCODES = re.compile(r"\{\{[<%].{0,500}?[%>]\}\}|\{%.{0,500}?%\}", re.DOTALL)
# Many write « #Titre », without the blank that Markdown wants.
HEADING = re.compile(r"^#(?!#)[ \t]*(\S.*?)\s*#*$", re.MULTILINE)
MAX_NODES = 200_000
TOO_MUCH = "Ce document est démesuré une fois déplié : il est refusé."
DEPTH = 30
RENDER = MarkdownIt("commonmark").enable("table")


class Unreadable(Exception):
    """A file that is not what it should be; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class PlainLoader(yaml.CSafeLoader):
    """YAML 1.2's core types: « 01 » keeps its zero, « oui » is a word, a date its own text."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    merged = 0

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge « << » into the node; merges of merges grow without end, and are bounded."""
        super().flatten_mapping(node)
        self.merged += len(node.value)
        if self.merged > MAX_NODES:
            raise Unreadable(TOO_MUCH)


for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:0|[-+]?[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def has_front_matter(text: str) -> bool:
    text = _with_line_feeds(text)
    return bool(YAML_HEAD.match(text) or TOML_HEAD.match(text))


def parted(text: str) -> tuple[dict[str, Any], str]:
    """(Front matter, what follows it); {} when there is none. Raises ``Unreadable``."""
    text = _with_line_feeds(text)
    if head := YAML_HEAD.match(text):
        data = loaded(head.group(1))
    elif head := TOML_HEAD.match(text):
        data = _toml(head.group(1))
    else:
        return {}, text
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise Unreadable("L’en-tête n’est pas une liste de champs.")
    return data, text[head.end() :]


def loaded(text: str) -> Any:
    """The YAML document as JSON can hold it. Raises ``Unreadable``, also for alias bombs."""
    try:
        return _plain(yaml.load(text, PlainLoader), _Budget())
    except yaml.MarkedYAMLError as error:
        where = f" (ligne {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise Unreadable(f"YAML illisible{where}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable("YAML illisible.") from error


def rendered(markdown: str) -> str:
    """Markdown as safe HTML of few tags."""
    return safe_html(RENDER.render(SHORTCODES.sub("", markdown)))


def heading(markdown: str) -> str:
    """The text's first heading of first rank; "" when it has none."""
    found = HEADING.search(markdown)
    return found.group(1) if found else ""


def _with_line_feeds(text: str) -> str:
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _toml(text: str) -> dict[str, Any]:
    try:
        return dict(_plain(tomllib.loads(text), _Budget()))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable("TOML illisible.") from error


class _Budget:
    """How many values a document may still unfold to: aliases of aliases grow without end."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unreadable(TOO_MUCH)


def _plain(value: Any, budget: _Budget, depth: int = DEPTH) -> Any:
    budget.spend()
    if not depth:
        raise Unreadable("Ce document est trop imbriqué.")
    if isinstance(value, dict):
        return {str(k): _plain(v, budget, depth - 1) for k, v in value.items()}
    if isinstance(value, set):
        value = sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(v, budget, depth - 1) for v in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
