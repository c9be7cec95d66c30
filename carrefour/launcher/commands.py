"""``python -m carrefour.launcher.commands NAME…``: several Django commands in one process.

Loading Django is most of what a short command costs; ``make check`` makes the checks it skips.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command


def main(names: list[str]) -> int:
    """Run the commands in order, to the first that fails. Returns the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carrefour.settings")
    django.setup()
    for name in names:
        try:
            call_command(name)
        except CommandError as error:
            sys.stderr.write(f"{name} : {error}\n")
            return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
