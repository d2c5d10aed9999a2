"""A real model (SmolLM2 on llama.cpp's server) behind Elk: what it says in one format it says in all."""

import json

import pytest

HELLO = "Reply with one short sentence: what is the capital of France?"


@pytest.fixture
def model(real_model):
    return real_model


# Temperature 0 everywhere: a model this small says something else now and then.
def test_chat_by_every_client(client, claude, google, model):
    chat = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": HELLO}], temperature=0, max_tokens=30, seed=1
    )
    text = chat.choices[0].message.content
    assert "Paris" in text and chat.usage.completion_tokens > 0
    message = claude.messages.create(
        model=model, max_tokens=30, messages=[{"role": "user", "content": HELLO}], extra_body={"temperature": 0}
    )
    assert "Paris" in message.content[0].text and message.usage.output_tokens > 0
    answer = google.models.generate_content(model=model, contents=HELLO, config={"temperature": 0, "max_output_tokens": 30})
    assert "Paris" in answer.text
    response = client.responses.create(model=model, input=HELLO, temperature=0, max_output_tokens=30)
    assert "Paris" in response.output_text


def test_streams_are_the_whole_text(client, claude, model):
    # Without the server's prompt cache, which changes the order of sums and with it now and then a word.
    request = dict(
        model=model, messages=[{"role": "user", "content": HELLO}], temperature=0, max_tokens=30, seed=1,
        extra_body={"cache_prompt": False},
    )
    whole = client.chat.completions.create(**request)
    chunks = list(client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    said = [{"role": "user", "content": HELLO}]
    with claude.messages.stream(model=model, max_tokens=30, messages=said, extra_body={"temperature": 0}) as stream:
        assert "Paris" in "".join(stream.text_stream)


def test_a_schema_constrains(client, model):
    schema = {"type": "object", "properties": {"capital": {"type": "string"}}, "required": ["capital"], "additionalProperties": False}
    answer = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": HELLO}], temperature=0, max_tokens=60,
        response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}},
    )
    assert list(json.loads(answer.choices[0].message.content)) == ["capital"]


def test_leaving_early_leaves_the_model_free(client, model):
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Count to a thousand."}], max_tokens=2000, stream=True
    )
    for _, _chunk in zip(range(5), stream):
        pass
    stream.close()
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": HELLO}], max_tokens=5)
    assert answer.choices[0].message.content
