"""Everything a run needs: the mock, the clients, Elk and its peers, all up at the same time."""

import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from load import Watch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = HERE.parent / ".cache" / "gateway"
KIB = 1024


class Setup:
    def __init__(self, peers, rounds, seconds):
        self.peers, self.rounds, self.seconds = peers, rounds, seconds
        self.left_out, self.foreign, self.gateways, self.running = [], [], [], []
        self.foreign_pids = []

    def __enter__(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        # Inherited by the gateways: two thousand streams take twice as many files.
        limit = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        for tool in ("mock", "load"):
            source, binary = HERE / f"{tool}.c", CACHE / tool
            if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
                subprocess.run(["clang", "-O2", "-o", binary, source], check=True)
        self.upstream = free_port()
        self.run("mock", [CACHE / "mock", str(self.upstream)])
        wait_for(self.upstream)
        import gateways

        try:
            self._start(gateways.Elk(self))
            for name in self.peers:
                try:
                    self._start(gateways.PEERS[name](self))
                except Exception as error:  # A peer that cannot be had is left out, and said so.
                    self.left_out.append(f"{name}: {type(error).__name__}: {error}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    @property
    def direct(self):
        """The mock itself, as if it were a gateway."""
        import gateways

        return gateways.Direct(self)

    def _start(self, gateway):
        print(f"==> starting {gateway.name}", file=sys.stderr)
        gateway.start()
        wait_for(gateway.port, 240)
        gateway.check()
        self.gateways.append(gateway)

    def run(self, name, command, env=None, cwd=None):
        """Starts a process that lives as long as the setup; its output goes to a file."""
        log = open(CACHE / f"{name}.log", "wb")
        process = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, cwd=cwd
        )
        self.running.append(process)
        return process

    def body(self, kib=1, mode="plain"):
        """A file with a chat request of that size."""
        name = CACHE / f"body-{kib}-{mode}.json"
        request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"mode:{mode:8} "}], "max_tokens": 64}
        if mode != "plain":
            request["stream"] = True
        message = request["messages"][0]
        message["content"] += "Tell me of the quick brown fox. " * ((kib * KIB - len(json.dumps(request))) // 32)
        name.write_text(json.dumps(request))
        return name

    def load(self, gateway, kind, connections, body, seconds=None):
        """Runs the clients against a gateway; their numbers."""
        with Watch([process.pid for process in self.running]) as watch:
            done = subprocess.run(self._load(gateway, kind, connections, body, seconds), capture_output=True, text=True)
        self.foreign.append(watch.foreign)
        if done.returncode != 0 or not done.stdout:
            raise RuntimeError(f"load on {gateway.name}: {done.stderr[:500]}")
        found = json.loads(done.stdout.splitlines()[-1])
        if found["errors"] > 0:
            raise RuntimeError(f"{gateway.name}: {found['errors']} errors; {done.stderr[:500]}")
        return found

    def hold(self, gateway, kind, connections, body, seconds):
        """Starts clients that keep streams open; they have all had their first event when this returns."""
        process = subprocess.Popen(
            self._load(gateway, kind, connections, body, seconds), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{gateway.name}: streams did not open: {process.stderr.read()[:500]}")
        return process

    def _load(self, gateway, kind, connections, body, seconds):
        seconds = seconds or self.seconds
        return [CACHE / "load", kind, str(gateway.port), str(connections), str(seconds), str(body), gateway.key]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def ask(port, key, body):
    """One request by an ordinary client."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        data=Path(body).read_bytes(),
        headers={"content-type": "application/json", "authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()
