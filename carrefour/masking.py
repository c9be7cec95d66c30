"""Logs without the secrets that the addresses of some pages bear (links sent by e-mail)."""

import logging
import re

# A token is long and mixes its letters; the readable parts of our addresses are in lower case.
SECRET = re.compile(r"(?<=/)(?=[\w:\-]*[A-Z])[\w:\-]{30,}(?=[^\w:\-]|$)")


def masked(text: str) -> str:
    """« /essaimage/suivi/…/ » for the page that a secret opens."""
    return SECRET.sub("…", text)


class MaskingFormatter(logging.Formatter):
    """Of whatever line is written, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
