"""Kills a server under load again and again, and checks after each time that no money was made or charged twice.

usage: scripts/kill [ROUNDS]     200 unless said

Each round starts `elk serve` on the same data, sends plain and streamed requests of a prepaid user from several threads, kills the
server (SIGKILL) after a random time and verifies the ledger: postings add up to zero, no balance is below zero. At the end it
compares, request by request, what clients got with what was charged.
"""

import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "clients" / "gateway"))

from elk_process import Elk, free_port  # noqa: E402
from upstream import Upstream  # noqa: E402

CLIENTS = 8
MODELS = ["oai-plain", "oai-slow"]
BALANCE = 1000.0


class Server(Elk):
    """A server that one prepaid user has a key for, and that is started and killed again and again."""

    def prepare(self, upstream):
        self.run(
            "channels", "add", "openai-compatible", "--name", "script", "--base-url", upstream.url + "/v1", "--key", "k",
            "--models", ",".join(MODELS),
        )
        for model in MODELS:
            self.run("prices", "set", model, "input=1000", "output=1000")
        self.run("users", "add", "payer", "--balance", BALANCE)
        self.key = json.loads(self.run("keys", "create", "payer", "--user", "payer", "--json"))["key"]

    def start(self):
        self.process = self.serve()

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(40)


def load(server, stop, finished, seed):
    """Requests one after the other until the server is gone; remembers the ids of those whose whole answer came."""
    chance = random.Random(seed)
    while not stop.is_set():
        streams = chance.random() < 0.5
        model = chance.choice(MODELS) if streams else MODELS[0]
        body = {"model": model, "max_tokens": 20, "stream": streams, "messages": [{"role": "user", "content": "Hello"}]}
        request = urllib.request.Request(
            server.url + "/v1/chat/completions",
            json.dumps(body).encode(),
            {"authorization": f"Bearer {server.key}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
                if not streams or b"[DONE]" in text:
                    finished.append(answer.headers["x-request-id"])
        except (OSError, ValueError):
            time.sleep(0.01)
        except Exception:  # http.client's own: the connection ended in the middle.
            pass


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(os.environ.get("ELK_KILL_SEED") or time.time_ns() % 1_000_000)
    chance = random.Random(seed)
    print(f"seed {seed}, {rounds} rounds")
    upstream = Upstream().start()
    with tempfile.TemporaryDirectory() as home:
        binary = os.environ.get("ELK_BINARY") or str(ROOT / ".build" / "release" / "elk")
        server = Server(binary, Path(home), free_port())
        server.prepare(upstream)
        finished, start = [], time.monotonic()
        for number in range(1, rounds + 1):
            server.start()
            stop = threading.Event()
            threads = [
                threading.Thread(target=load, args=(server, stop, finished, chance.random()), daemon=True) for _ in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 0.8))
            server.end(signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join(15)
            verify(server)
            if number % 10 == 0 or number == rounds:
                print(f"{number:4} rounds, {len(finished)} answers, {time.monotonic() - start:.0f} s", flush=True)
        # What a killed server held comes back when its successor takes over.
        server.start()
        time.sleep(2)
        server.end(signal.SIGTERM)
        verify(server)
        compare(server, upstream, finished)
    upstream.stop()


def verify(server):
    server.run("ledger")  # Ends with 1, and what is wrong, when the books are.
    users = json.loads(server.run("users", "list", "--json"))
    balance = next(user["balance"] for user in users if user["name"] == "payer")
    if float(balance) < 0:
        raise SystemExit(f"the balance is {balance}")


def logged(server):
    """All rows of the usage log, the newest first."""
    rows = []
    while page := json.loads(server.run("logs", "--json", "--limit", "500", *(["--before", rows[-1]["id"]] if rows else []))):
        rows += page
    return rows


def compare(server, upstream, finished):
    rows = logged(server)
    ids = [row["id"] for row in rows]
    charged = [row for row in rows if float(row.get("cost") or 0) > 0]
    if len(ids) != len(set(ids)):
        raise SystemExit("a request was charged twice")
    if len(charged) > len(upstream.requests):
        raise SystemExit(f"{len(charged)} requests were charged and {len(upstream.requests)} made")
    lost = len(set(finished) - set(ids))
    print(
        f"{len(upstream.requests)} requests reached the provider, {len(charged)} were charged, each once; {len(finished)} answers "
        f"were complete, of which {lost} ({lost / max(1, len(finished)):.1%}) were not written before the kill"
    )


if __name__ == "__main__":
    main()
