"""A server in a folder of its own, and its command line."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url, process, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{url} ended before it answered")
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(url)


@dataclass
class Elk:
    """A server in a folder of its own, and its command line."""

    binary: str
    home: Path
    port: int

    @property
    def environment(self):
        return {**os.environ, "ELK_HOME": str(self.home), "ELK_API_KEY": ""}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments):
        command = [self.binary, *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def create_key(self, name, *arguments):
        key = json.loads(self.run("keys", "create", name, "--json", *arguments))["key"]
        time.sleep(1.5)  # A running server looks for changes once a second.
        return key

    def serve(self):
        log = (self.home / "server.log").open("w")
        command = [self.binary, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        wait_for(self.url + "/health", process)
        return process
