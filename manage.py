#!/usr/bin/env python
"""Django's command line; starts the embedded servers when no address of real ones is given."""

import os
import sys

# Commands that never touch a database or broker.
WITHOUT_SERVERS = {"help", "version", "--help", "--version", "makemessages", "collectstatic"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carrefour.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVERS:
        from carrefour import embedded

        if embedded.is_needed(os.environ):
            embedded.ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
