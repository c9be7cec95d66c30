"""What stands behind make: refusals in one line, no process left behind, uv brought in."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from carrefour.launcher import children, demo, healthcheck, running, tools
from carrefour.launcher.__main__ import asked_port
from carrefour.launcher.children import Children, Failed
from carrefour.launcher.console import Refusal
from carrefour.launcher.running import ROOT, Process
from carrefour.launcher.stopping import Interrupted

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


LISTENER = """
import time
from carrefour.launcher.stopping import Interrupted, StopRequest
request = StopRequest()
print("listening", flush=True)
try:
    while True:
        request.check()
        time.sleep(0.05)
except Interrupted:
    open("heard", "w").close()
"""


class Request:
    """A StopRequest that no signal raises: the test does."""

    asked = False

    def check(self) -> None:
        if self.asked:
            raise Interrupted


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own: a demonstration may be running in this checkout."""
    monkeypatch.setattr(running, "STATE", tmp_path)
    monkeypatch.setattr(children, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(children, "ROOT", tmp_path)
    monkeypatch.setattr(tools, "STATE", tmp_path)
    return tmp_path


@pytest.fixture
def family() -> Iterator[Children]:
    family = Children(dict(os.environ), 8000, Request())
    yield family
    family.stop_all()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port in use whose neighbour below is free."""
    while True:
        with socket.socket() as server, socket.socket() as below:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            with suppress(OSError):
                below.bind(("127.0.0.1", port - 1))
                below.close()
                server.listen()
                yield port
                return


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_launcher_needs_nothing_but_the_standard_library() -> None:
    modules = "__main__, running, tools, chromium, console"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"from carrefour.launcher import {modules}"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(("words", "port"), [("", 8000), ("8123", 8123)])
def test_port_is_read(monkeypatch: pytest.MonkeyPatch, words: str, port: int) -> None:
    monkeypatch.setenv("PORT", words)
    assert asked_port() == port


def test_a_port_that_is_no_number_is_refused_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "carrefour.launcher", "demo"],
        cwd=ROOT,
        env={"PORT": "huit mille"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "carrefour : PORT=huit mille n'est pas un nombre : make demo PORT=8123"
    ]


@pytest.mark.parametrize("shift", [0, 1])
def test_each_port_that_is_taken_is_named(taken_port: int, shift: int) -> None:
    with pytest.raises(Refusal, match=rf"Le port {taken_port} \(.*make demo PORT=\d+"):
        running.check(taken_port - shift)


@pytest.mark.parametrize("port", [0, 65535, 70000])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(Refusal, match="n'existe pas"):
        running.check(port)


def test_a_second_demonstration_is_told_where_the_first_one_is() -> None:
    with running.lock():
        running.record(8123, [Process("make demo", os.getpid(), running.began(os.getpid()))])
        with pytest.raises(Refusal, match=rf"processus {os.getpid()}.*127\.0\.0\.1:8123"):
            running.check(8200)


def test_what_a_killed_demonstration_left_is_ended_and_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as left:
        known = Process("web", left.pid, running.began(left.pid))
        running.record(8123, [known])
        running.end_leftovers()
        assert left.wait(5) == -signal.SIGTERM
    assert f"arrêt des processus restants (web {left.pid})" in capsys.readouterr().out
    assert running.recorded() == (0, [])


def test_a_number_given_to_another_process_since_is_left_alone() -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as innocent:
        running.record(8123, [Process("web", innocent.pid, running.began(innocent.pid) - 1)])
        running.end_leftovers()
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.parametrize("content", ["", "{", '{"port": 1}', '{"port": 1, "processes": [3]}'])
def test_an_unreadable_record_is_no_record(state: Path, content: str) -> None:
    (state / "demo.json").write_text(content)
    assert running.recorded() == (0, [])


def test_children_stop_in_reverse_order_and_are_recorded(
    family: Children, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("plateformes", "web"):
        family.start(name, SLEEP)
    recorded = running.recorded()[1]
    assert [one.name for one in recorded] == ["make demo", "plateformes", "web"]
    family.stop_all()
    said = capsys.readouterr().out
    assert said.index("Arrêt : web") < said.index("Arrêt : plateformes")
    assert not any(one.alive for one in recorded[1:])
    assert running.recorded() == (0, [])


def test_what_a_child_started_stops_with_it(family: Children, state: Path) -> None:
    told = state / "petit-enfant"
    family.start("web", ["sh", "-c", f"sleep 60 & echo $! > '{told}'; trap : TERM; wait; exit"])
    wait_for(lambda: told.exists() and told.read_text().endswith("\n"))
    grandchild = int(told.read_text())
    assert running.began(grandchild)
    family.stop_all()
    wait_for(lambda: not running.began(grandchild))


def test_a_child_that_ends_by_itself_is_named_with_the_end_of_its_log(
    family: Children, capsys: pytest.CaptureFixture[str]
) -> None:
    family.start("moissonneur", ["sh", "-c", "echo la raison; exit 3"])
    with pytest.raises(Failed, match=r"« moissonneur » s'est arrêté tout seul \(état 3\)"):
        family.wait_for(lambda: False, 10)
    assert "la raison" in capsys.readouterr().out


def test_a_step_that_fails_is_named(family: Children) -> None:
    family.run("prepare", ["true"])
    with pytest.raises(Failed, match="prepare"):
        family.run("prepare", ["false"])


def test_an_end_asked_for_stops_the_step_under_way(family: Children) -> None:
    family.start("web", SLEEP)
    family.request.asked = True
    with pytest.raises(Interrupted):
        family.wait_for(lambda: False)
    with pytest.raises(Interrupted):
        family.start("moissonneur", SLEEP)
    assert len(family.started) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("through_make", [False, True])
def test_every_way_to_ask_for_the_end_is_heard(
    tmp_path: Path, number: signal.Signals, through_make: bool
) -> None:
    (tmp_path / "listener.py").write_text(LISTENER)
    (tmp_path / "Makefile").write_text(f"demo:\n\t@{sys.executable} listener.py\n")
    command = ["make", "demo"] if through_make else [sys.executable, "listener.py"]
    # The tests may themselves run under make, whose sub-make would announce its folder.
    environ = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        # Under nohup the signal would be inherited as ignored, and make would never hear it.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stdout.readline() == "listening\n"
            process.send_signal(number)  # to make alone: it keeps two of the three to itself
            process.communicate(timeout=10)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert (tmp_path / "heard").exists()


def test_the_end_of_the_terminal_is_heard(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        assert process.stdout.readline() == "listening\n"
        os.close(ours)
        assert process.wait(10) == 0
    assert (tmp_path / "heard").exists()


def test_children_end_with_a_launcher_that_is_killed() -> None:
    program = (
        "import subprocess, sys, time\n"
        "from carrefour.launcher.children import end_with_launcher\n"
        f"child = subprocess.Popen({SLEEP!r}, preexec_fn=end_with_launcher())\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as launcher:
        child = int(launcher.stdout.readline())
        assert running.began(child)
        launcher.kill()
    wait_for(lambda: not running.began(child))


def test_uv_is_chosen_in_the_lock_file_for_this_machine() -> None:
    wheel = tools.choose_wheel(tools.locked("uv")["wheels"])
    assert wheel["hash"].startswith("sha256:")
    assert wheel["url"].endswith(".whl")


def test_uv_is_downloaded_verified_and_unpacked(state: Path, httpserver: HTTPServer) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("uv-1.data/scripts/uv", "#!/bin/sh\necho uv 1.2.3\n")
    content = archive.getvalue()
    httpserver.expect_request("/uv.whl").respond_with_data(content)
    announced = {
        "url": httpserver.url_for("/uv.whl"),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    program = state / "tools" / "uv-1.2.3"
    tools.unpack_uv(tools.download(announced), program)
    said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert said == "uv 1.2.3\n"
    with pytest.raises(Refusal, match="empreinte"):
        tools.download({**announced, "hash": "sha256:0"})
    with pytest.raises(Refusal, match="ne peut être téléchargé"):
        tools.download({**announced, "url": httpserver.url_for("/absent.whl")})


def test_every_process_is_told_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CARREFOUR_HARVEST_ALLOW_HOSTS", "intranet.example")
    monkeypatch.delenv("CARREFOUR_BASE_URL", raising=False)
    monkeypatch.setenv("DATA", str(tmp_path))
    environ = demo.environment(8123)
    assert environ["CARREFOUR_BASE_URL"] == "http://127.0.0.1:8123"
    assert environ["CARREFOUR_SAMPLES_URL"] == "http://127.0.0.1:8124"
    assert environ["CARREFOUR_HARVEST_ALLOW_HOSTS"] == "intranet.example,127.0.0.1"
    assert environ["CARREFOUR_DEMO_DATA"] == str(tmp_path)
    monkeypatch.setenv("DATA", "/nulle/part")
    with pytest.raises(Refusal, match="n'est pas un dossier"):
        demo.environment(8123)


def test_health_is_read_whatever_its_status(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/healthz").respond_with_json({"worker": False}, 503)
    assert demo.health(httpserver.port) == (503, {"worker": False})
    httpserver.expect_ordered_request("/healthz").respond_with_data("<h1>panne</h1>", 500)
    assert demo.health(httpserver.port) == (500, {})


def test_nobody_answering_is_not_healthy(taken_port: int) -> None:
    assert demo.health(running.free_port_after(taken_port)) == (0, {})


def test_beat_is_healthy_while_it_writes_its_schedule(tmp_path: Path) -> None:
    assert healthcheck.beat(tmp_path) == "beat ne bat plus"
    schedule = tmp_path / "beat.db"
    schedule.touch()
    assert healthcheck.beat(tmp_path) == ""
    os.utime(schedule, (time.time() - 3600,) * 2)
    assert healthcheck.beat(tmp_path) == "beat ne bat plus"


def test_record_is_plain_json(state: Path) -> None:
    running.record(8123, [Process("web", 5, 7)])
    assert json.loads((state / "demo.json").read_text()) == {
        "port": 8123,
        "processes": [{"name": "web", "pid": 5, "began": 7}],
    }


def test_commands_stop_at_the_first_that_fails_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "carrefour.launcher.commands", "absente", "prepare"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["absente : Unknown command: 'absente'"]


def test_compose_and_examples_name_the_same_variables() -> None:
    example = (ROOT / ".env.example").read_text()
    composed = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert composed
    assert {name for name in composed if f"{name}=" not in example} == set()
