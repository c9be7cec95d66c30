"""``make demo``: the whole application on this machine, harvesting sample partner sites.

Runs inside the virtual environment. Embedded servers, then the data, then four processes (sample
sites, web, worker, beat), then the harvest; it then watches them until it is told to stop.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from carrefour import embedded
from carrefour.launcher import running
from carrefour.launcher.__main__ import asked_port
from carrefour.launcher.children import Children, Failed, log_of, show_end_of
from carrefour.launcher.console import Refusal, say, step
from carrefour.launcher.running import ROOT, STATE
from carrefour.launcher.stopping import Interrupted, StopRequest

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
CELERY = [str(BIN / "celery"), "--app", "carrefour.celery:app"]
# Alone on its broker, it has no neighbour to look for: two seconds less to start.
WORKER = ["--concurrency=3", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
READY_SECONDS = 120


def main() -> int:
    """Run until told to stop. Returns the exit status: 0 stopped as asked, 1 something failed."""
    request = StopRequest()
    port = asked_port()
    lock = running.lock()
    if not lock:
        raise Refusal("Une autre démonstration vient de démarrer dans ce dossier.")
    with lock:
        children = Children(environment(port), port, request)
        status = 0
        try:
            launch(children)
            children.wait_for(lambda: False)
        except Interrupted:
            step("Arrêt demandé : les données sont gardées dans .carrefour/.")
        except Failed as failure:
            say(f"carrefour : {failure}")
            status = 1
        finally:
            children.stop_all()
            step("Arrêt : bases embarquées")
            embedded.release()
        step("Tout est arrêté.")
        return status


def environment(port: int) -> dict[str, str]:
    """Environment of every process of the demonstration; what the user has set is kept."""
    allowed = os.environ.get("CARREFOUR_HARVEST_ALLOW_HOSTS", "")
    environ = {
        **os.environ,
        "CARREFOUR_MODE": "demo",
        "CARREFOUR_BASE_URL": os.environ.get("CARREFOUR_BASE_URL") or f"http://127.0.0.1:{port}",
        "CARREFOUR_SAMPLES_URL": f"http://127.0.0.1:{port + 1}",
        "CARREFOUR_HARVEST_ALLOW_HOSTS": ",".join(filter(None, [allowed, "127.0.0.1"])),
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": str(BIN.parent),
    }
    data = os.environ.get("DATA", "").strip()
    if data:
        folder = Path(data).expanduser().resolve()
        if not folder.is_dir():
            raise Refusal(f"DATA={data} n'est pas un dossier.")
        environ["CARREFOUR_DEMO_DATA"] = str(folder)
        environ["CARREFOUR_DEMO_LICENCE"] = os.environ.get("LICENCE", "").strip()
    return environ


def launch(children: Children) -> None:
    """Bring everything up, in the order in which each part needs the others."""
    if embedded.is_needed(os.environ):
        wanted = ("PostgreSQL", embedded.needs_postgresql), ("Redis", embedded.needs_redis)
        names = " et ".join(name for name, needed in wanted if needed(os.environ))
        step(f"Démarrage des serveurs embarqués ({names})…")
        embedded.ensure()
    port = children.port
    step("Démarrage du site et des plateformes d'exemple…")
    children.start("plateformes", [*MANAGE, "serve_samples", "--port", str(port + 1)])
    # It answers /healthz with 503 until the rest is there; loading takes it some seconds.
    children.start("web", web(port))
    step("Base de données : structure, rôles, thèmes, territoires…")
    children.run("prepare", commands("prepare"))
    step("Démarrage du moissonneur ; contenu de démonstration et moissonnage…")
    children.start("moissonneur", [*CELERY, "worker", *WORKER])
    children.run("demo_harvest", commands("demo_content", "demo_harvest", "demo_settle"))
    wait_until_ready(children)
    # Last: a first tick would harvest sources that are still being written.
    children.start("horloge", [*CELERY, "beat", "--pidfile=", f"--schedule={STATE / 'horloge'}"])
    announce(children.environ["CARREFOUR_BASE_URL"])


def commands(*names: str) -> list[str]:
    return [sys.executable, "-m", "carrefour.launcher.commands", *names]


def web(port: int) -> list[str]:
    host = os.environ.get("HOST", "").strip() or "127.0.0.1"
    return [
        str(BIN / "gunicorn"),
        "carrefour.wsgi:application",
        f"--bind={host}:{port}",
        "--worker-class=gthread",
        "--workers=2",
        "--preload",
        "--threads=8",
        "--graceful-timeout=5",
        "--access-logfile=-",
        "--logger-class=carrefour.access_log.MaskingLogger",
        # Its place is the user's home: two demonstrations would fight over it.
        "--no-control-socket",
    ]


def wait_until_ready(children: Children) -> None:
    """Wait for 200 from ``/healthz``. Raises Failed with what is missing after two minutes."""
    answer: dict[str, Any] = {}
    # /healthz keeps its answer for some seconds: asked too early, it would make everyone wait.
    worker_log = log_of("moissonneur")
    children.wait_for(lambda: b" ready." in worker_log.read_bytes(), READY_SECONDS / 2)

    def ready() -> bool:
        status, said = health(children.port)
        answer.update(said)
        return status == 200

    if not children.wait_for(ready, READY_SECONDS):
        show_end_of(log_of("web"))
        raise Failed(f"Le site n'est pas prêt : {json.dumps(answer, ensure_ascii=False)}")


def health(port: int) -> tuple[int, dict[str, Any]]:
    """Status and content of ``/healthz``; status 0 while nobody answers."""
    # A proxy set for the outside must not be asked for this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError):
            return error.code, json.load(error)
        return error.code, {}
    except (OSError, ValueError):
        return 0, {}


def announce(address: str) -> None:
    """Say where to go, with which accounts, and how to stop."""
    step("Prêt.")
    say(f"\n  Le site                  {address}/")
    say(f"  Espace de gestion        {address}/gestion/")
    say(f"  Courriels envoyés        {address}/demo/courriels/")
    say("\n  Comptes de démonstration (ils n'existent qu'ici) :")
    for account in accounts():
        say(f"    {account['role']:<24} {account['login']:<36} {account['password']}")
    say("\n  Ctrl-C arrête tout et garde les données.\n")


def accounts() -> list[dict[str, str]]:
    """The log-ins that ``demo_content`` wrote: role, login, password."""
    path = STATE / "comptes.json"
    return list(json.loads(path.read_text())) if path.exists() else []


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        say(f"carrefour : {refusal}")
        sys.exit(1)
