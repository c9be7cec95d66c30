"""Official codes as spreadsheets leave them: numbers, without their zeros, with a decimal point."""

import re

NUMBER = re.compile(r"(\d+)(?:[.,]0+)?")
CORSICAN = re.compile(r"2[ABab]\d{0,3}")


def plain(value: object) -> str:
    """The code as written, without spaces or « .0 »; "" for nothing and for zero."""
    text = "" if value is None else str(value).strip().replace(" ", "").replace("\u00a0", "")
    number = NUMBER.fullmatch(text)
    if number:
        return "" if not int(number.group(1)) else number.group(1)
    return text.upper() if CORSICAN.fullmatch(text) else ""


def of_commune(code: str) -> str:
    """Five characters, the zero that a spreadsheet dropped given back (1053 → 01053), or ""."""
    return code.zfill(5) if len(code) in {4, 5} else ""


def of_departement(code: str) -> str:
    """« 1 » → « 01 », « 2a » → « 2A », « 022 » → « 22 »."""
    code = code.upper()
    if len(code) == 3 and code.startswith("0"):
        code = code[1:]
    return code.zfill(2)
