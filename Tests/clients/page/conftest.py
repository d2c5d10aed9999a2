"""Fixtures of the tests of the page, in a real Chromium.

ELK_BASE_URL    base URL of a running server, `/v1` included; without it everything is skipped.
ELK_API_KEY     key of that server, when it has keys; the tests of the key need one.
ELK_TEST_AUDIO  folder with the project's recordings; default `../shared/audio` beside the checkout. Where it is missing, a
                recording is spoken by `espeak-ng`.
ELK_CHROMIUM    the browser; default `chromium`, as Debian's package installs it. Without it the tests are left out.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="tests of the page left out: playwright is not installed")


@pytest.fixture(scope="module")
def root():
    url = os.environ.get("ELK_BASE_URL")
    if not url:
        pytest.skip("ELK_BASE_URL names no server")
    return url.rstrip("/").removesuffix("v1")


@pytest.fixture(scope="module")
def chromium():
    found = os.environ.get("ELK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("tests of the page left out: there is no chromium; scripts/setup --tests installs it")
    return found


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """A recording and words that its text has."""
    named = os.environ.get("ELK_TEST_AUDIO")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "audio"
    if (folder / "jfk.wav").exists():
        return folder / "jfk.wav", ("americans", "country")
    if not shutil.which("espeak-ng"):
        pytest.skip("no recordings: neither the folder of ELK_TEST_AUDIO nor espeak-ng is there")
    file = tmp_path_factory.mktemp("speech") / "jfk.wav"
    text = "Please open the window before dinner. The weather is wonderful today."
    subprocess.run(["espeak-ng", "-v", "en", "-s", "140", "-w", file, text], check=True)
    return file, ("window", "weather")


@pytest.fixture(scope="module")
def browser(chromium, speech):
    """Its microphone is the recording, over and over."""
    flags = [
        "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--mute-audio",
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech[0]}", "--autoplay-policy=no-user-gesture-required",
    ]
    with sync_api.sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=chromium, args=flags) as browser:
            yield browser


@dataclass
class Visit:
    """A page and what it did that it should not do."""

    page: object
    hosts: set = field(default_factory=set)
    complaints: list = field(default_factory=list)

    def hear(self, message):
        # Answers that refuse are the server's to give, and the browser notes each of them.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser, root):
    """Opens the page; in the end it must have stayed with this server and not have complained."""
    contexts, visits = [], []

    def open_page(key=os.environ.get("ELK_API_KEY"), before=None, **options):
        context = browser.new_context(**({"viewport": {"width": 1100, "height": 800}} | options))
        contexts.append(context)
        if key:
            context.add_init_script(f"sessionStorage.setItem('elk.key', {key!r})")
        page = context.new_page()
        page.set_default_timeout(30_000)
        visit = Visit(page)
        visits.append(visit)
        page.on("request", lambda request: visit.hosts.add(urlsplit(request.url.removeprefix("blob:")).netloc))
        page.on("console", visit.hear)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        if before:
            before(page)
        page.goto(root)
        return page

    yield open_page
    for context in contexts:
        context.close()
    for visit in visits:
        assert visit.hosts <= {urlsplit(root).netloc}
        assert visit.complaints == []
