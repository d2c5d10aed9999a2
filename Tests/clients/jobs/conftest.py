"""Fixtures of the tests of jobs: a server in a folder of its own that is killed and started again, and a listener for webhooks.

ELK_BINARY       the `elk` to test; without it everything here is skipped.
ELK_TEST_MODELS  folder with the models; tiny.en is taken where it is there, else base.
ELK_TEST_AUDIO   folder with the project's recordings; default `../shared/audio` beside the checkout. Where it is missing, a
                 recording is spoken by `espeak-ng`.
"""

import http.server
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import openai
import pytest

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class Server:
    """`elk serve`, which can be killed and started again on the same folder and port."""

    binary: str
    home: Path
    models: Path
    model: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        environment = {
            **os.environ, "ELK_HOME": str(self.home), "ELK_API_KEY": "", "ELK_MODELS_FOLDER": str(self.models),
            "ELK_SPEECH_DEFAULT_MODEL": self.model, "ELK_SPEECH_BEAM_SIZE": "1",
            "ELK_JOBS_WEBHOOK_SECRET": SECRET, "ELK_JOBS_PRIVATE_WEBHOOKS": "true",
        }
        log = (self.home / "server.log").open("a")
        command = [self.binary, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, (self.home / "server.log").read_text()[-2000:]
            try:
                urllib.request.urlopen(self.url + "/health", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < until
                time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, (self.home / "server.log").read_text()[-2000:]

    def metric(self, name):
        lines = urllib.request.urlopen(self.url + "/metrics", timeout=30).read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith((name + " ", name + "{")))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    binary = os.environ.get("ELK_BINARY")
    if not binary:
        pytest.skip("ELK_BINARY names no elk")
    models = Path(os.environ.get("ELK_TEST_MODELS") or Path(__file__).resolve().parents[3] / ".cache" / "models")
    names = [name for name in ("tiny.en", "base") if (models / name).is_dir()]
    if not names:
        pytest.skip(f"{models} has neither tiny.en nor base")
    server = Server(binary, tmp_path_factory.mktemp("jobs"), models, names[0])
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=server.url + "/v1", api_key="none-needed", max_retries=0, timeout=900) as client:
        yield client


def recording(name, sentences):
    named = os.environ.get("ELK_TEST_AUDIO")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "audio"
    if (folder / name).exists():
        return (name, (folder / name).read_bytes())
    if not shutil.which("espeak-ng"):
        pytest.skip("no recordings: neither the folder of ELK_TEST_AUDIO nor espeak-ng is there")
    text = " ".join(f"This is sentence number {number}, and the weather is wonderful today." for number in range(sentences))
    command = ["espeak-ng", "-v", "en", "-s", "140", "--stdout", text]
    return ("spoken.wav", subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.fixture(scope="module")
def long():
    """Minutes of speech."""
    return recording("long_en_dev.mp3", 60)


@pytest.fixture(scope="module")
def talk():
    """A minute of speech: two windows or more."""
    return recording("ted_60.m4a", 15)


@pytest.fixture(scope="session")
def secret():
    return SECRET


@pytest.fixture
def listener():
    """Takes webhooks, and refuses the first one."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            server.received.append((dict(self.headers.items()), body))
            self.send_response(500 if len(server.received) == 1 else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
