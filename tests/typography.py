"""The French texts in the sources of the house, and what their spaces lack.

One convention: a no-break space (U+00A0) before « ? ! ; : » and inside « … ». A template is read
without its comments, code and expressions (but the quoted words of a tag are text), Python in its
strings (neither docstrings nor patterns), TOML in its values. What a terminal shows, and a string
without a letter (a separator that code splits on), are free.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

# What stands for a tag or an expression: a word to who reads.
TOLD = "\ufffc"
# A sign after a space (or at the start, when a tag or a string stands before it), and closed by a
# space, a mark-up or the end: « 10:30 », « http:// » and « ?page=2 » are no punctuation.
SPACED = rf"(?:(?<=[\w»)}}>…’”.,%°'{TOLD}])|^)[ \t\n]+[?!;:](?=[\s<\"')»{{{TOLD}]|$)"
QUOTED = (
    rf"«[ \t\n]+|«(?=[\w{{<{TOLD}])|[ \t\n]+»"
    rf"|(?<=[\w.…)}}!?’>{TOLD}])»(?=[\s<.,;:)\"'{TOLD}]|$)"
)
TIGHT = rf"(?<=[a-zà-ÿœ’)»}}{TOLD}])[?!;:](?=[\s<]|$)"
WRONG = re.compile(f"{SPACED}|{QUOTED}")
WRONG_OR_TIGHT = re.compile(f"{SPACED}|{QUOTED}|{TIGHT}")

UNREAD = re.compile(
    r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->"
    r"|<(?P<raw>script|style|code|pre)\b.*?</(?P=raw)>"
    r"|&\w+;|&#\d+;|\b(?:href|src|action|class|id|pattern|d|viewBox)=\"[^\"{]*\"",
    re.DOTALL,
)
UNREAD_TOML = re.compile(r"^[ \t]*(?:#.*|synonyms = \[[^\]]*\])", re.MULTILINE)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
UNQUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')|[^\"']+")
LITERAL = re.compile(
    r"(?P<prefix>[a-zA-Z]*)(?P<quote>\"\"\"|'''|\"|')(?P<text>.*)(?P=quote)", re.DOTALL
)
LETTER = re.compile(r"[^\W\d_]")


def in_template(source: str) -> list[str]:
    """Each place at fault, with its line: « 12: Où ? »."""
    read = TAG.sub(_words_of_tag, UNREAD.sub(_hidden, source))
    return [_told(source, found.start()) for found in WRONG_OR_TIGHT.finditer(read)]


def in_python(source: str) -> list[str]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return [
        _told(source, starts[row - 1] + column + found.start())
        for row, column, text in _strings(source)
        for found in WRONG.finditer(text)
    ]


def in_toml(source: str) -> list[str]:
    """Only what users read: a partner's own words (synonyms) stay as they are written."""
    read = UNREAD_TOML.sub(_hidden, source)
    return [_told(source, found.start()) for found in WRONG.finditer(read)]


def _strings(source: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of each string that is neither a docstring nor a pattern."""
    apart = {
        (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        literal = LITERAL.fullmatch(token.string) if token.type == tokenize.STRING else None
        if literal is None or token.start in apart or {"r", "b"} & set(literal["prefix"].lower()):
            continue
        if LETTER.search(literal["text"]):
            row, column = token.start
            yield row, column + literal.start("text"), literal["text"]


def _told(source: str, at: int) -> str:
    around = source[max(at - 20, 0) : at + 20].splitlines()
    line = source.count("\n", 0, at + 1) + 1
    return f"{line}: {' '.join(around)}"


def _hidden(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", TOLD, found[0])


def _words_of_tag(found: re.Match[str]) -> str:
    return UNQUOTED.sub(lambda part: part[0] if part[1] else _hidden(part), found[0])
