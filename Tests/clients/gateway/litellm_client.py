"""LiteLLM as a client, in its own environment: prints what came of each call as JSON.

    python litellm_client.py ROOT_URL KEY
"""

import json
import sys

import litellm

root, key = sys.argv[1:]
HELLO = [{"role": "user", "content": "Hello?"}]
litellm.telemetry = False


def text(model, **arguments):
    return litellm.completion(model=model, messages=HELLO, api_key=key, max_tokens=50, num_retries=0, **arguments).choices[0].message.content


def streamed(model, **arguments):
    chunks = litellm.completion(model=model, messages=HELLO, api_key=key, max_tokens=50, stream=True, num_retries=0, **arguments)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def error(model, **arguments):
    try:
        return text(model, **arguments)
    except Exception as failure:  # Which class it is, is what is tested.
        return type(failure).__name__


def outcomes():
    openai = {"api_base": root + "/v1"}
    anthropic = {"api_base": root}
    for format in ("oai", "ant", "gem"):
        yield f"openai {format}", text(f"openai/{format}-plain", **openai)
        yield f"openai stream {format}", streamed(f"openai/{format}-plain", **openai)
        yield f"anthropic {format}", text(f"anthropic/{format}-plain", **anthropic)
        yield f"anthropic stream {format}", streamed(f"anthropic/{format}-plain", **anthropic)
        yield f"openai 429 {format}", error(f"openai/{format}-error-429", **openai)
        yield f"anthropic 429 {format}", error(f"anthropic/{format}-error-429", **anthropic)
    embedding = litellm.embedding(model="openai/oai-plain", input=["a"], api_key=key, **openai)
    yield "embedding", embedding.data[0]["embedding"]


print(json.dumps(dict(outcomes())))
