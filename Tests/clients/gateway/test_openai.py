"""The official OpenAI client through Elk to upstreams of every format."""

import json
import struct
import time
import urllib.request

import openai
import pytest

from upstream import CACHED_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, TEXT

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CLOCK = {"type": "function", "function": {**WEATHER["function"], "name": "clock", "description": "The time in a city."}}
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HELLO = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]

upstreams = pytest.mark.parametrize("format", ["oai", "ant", "gem"])


class TestChat:
    @upstreams
    def test_plain(self, client, format):
        answer = client.chat.completions.create(model=f"{format}-plain", messages=HELLO)
        assert answer.choices[0].message.content == TEXT
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage.prompt_tokens == INPUT_TOKENS
        assert answer.usage.completion_tokens == OUTPUT_TOKENS
        assert answer.usage.prompt_tokens_details.cached_tokens == CACHED_TOKENS
        assert answer._request_id.startswith("req_")

    @upstreams
    def test_stream_with_usage(self, client, format):
        stream = client.chat.completions.create(
            model=f"{format}-plain", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
        assert len({chunk.id for chunk in chunks}) == 1
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason] == ["stop"]
        assert chunks[-1].usage.prompt_tokens == INPUT_TOKENS and chunks[-1].usage.completion_tokens == OUTPUT_TOKENS

    @upstreams
    def test_stream_without_usage_has_none(self, client, format):
        chunks = list(client.chat.completions.create(model=f"{format}-plain", messages=HELLO, stream=True))
        assert all(chunk.choices for chunk in chunks)
        assert not any(chunk.usage for chunk in chunks)

    @upstreams
    @pytest.mark.parametrize("streams", [False, True])
    @pytest.mark.parametrize("tools", [[WEATHER], [WEATHER, CLOCK]], ids=["one", "parallel"])
    def test_tools(self, client, format, streams, tools):
        request = dict(model=f"{format}-tools", messages=HELLO, tools=tools)
        if streams:
            with client.chat.completions.stream(**request) as stream:
                answer = stream.get_final_completion()
        else:
            answer = client.chat.completions.create(**request)
        calls = answer.choices[0].message.tool_calls
        assert [call.function.name for call in calls] == [tool["function"]["name"] for tool in tools]
        assert all(json.loads(call.function.arguments) == {"city": "Paris"} for call in calls)
        assert len({call.id for call in calls}) == len(tools)
        assert answer.choices[0].finish_reason == "tool_calls"

    @upstreams
    def test_tool_results_go_back(self, client, format):
        answer = client.chat.completions.create(model=f"{format}-tools", messages=HELLO, tools=[WEATHER, CLOCK])
        message = answer.choices[0].message
        results = [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in message.tool_calls]
        final = client.chat.completions.create(
            model=f"{format}-plain", messages=[*HELLO, message.model_dump(exclude_none=True), *results], tools=[WEATHER, CLOCK]
        )
        assert final.choices[0].message.content == TEXT

    @upstreams
    def test_images(self, client, format):
        content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
        answer = client.chat.completions.create(model=f"{format}-vision", messages=[{"role": "user", "content": content}])
        assert answer.choices[0].message.content == "I see 1 image(s)."

    @upstreams
    @pytest.mark.parametrize("streams", [False, True])
    def test_reasoning(self, client, format, streams):
        answer = client.chat.completions.create(model=f"{format}-reason", messages=HELLO, stream=streams)
        if streams:
            deltas = [chunk.choices[0].delta for chunk in answer if chunk.choices]
            text = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
        else:
            text = answer.choices[0].message.reasoning_content
        assert text == "Let me think."

    @upstreams
    @pytest.mark.parametrize(
        "status, error",
        [(400, openai.BadRequestError), (413, openai.APIStatusError), (422, openai.UnprocessableEntityError)],
    )
    def test_refusals_of_the_request_keep_their_class(self, client, format, status, error):
        with pytest.raises(error) as caught:
            client.chat.completions.create(model=f"{format}-error-{status}", messages=HELLO)
        assert caught.value.status_code == status

    @upstreams
    @pytest.mark.parametrize("status", [401, 403, 500, 503])
    def test_faults_of_the_channel_are_the_servers(self, client, format, status):
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model=f"{format}-error-{status}", messages=HELLO)

    @upstreams
    def test_rate_limits_of_the_upstream(self, client, format):
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model=f"{format}-error-429", messages=HELLO)

    @upstreams
    def test_a_flaky_upstream_is_tried_again(self, client, upstream, format):
        before = upstream.count(f"{format}-flaky")
        answer = client.chat.completions.create(model=f"{format}-flaky", messages=HELLO)
        assert answer.choices[0].message.content == TEXT
        assert upstream.count(f"{format}-flaky") == before + 2

    @upstreams
    def test_a_cut_stream_is_an_error(self, client, format):
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(model=f"{format}-cut", messages=HELLO, stream=True))

    @upstreams
    def test_leaving_stops_the_upstream_and_is_accounted(self, client, upstream, generation, format):
        stream = client.chat.completions.create(model=f"{format}-slow", messages=HELLO, stream=True)
        request = stream.response.headers["x-request-id"]
        for _, _chunk in zip(range(4), stream):
            pass
        stream.close()
        seen = upstream.last(f"{format}-slow")
        until = time.monotonic() + 3
        while not seen.left and time.monotonic() < until:
            time.sleep(0.02)
        assert seen.left, "the upstream still streams"
        record = generation(request)
        assert record["status"] == "client_abort"
        assert record["usage"]["output_tokens"] > 0

    def test_bytes_pass_unchanged(self, base_url, key, upstream):
        body = b'{ "messages" : [{"role":"user","content":"\\u0048i"}],"temperature":0.0, "x":{"b":1.50,"a":null} ,"model":"oai-plain"}'
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(base_url + "/chat/completions", body, headers), timeout=10)
        assert upstream.last("oai-plain").body == body

    def test_no_secret_or_cookie_crosses(self, client, upstream):
        answer = client.chat.completions.with_raw_response.create(model="oai-plain", messages=HELLO)
        assert "set-cookie" not in answer.headers
        assert upstream.last("oai-plain").headers["authorization"] == "Bearer upstream-key"
        assert "user-agent" not in answer.headers


class TestKeys:
    def test_a_wrong_key(self, base_url):
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=base_url, api_key="sk-wrong", max_retries=0).models.list()

    def test_an_unknown_model(self, client):
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="no-such-model", messages=HELLO)
        assert caught.value.code == "model_not_found"

    def test_a_model_that_the_key_may_not_use(self, limited_client):
        with pytest.raises(openai.PermissionDeniedError):
            limited_client.chat.completions.create(model="ant-plain", messages=HELLO)


class TestModels:
    def test_list_and_retrieve(self, client):
        names = {model.id for model in client.models.list()}
        assert {"oai-plain", "ant-plain", "gem-plain"} <= names
        assert client.models.retrieve("gem-plain").id == "gem-plain"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("no-such-model")


class TestResponses:
    @upstreams
    def test_create_get_and_delete(self, client, upstream, format):
        answer = client.responses.create(model=f"{format}-plain", input="Hello?", instructions="Be brief.")
        assert answer.output_text == TEXT
        assert answer.usage.input_tokens == INPUT_TOKENS and answer.usage.output_tokens == OUTPUT_TOKENS
        before = len(upstream.requests)
        kept = client.responses.retrieve(answer.id)
        assert kept.output_text == TEXT and kept.status == "completed"
        items = client.responses.input_items.list(answer.id)
        assert items.data[0].content[0].text == "Hello?"
        client.responses.delete(answer.id)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(answer.id)
        assert len(upstream.requests) == before

    @upstreams
    def test_stream(self, client, format):
        events = list(client.responses.create(model=f"{format}-plain", input="Hello?", stream=True))
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[0].type == "response.created" and events[-1].type == "response.completed"
        assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
        assert events[-1].response.output_text == TEXT

    @upstreams
    def test_replay_after_a_number(self, client, format):
        events = list(client.responses.create(model=f"{format}-plain", input="Hello?", stream=True))
        again = list(client.responses.retrieve(events[0].response.id, stream=True, starting_after=3))
        assert [event.to_json() for event in again] == [event.to_json() for event in events[4:]]

    @upstreams
    def test_previous_response(self, client, upstream, format):
        first = client.responses.create(model=f"{format}-plain", input="Hello?")
        second = client.responses.create(model=f"{format}-plain", input="And again?", previous_response_id=first.id)
        assert second.output_text == TEXT and second.previous_response_id == first.id

    @upstreams
    def test_tools(self, client, format):
        if format == "oai":
            pytest.skip("the script's own Responses API calls no tools")
        tool = {"type": "function", **WEATHER["function"], "strict": False}
        answer = client.responses.create(model=f"{format}-tools", input="Hello?", tools=[tool])
        calls = [item for item in answer.output if item.type == "function_call"]
        assert [(call.name, json.loads(call.arguments)) for call in calls] == [("weather", {"city": "Paris"})]

    def test_another_keys_response_is_not_found(self, client, limited_client):
        answer = client.responses.create(model="oai-plain", input="Hello?")
        with pytest.raises(openai.NotFoundError):
            limited_client.responses.retrieve(answer.id)


class TestOthers:
    def test_embeddings_as_the_client_asks_by_default(self, client):
        # The client asks for base64 and decodes it itself; the upstream only gives floats.
        answer = client.embeddings.create(model="oai-plain", input=["a", "b"])
        assert [item.embedding for item in answer.data] == [[0.25, -0.5, 1.0]] * 2

    def test_embeddings_as_floats(self, client):
        answer = client.embeddings.create(model="oai-plain", input="a", encoding_format="float")
        assert answer.data[0].embedding == [0.25, -0.5, 1.0]

    def test_embeddings_by_gemini(self, client):
        answer = client.embeddings.create(model="gem-plain", input=["a", "b"])
        assert [item.embedding for item in answer.data] == [[0.25, -0.5, 1.0]] * 2

    def test_images(self, client):
        answer = client.images.generate(model="oai-plain", prompt="a cat", n=2)
        assert len(answer.data) == 2 and answer.data[0].b64_json

    def test_image_edits(self, client, upstream):
        answer = client.images.edit(model="oai-plain", prompt="a hat", image=[("cat.png", b"\x89PNG cat", "image/png")])
        assert answer.data[0].b64_json
        seen = upstream.last("oai-plain")
        assert b"\x89PNG cat" in seen.body and seen.path == "/v1/images/edits"

    def test_moderation(self, client):
        assert client.moderations.create(model="oai-plain", input="hello").results[0].flagged is False

    def test_legacy_completions(self, client):
        assert client.completions.create(model="oai-plain", prompt="Hello?").choices[0].text == TEXT

    def test_speech_is_relayed(self, client):
        answer = client.audio.speech.create(model="oai-plain", voice="alloy", input="Hello")
        assert answer.content.startswith(b"ID3")

    def test_transcription_is_relayed(self, client):
        answer = client.audio.transcriptions.create(model="oai-plain", file=("a.wav", _wav(1600)))
        assert answer.text == TEXT


def _wav(samples):
    body = bytes(2 * samples)
    return b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) \
        + b"data" + struct.pack("<I", len(body)) + body
