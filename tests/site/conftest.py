"""The built site in a browser: what its tests share."""

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs._generator import policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

SITE = Path(__file__).parents[2] / "site"
PAGES = [p.relative_to(SITE).as_posix().removesuffix("index.html") for p in sorted(SITE.rglob("index.html"))]
# Listings are alike: each in a browser would say the same again.
LOOKED_AT = [
    page for page in PAGES if not page.startswith("source/") or page in ("source/", "source/elbo_check/terms.py/")
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
STILL = """{  // axe measures colours, some half faded in
    const still = new CSSStyleSheet();
    still.replaceSync("* { transition: none !important }");
    document.adoptedStyleSheets.push(still);
}"""
PATIENCE = 120_000  # milliseconds; a long page on a busy machine takes its time
# CI fails without a site instead
with_a_site = pytest.mark.skipif(
    not (SITE / "index.html").exists() and not os.environ.get("CI"), reason="no site: run `make site`"
)
in_a_browser = pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="no chromium on the path")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    args = ["--disable-gpu", "--disable-background-networking"]
    if os.name == "posix" and os.geteuid() == 0:
        args.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": args}


class _Quiet(SimpleHTTPRequestHandler):
    """The site under the policy that `docs/_generator/policy.py` states: what violates it is an error on the console.

    A connection serves many requests, and a browser asks once for what all pages share: half of the time of a visit otherwise.
    """

    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", policy.HEADER)
        if self.path.startswith("/assets/"):
            self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched(page: "Page", base_url: str) -> Iterator["Page"]:
    """A page on which an error, a warning, a failed request or a request to another site fails the test."""
    wrong = _watch(page, base_url)
    yield page
    assert not wrong, wrong


@pytest.fixture(scope="session")
def _visitor(browser: "Browser", base_url: str) -> Iterator[tuple["Page", list[str]]]:
    """One page that goes from address to address, with what went wrong on it so far; on it nothing moves, and axe is at hand."""
    from axe_playwright_python.sync_playwright import Axe

    with browser.new_context(base_url=base_url) as context:
        context.add_init_script(STILL)
        context.add_init_script(Axe().axe_script)
        page = context.new_page()
        yield page, _watch(page, base_url)


@pytest.fixture
def visited(_visitor: tuple["Page", list[str]]) -> Iterator["Page"]:
    """As `watched`, going through many pages: it keeps what it has loaded, which is most of the work of a first visit."""
    page, wrong = _visitor
    wrong.clear()
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", media="screen")
    page.mouse.move(0, 0)
    yield page
    page.wait_for_load_state("networkidle")
    assert not wrong, wrong


def _watch(page: "Page", base_url: str) -> list[str]:
    """What goes wrong on a page, from now on."""
    from playwright.sync_api import expect

    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
    page.on("requestfailed", lambda r: wrong.append(f"failed: {r.url}, {r.failure}") if not _left_behind(r) else None)
    page.on("request", lambda r: wrong.append(f"off site: {r.url}") if not _at_home(r.url, base_url) else None)
    page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    return wrong


def _left_behind(request: "Request") -> bool:
    """Whether the browser gave the request up by itself, because it went on to another page."""
    return request.failure == "net::ERR_ABORTED"


def _at_home(url: str, base_url: str) -> bool:
    return url.startswith((base_url, "data:", "blob:"))
