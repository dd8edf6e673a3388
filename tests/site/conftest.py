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
    watch = _Watch(page, base_url)
    yield page
    assert not watch.wrong, watch.wrong


@pytest.fixture(scope="session")
def _visitor(browser: "Browser", base_url: str) -> Iterator[tuple["Page", "_Watch"]]:
    """One page that goes from address to address, with what went wrong on it so far; on it nothing moves, and axe is at hand."""
    from axe_playwright_python.sync_playwright import Axe

    with browser.new_context(base_url=base_url) as context:
        context.add_init_script(STILL)
        context.add_init_script(Axe().axe_script)
        page = context.new_page()
        yield page, _Watch(page, base_url)


@pytest.fixture
def visited(_visitor: tuple["Page", "_Watch"]) -> Iterator["Page"]:
    """As `watched`, going through many pages: it keeps what it has loaded, which is most of the work of a first visit.

    What goes wrong after the end of a test is told by the next.
    """
    page, watch = _visitor
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", media="screen")
    page.mouse.move(0, 0)
    yield page
    if watch.unanswered:
        page.wait_for_load_state("networkidle")
    page.goto("about:blank")  # where another size and other colours cost nothing
    wrong, watch.wrong = watch.wrong, []
    assert not wrong, wrong


class _Watch:
    """What goes wrong on a page, from now on, and what it has asked for and not got yet."""

    def __init__(self, page: "Page", base_url: str) -> None:
        from playwright.sync_api import expect

        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.wrong: list[str] = []
        self.unanswered: set[Request] = set()
        self.home = base_url
        page.on(
            "console", lambda m: self.wrong.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self.unanswered.discard(request))
        page.on("requestfailed", self._failed)
        page.on("response", lambda r: self.wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)

    def _asked(self, request: "Request") -> None:
        self.unanswered.add(request)
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.wrong.append(f"off site: {request.url}")

    def _failed(self, request: "Request") -> None:
        self.unanswered.discard(request)
        if request.failure != "net::ERR_ABORTED":  # by which the browser gives up what another page does not need
            self.wrong.append(f"failed: {request.url}, {request.failure}")
