"""Test runs that go on at once keep out of each other's way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import free_number, own_redis_database

ASK = "from tests.environment import free_number; print(free_number({server!r}, 4))"


def test_two_processes_never_take_the_same_redis_database() -> None:
    server = f"redis://serveur-{os.getpid()}.exemple.fr"
    ours = [free_number(server, 4), free_number(server, 4)]
    asked = subprocess.run(
        [sys.executable, "-c", ASK.format(server=server)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parent.parent,
    )
    assert [*ours, int(asked.stdout)] == [1, 2, 3]
    # The other process is over: its database is free again, then none is.
    assert free_number(server, 4) == 3
    with pytest.raises(SystemExit, match="aucune base Redis"):
        free_number(server, 4)


def test_a_database_is_written_as_each_kind_of_address_wants_it() -> None:
    assert own_redis_database("unix:///tmp/redis?db=0", 5) == "unix:///tmp/redis?db=5"
    assert own_redis_database("redis://serveur:6379/0", 5) == "redis://serveur:6379/5"
