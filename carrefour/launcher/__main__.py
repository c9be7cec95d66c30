"""``python3 -m carrefour.launcher COMMAND``: what ``make`` calls, on a bare system Python."""

from __future__ import annotations

import os
import sys

from carrefour.launcher import chromium, console, running, tools
from carrefour.launcher.console import Refusal

USAGE = "python3 -m carrefour.launcher demo | stop | install | chromium | clean"


def main(words: list[str]) -> None:
    commands = {
        "demo": demo,
        "stop": running.stop,
        "install": tools.install,
        "chromium": chromium.install,
        "clean": clean,
    }
    if len(words) != 1 or words[0] not in commands:
        raise Refusal(f"usage : {USAGE}")
    commands[words[0]]()


def demo() -> None:
    """See that nothing stands in the way, bring the environment in, become the demonstration."""
    running.check(asked_port())
    tools.install()
    program = str(tools.ENVIRONMENT / "bin" / "python")
    os.execv(program, [program, "-m", "carrefour.launcher.demo"])


def asked_port() -> int:
    text = os.environ.get("PORT", "").strip() or "8000"
    if not text.isdecimal():
        raise Refusal(f"PORT={text} n'est pas un nombre : make demo PORT=8123")
    return int(text)


def clean() -> None:
    """Remove what the commands made: environment, data and logs of the demonstration."""
    free = running.lock()
    if not free:
        raise Refusal("La démonstration tourne : « make stop » d'abord.")
    with free:
        tools.remove_everything()


if __name__ == "__main__":
    console.origin()
    try:
        main(sys.argv[1:])
    except Refusal as refusal:
        console.say(f"carrefour : {refusal}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.say("\ncarrefour : arrêté.")
        sys.exit(130)
