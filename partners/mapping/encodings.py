"""Texts that were read in the wrong encoding somewhere upstream, repaired when that is certain."""

import re
from typing import Any

import ftfy
from ftfy import TextFixerConfig

# What UTF-8 looks like once read as windows-1252, latin-1 or MacRoman: « Ã© », « â€™ », « √© ».
SUSPECT = re.compile(
    "[ÂÃÄÅâ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Ã |ï»¿|√[©®®´¥ªß†¢£ÆØôõ™ß]|‚Ä[ôòúùì¶]"
)
# Nothing is guessed: no lossy sequence, no entity, no typography.
CERTAIN = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    replace_lossy_sequences=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
# A document nested deeper holds no text that a rule reads.
DEPTH = 8


def repaired(text: str) -> str:
    """The text as it was written, or the same object when nothing is certainly damaged."""
    if not SUSPECT.search(text):
        return text
    fixed = ftfy.fix_encoding(text, CERTAIN)
    is_certain = len(fixed) < len(text) and "\ufffd" not in fixed and not SUSPECT.search(fixed)
    return fixed if is_certain else text


def repaired_row(row: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The row with its texts repaired, and the names of the columns where some were damaged.

    A row without damage comes back as the same object.
    """
    changed = {
        name: fixed
        for name, value in row.items()
        if (fixed := _repaired(value, DEPTH)) is not value
    }
    return ({**row, **changed}, [str(name) for name in changed]) if changed else (row, [])


def _repaired(value: Any, depth: int) -> Any:
    """The value repaired throughout; the same object when nothing was damaged."""
    if isinstance(value, str):
        return repaired(value)
    if not depth or not isinstance(value, dict | list):
        return value
    if isinstance(value, dict):
        fixed: Any = {name: _repaired(child, depth - 1) for name, child in value.items()}
        same = all(fixed[name] is child for name, child in value.items())
    else:
        fixed = [_repaired(child, depth - 1) for child in value]
        same = all(new is old for new, old in zip(fixed, value, strict=True))
    return value if same else fixed
