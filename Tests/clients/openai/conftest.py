"""Fixtures of the client tests.

ELK_BASE_URL    base URL of a running server, `/v1` included; without it everything is skipped.
ELK_API_KEY     key of that server, when it has keys; the tests of refused keys need one.
ELK_TEST_AUDIO  folder with the project's recordings; default `../shared/audio` beside the checkout. Where it is missing,
                recordings are taken from Debian's `pocketsphinx-testdata` and spoken by `espeak-ng`.
ELK_TEST_MODEL  model to ask for; default `whisper-1`.
ELK_TEST_QUEUE  requests that the server runs and queues together before it answers 429. Without it that test is skipped;
                set it to a small number for a server that was started with as small a queue.
"""

import io
import os
import shutil
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest


@dataclass(frozen=True)
class Recording:
    """A recording as an upload, and words that its text has."""

    name: str
    content: bytes
    words: tuple[str, ...]

    @property
    def upload(self):
        return (self.name, self.content)


def shared_audio():
    named = os.environ.get("ELK_TEST_AUDIO")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "audio"
    return folder if folder.is_dir() else None


def wav(samples: bytes, rate=16000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples)
    return file.getvalue()


def spoken(text: str, voice: str) -> bytes:
    if not shutil.which("espeak-ng"):
        pytest.skip("no recordings: neither the folder of ELK_TEST_AUDIO nor espeak-ng is there")
    return subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "--stdout", text], check=True, capture_output=True).stdout


@pytest.fixture(scope="session")
def base_url():
    url = os.environ.get("ELK_BASE_URL")
    if not url:
        pytest.skip("ELK_BASE_URL names no server")
    return url.rstrip("/")


@pytest.fixture(scope="session")
def client(base_url):
    key = os.environ.get("ELK_API_KEY") or "none-needed"
    with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=600) as client:
        yield client


@pytest.fixture(scope="session")
def model():
    return os.environ.get("ELK_TEST_MODEL", "whisper-1")


@pytest.fixture(scope="session")
def english():
    folder = shared_audio()
    if folder:
        return Recording("jfk.wav", (folder / "jfk.wav").read_bytes(), ("americans", "country"))
    raw = Path("/usr/share/pocketsphinx/test/data/goforward.raw")
    if raw.exists():
        return Recording("goforward.wav", wav(raw.read_bytes()), ("forward",))
    return Recording("spoken.wav", spoken("Please open the window before dinner.", "en"), ("window",))


@pytest.fixture(scope="session")
def spanish():
    folder = shared_audio()
    if folder:
        return Recording("es.wav", (folder / "es_test_clip.wav").read_bytes(), ("this",))
    return Recording("es.wav", spoken("Buenos días. Esta es mi casa y ese es mi perro.", "es"), ("house",))


@pytest.fixture(scope="session")
def short():
    """90 ms of sound, below the least length."""
    return ("short.wav", wav(bytes(2 * 1440)))
