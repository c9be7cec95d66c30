from tests.browser.test_backoffice import *  # noqa
from tests.browser.test_backoffice import world, addresses, samples

def test_shots(live_server, page, log_in, world):
    log_in(world.moderator)
    import os
    wide = os.environ.get("W") == "wide"
    page.set_viewport_size({"width": 1280, "height": 900} if wide else {"width": 390, "height": 844})
    for a in [*addresses(world), "/connexion/", f"/opposition/"]:
        page.goto(live_server.url + a)
        n = a.strip("/").replace("/", "_") or "home"
        page.screenshot(path=f"/tmp/helperG/shots/{'w' if wide else 'm'}_{n}.png", full_page=True)
        if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            print(a, page.evaluate("""() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > window.innerWidth && !e.closest('.fr-table__container')).map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right).slice(0, 12)"""))
    assert 0
