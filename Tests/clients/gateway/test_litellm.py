"""LiteLLM as a client of Elk, in an environment of its own, because it pins an older `openai`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from upstream import TEXT

PYTHON = os.environ.get("ELK_LITELLM_PYTHON")


@pytest.fixture(scope="module")
def outcomes(root_url, key):
    if not PYTHON:
        pytest.skip("ELK_LITELLM_PYTHON names no Python that has litellm")
    script = Path(__file__).with_name("litellm_client.py")
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    run = subprocess.run([PYTHON, script, root_url, key], capture_output=True, text=True, env=environment, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize("format", ["oai", "ant", "gem"])
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_texts(outcomes, dialect, format):
    assert outcomes[f"{dialect} {format}"] == TEXT
    assert outcomes[f"{dialect} stream {format}"] == TEXT
    assert outcomes[f"{dialect} 429 {format}"] == "RateLimitError"


def test_embedding(outcomes):
    assert outcomes["embedding"] == [0.25, -0.5, 1.0]
