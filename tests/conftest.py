"""What every test may use. Servers are real: PostgreSQL, Redis, Celery worker, HTTP, Chromium."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Page
from whitenoise.middleware import WhiteNoiseMiddleware

from carrefour.accounts.roles import sync_roles
from carrefour.launcher import chromium
from tests import databases
from tests.factories import MembershipFactory, UserFactory

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """The database, which a session left open by a thread or a program must not keep alive."""
    with django_db_blocker.unblock():
        with databases.made_from_the_model():
            request.getfixturevalue("django_db_setup")
        if databases.may_silence_triggers():
            # Of the class: a test that opens its connection anew has another object.
            type(connection.ops).sql_flush = databases.emptying  # type: ignore[method-assign]
            databases.keep_what_is_kept()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def pytest_collection_finish() -> None:
    """The collector of cycles took an eighth of the time: what is loaded by now stays to the end,
    and what tests leave may wait a little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """Each test client builds the middlewares: one of them would look for 1,800 files again."""
    listing, known = WhiteNoiseMiddleware.add_files_from_finders, {}

    def list_once(whitenoise: WhiteNoiseMiddleware) -> None:
        if not known:
            listing(whitenoise)
            known.update(whitenoise.files)
        whitenoise.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", list_once)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {
        **browser_type_launch_args,
        "executable_path": chromium.program(),
        "args": CHROMIUM_OPTIONS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "fr-FR", "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    """No rate limit or cached page passes from one test to the next."""
    yield
    cache.clear()


@pytest.fixture
def roles(db: None) -> SimpleNamespace:
    """The cast: one account per role, one without any; the member belongs to ``roles.partner``."""
    sync_roles()
    membership = MembershipFactory()
    return SimpleNamespace(
        administrator=UserFactory(administrator=True),
        moderator=UserFactory(moderator=True),
        essaimage_officer=UserFactory(essaimage_officer=True),
        statistician=UserFactory(statistician=True),
        partner_member=membership.user,
        partner=membership.partner,
        stranger=UserFactory(),
    )


@pytest.fixture(scope="session")
def worker_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the mails that the real worker sends, a file each."""
    return tmp_path_factory.mktemp("courriels")


@pytest.fixture(scope="session")
def worker_process(
    django_db_setup: None, django_db_blocker: object, worker_mailbox: Path
) -> Iterator[subprocess.Popen]:
    """A real Celery worker in its own process, on this test process's database and broker."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = connection.settings_dict["NAME"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    database_url = f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    log = ROOT / ".carrefour" / f"worker-{name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "carrefour", "worker", "-c", "1", "-l", "INFO"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "EMAIL_URL": f"filemail:///{worker_mailbox}",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: "ready." in log.read_text() or process.poll() is not None, 90)
        assert process.poll() is None, log.read_text()[-2000:]
        yield process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def worker(worker_process: subprocess.Popen, transactional_db: None) -> subprocess.Popen:
    """The running worker; the test must commit what the worker has to see."""
    return worker_process


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Return once ``condition`` holds; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Toujours faux après {seconds} s.")
        time.sleep(0.1)


@pytest.fixture
def short_pauses(settings: Any) -> None:
    """A site that does not answer is asked as often again, but soon."""
    settings.HARVEST_LONGEST_PAUSE = 0.2


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail when axe-core finds anything on the page."""

    def check(page: Page) -> None:
        results = Axe().run(page)
        found = [
            f"{v['id']}: {v['help']} → {[n['target'] for n in v['nodes']][:5]}"
            for v in results.response["violations"]
        ]
        assert not found, "\n".join([page.url, *found])

    return check


@pytest.fixture
def log_in(page: Page, live_server: object) -> Callable[[object], None]:
    """Log a user in on the live server through the session cookie."""
    from django.test import Client

    def log(user: object) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]  # type: ignore[attr-defined]
        )

    return log
