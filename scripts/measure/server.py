"""A running `elk serve`, or a peer of it, on a free port of 127.0.0.1, and requests to it without any client library."""

import http.client
import json
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass

from elk import binary, environment


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def error_code(self):
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error.get("code") if isinstance(error, dict) else None


PATH = "/v1/audio/transcriptions"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def form(name, content, fields):
    """A multipart body with a file behind {name: value}, and the headers that go with it."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
    )
    body = b"".join(parts) + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class Server:
    def __init__(self, process, port):
        self.process = process
        self.port = port

    def transcribe(self, name, content, **fields):
        body, headers = form(name, content, fields)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
        started = time.monotonic()
        try:
            connection.request("POST", PATH, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), time.monotonic() - started)
        finally:
            connection.close()

    def memory(self):
        """Fields of /proc/PID/status in MiB, such as VmRSS and VmHWM."""
        with open(f"/proc/{self.process.pid}/status") as status:
            fields = dict(line.split(":", 1) for line in status)
        return {name: int(value.split()[0]) / 1024 for name, value in fields.items() if value.strip().endswith("kB")}

    @property
    def is_running(self):
        return self.process.poll() is None


@contextmanager
def running(*arguments, **settings):
    """`settings` go to the environment, as ELK_SPEECH_WINDOW does; accounts and keys are in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="elk-home-") as home:
        command = [binary(), "serve", *arguments]
        with listening(command, environment(ELK_HOME=home, **settings)) as server:
            yield server


@contextmanager
def listening(command, settings=None):
    """Any speech server that takes --host and --port and answers /health, until the end of the block."""
    port = free_port()
    command = [str(part) for part in (*command, "--host", "127.0.0.1", "--port", port)]
    # A file, as a full pipe would block the server.
    log = tempfile.TemporaryFile(mode="w+")
    process = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
    try:
        _wait(process, port, log)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait(process, port, log):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise SystemExit(f"{process.args[0]} did not start: {log.read()}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{process.args[0]} did not become ready within two minutes")
