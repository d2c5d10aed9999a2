"""Warm processes, one for each engine and configuration, that measure when they are told to and sleep otherwise."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Worker:
    """A process that answers every line of JSON with one."""

    def __init__(self, command, environment=None):
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    @property
    def pid(self):
        return self.process.pid

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.log.seek(0)
            print(self.log.read()[-2000:], file=sys.stderr)
            raise RuntimeError(f"{Path(self.process.args[0]).name} ended with {code} at {command['do']}")
        return json.loads(line)

    def peak_memory(self):
        """MiB, the highest since the start."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


@dataclass(frozen=True)
class Engine:
    """How a worker is started, and what tables call it."""

    name: str
    command: tuple
    environment: dict = field(default_factory=dict, hash=False)
    is_peer: bool = True

    def start(self):
        return Worker(self.command, self.environment)

    def forcing(self, **environment):
        return Engine(self.name, self.command, {**self.environment, **environment}, self.is_peer)


def elk(setup, model, precision="int8", threads=2):
    name = f"Elk {precision}, {threads} thread{'s' if threads > 1 else ''}"
    return Engine(name, (setup.bench, model, precision, str(threads)), is_peer=False)


def faster_whisper(folder, kind, threads):
    command = (sys.executable, HERE / "peer.py", "faster-whisper", folder, kind, str(threads))
    return Engine(f"faster-whisper {kind}, {threads}T", command)


def whisper_cpp(file, threads):
    command = (sys.executable, HERE / "peer.py", "whisper.cpp", file, "f16", str(threads))
    return Engine(f"whisper.cpp f16, {threads}T", command)


def peers(folder, file, quick=False):
    """Every peer with the thread counts that are worth trying on this machine."""
    if quick:
        return [faster_whisper(folder, "int8", 2), whisper_cpp(file, 2)]
    found = [faster_whisper(folder, kind, threads) for kind in ("int8", "float32") for threads in (1, 2)]
    return [*found, whisper_cpp(file, 2)]
