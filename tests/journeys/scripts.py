"""Shipped scripts alone in Chromium, without the demo behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from tests.journeys.conftest import CHROMIUM, FLAGS

HERE = Path(__file__).parent
STATIC = [HERE.parent.parent / app / "static" for app in ("crm", "chat")]
EMPTY = "<!doctype html><title>scripts</title>"


@contextmanager
def alone(html: str = EMPTY, **doors: object) -> Iterator[Page]:
    """A page in which the scripts can be imported; each door answers what `doors` says."""

    def serve(route: Route) -> None:
        path = route.request.url.partition("alone.localhost/")[2]
        if not path:
            route.fulfill(body=html, content_type="text/html")
        elif path in doors:
            route.fulfill(json=doors[path])
        else:
            files = (folder / path for folder in [HERE, *STATIC])
            found = next((file for file in files if file.is_file()), None)
            route.fulfill(path=found, content_type="text/javascript") if found else route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto("http://alone.localhost/")
        yield page
        browser.close()
