"""``python -m carrefour.launcher.healthcheck web | worker | beat``: a container's own health.

Exit status 0 healthy, 1 not, with one line saying why.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

# Beat writes its schedule every three minutes while it ticks.
BEAT_SILENCE_SECONDS = 900


def web() -> str:
    """What is wrong with the site of this container; empty when nothing is.

    The public host is asked for by name: the site answers to no other.
    """
    public = urlsplit(os.environ.get("CARREFOUR_BASE_URL", "")).netloc or "localhost"
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": public})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=10):
            return ""
    except urllib.error.HTTPError as error:
        return error.read(2000).decode(errors="replace") or str(error)
    except OSError as error:
        return str(error)


def worker() -> str:
    """What is wrong with the worker of this container: it has to answer by its own name."""
    from carrefour.celery import app

    name = f"celery@{os.uname().nodename}"
    return "" if app.control.inspect([name], timeout=15).ping() else f"{name} ne répond pas"


def beat(folder: Path = Path("/tmp")) -> str:
    """What is wrong with beat: its schedule has to be written now and then."""
    ages = [time.time() - path.stat().st_mtime for path in folder.glob("beat*")]
    return "" if ages and min(ages) < BEAT_SILENCE_SECONDS else "beat ne bat plus"


if __name__ == "__main__":
    problem = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    sys.stdout.write(f"{problem or 'ok'}\n")
    sys.exit(1 if problem else 0)
