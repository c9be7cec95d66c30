"""Take the documentation's screenshots from a running demonstration.

    .venv/bin/python docs/images/take.py http://127.0.0.1:8000 ADDRESS PASSWORD

ADDRESS and PASSWORD are those of the administrateur that `make demo` prints.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent
WIDTHS = {"": (1280, 900), "-mobile": (390, 844)}
PUBLIC = {
    "accueil": "/",
    "recherche-liste": "/recherche/?q=mobilit%C3%A9",
    "recherche-carte": "/recherche/?vue=carte",
    "recherche-donnees": "/recherche/?vue=donnees",
    "fiche": "/innovations/territoires-zero-chomeur-de-longue-duree/",
}


def main(site: str, address: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for suffix, (width, height) in WIDTHS.items():
            page = opened(browser, width, height)
            for name, path in PUBLIC.items():
                shoot(page, f"{site}{path}", f"{name}{suffix}.png")
            log_in(page, site, address, password)
            page.goto(f"{site}/gestion/moissonnages/")
            run = page.locator("main td a[href*='/gestion/moissonnages/']").first
            run_page = run.get_attribute("href")
            shoot(page, f"{site}{run_page}", f"gestion-moissonnage{suffix}.png")
            shoot(page, f"{site}/gestion/", f"gestion-accueil{suffix}.png")
            shoot(page, f"{site}/gestion/relecture/commencer/", f"gestion-relecture{suffix}.png")
            page.goto(f"{site}/gestion/rapprochements/")
            shoot(page, page.url, f"gestion-rapprochements{suffix}.png")
            pairs = page.locator("main td a[href*='/gestion/rapprochements/']")
            if pairs.count():
                where = pairs.first.get_attribute("href")
                shoot(page, f"{site}{where}", f"gestion-rapprochement{suffix}.png")
            page.context.close()
        browser.close()


def opened(browser: Browser, width: int, height: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce"
    )
    return context.new_page()


def shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1200)
    page.screenshot(path=FOLDER / name)


def log_in(page: Page, site: str, address: str, password: str) -> None:
    page.goto(f"{site}/connexion/")
    page.fill("input[name=username]", address)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit]").first.click()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
