"""The official Anthropic client, and requests as Claude Code sends them, through Elk to upstreams of every format."""

import json
import urllib.error
import urllib.request

import anthropic
import pytest

from upstream import CACHED_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, TEXT

HELLO = [{"role": "user", "content": "Hello?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": name, "description": name, "input_schema": SCHEMA} for name in ("weather", "clock")]

upstreams = pytest.mark.parametrize("format", ["oai", "ant", "gem"])


@upstreams
def test_plain(claude, format):
    answer = claude.messages.create(model=f"{format}-plain", max_tokens=100, messages=HELLO, system="Be brief.")
    assert answer.content[0].text == TEXT
    assert answer.stop_reason == "end_turn"
    assert answer.usage.input_tokens == INPUT_TOKENS - CACHED_TOKENS
    assert answer.usage.cache_read_input_tokens == CACHED_TOKENS
    assert answer.usage.output_tokens == OUTPUT_TOKENS


@upstreams
def test_stream(claude, format):
    with claude.messages.stream(model=f"{format}-plain", max_tokens=100, messages=HELLO) as stream:
        assert "".join(stream.text_stream) == TEXT
        answer = stream.get_final_message()
    assert answer.usage.output_tokens == OUTPUT_TOKENS
    assert answer.stop_reason == "end_turn"


@upstreams
@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_tools(claude, format, streams, count):
    request = dict(model=f"{format}-tools", max_tokens=100, messages=HELLO, tools=TOOLS[:count])
    if streams:
        with claude.messages.stream(**request) as stream:
            answer = stream.get_final_message()
    else:
        answer = claude.messages.create(**request)
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == [(tool["name"], {"city": "Paris"}) for tool in TOOLS[:count]]
    assert answer.stop_reason == "tool_use"


@upstreams
def test_tool_results_go_back(claude, upstream, format):
    first = claude.messages.create(model=f"{format}-tools", max_tokens=100, messages=HELLO, tools=TOOLS)
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "sunny"}
               for block in first.content if block.type == "tool_use"]
    turns = [
        *HELLO,
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
        {"role": "user", "content": [*results, {"type": "text", "text": "So?"}]},
    ]
    answer = claude.messages.create(model=f"{format}-plain", max_tokens=100, messages=turns, tools=TOOLS)
    assert answer.content[0].text == TEXT
    if format == "oai":
        roles = [message["role"] for message in upstream.last("oai-plain").json["messages"]]
        assert roles == ["user", "assistant", "tool", "tool", "user"]


@upstreams
def test_images(claude, format):
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    answer = claude.messages.create(model=f"{format}-vision", max_tokens=100, messages=[{"role": "user", "content": content}])
    assert answer.content[0].text == "I see 1 image(s)."


@upstreams
def test_thinking(claude, format):
    answer = claude.messages.create(model=f"{format}-reason", max_tokens=100, messages=HELLO)
    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert answer.content[0].thinking == "Let me think."


@upstreams
def test_count_tokens(claude, format):
    answer = claude.messages.count_tokens(model=f"{format}-plain", messages=HELLO, system="Be brief.")
    assert answer.input_tokens > 0


@upstreams
@pytest.mark.parametrize(
    "status, error",
    [(400, anthropic.BadRequestError), (413, anthropic.RequestTooLargeError), (429, anthropic.RateLimitError)],
)
def test_errors_keep_their_class(claude, format, status, error):
    with pytest.raises(error) as caught:
        claude.messages.create(model=f"{format}-error-{status}", max_tokens=100, messages=HELLO)
    assert caught.value.body["type"] == "error"
    assert caught.value.request_id.startswith("req_")


@upstreams
def test_a_cut_stream_is_an_error(claude, format):
    with pytest.raises(anthropic.APIError):
        with claude.messages.stream(model=f"{format}-cut", max_tokens=100, messages=HELLO) as stream:
            list(stream)


def test_a_wrong_key(root_url):
    with pytest.raises(anthropic.AuthenticationError) as caught:
        anthropic.Anthropic(base_url=root_url, api_key="sk-wrong", max_retries=0).messages.create(
            model="ant-plain", max_tokens=100, messages=HELLO
        )
    assert caught.value.body["error"]["type"] == "authentication_error"


def test_models(claude):
    names = {model.id for model in claude.models.list(limit=1000)}
    assert {"oai-plain", "ant-plain", "gem-plain"} <= names


class TestClaudeCode:
    """System blocks with cache markers, a dozen tools, thinking, beta headers and `?beta=true`."""

    @pytest.fixture
    def body(self):
        tools = [{"name": f"tool_{number}", "description": "Does things.", "input_schema": SCHEMA} for number in range(12)]
        system = [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1"},
            {"type": "text", "text": "You are Claude Code. " * 200, "cache_control": {"type": "ephemeral"}},
        ]
        return {
            "model": "ant-plain", "max_tokens": 32000, "stream": True, "system": system, "tools": tools,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Write.", "cache_control": {"type": "ephemeral"}}]}],
            "thinking": {"type": "enabled", "budget_tokens": 31999}, "metadata": {"user_id": "user_1"}, "temperature": 1,
            "context_management": {"edits": []},
        }

    def send(self, root_url, key, body):
        headers = {
            "authorization": f"Bearer {key}", "anthropic-version": "2023-06-01", "content-type": "application/json",
            "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14", "accept-encoding": "gzip, deflate, br, zstd",
        }
        request = urllib.request.Request(f"{root_url}/v1/messages?beta=true", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def test_body_and_betas_reach_anthropic_unchanged(self, root_url, key, upstream, body):
        text = json.dumps(body, indent=1).encode()
        assert TEXT[:5] in self.send(root_url, key, text)
        seen = upstream.last("ant-plain")
        assert seen.body == text
        assert seen.headers["anthropic-beta"] == "claude-code-20250219,interleaved-thinking-2025-05-14"
        assert seen.headers["anthropic-version"] == "2023-06-01"
        assert seen.path.endswith("?beta=true")
        assert seen.headers["x-api-key"] == "upstream-key"

    @pytest.mark.parametrize("format", ["oai", "gem"])
    def test_another_format_gives_valid_events(self, root_url, key, body, format):
        body["model"] = f"{format}-plain"
        answer = self.send(root_url, key, json.dumps(body).encode())
        events = [json.loads(line[6:]) for line in answer.splitlines() if line.startswith("data: ")]
        kinds = [event["type"] for event in events if event["type"] != "ping"]
        assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]
        assert events[0]["message"]["usage"]["input_tokens"] > 0
        open_block = None
        for event in events:
            if event["type"] == "content_block_start":
                assert open_block is None
                open_block = event["index"]
            elif event["type"] == "content_block_delta":
                assert event["index"] == open_block
            elif event["type"] == "content_block_stop":
                assert event["index"] == open_block
                open_block = None

    def test_head_of_the_root(self, root_url):
        for path in ["/", "/api/hello"]:
            try:
                status = urllib.request.urlopen(urllib.request.Request(root_url + path, method="HEAD"), timeout=5).status
            except urllib.error.HTTPError as error:
                status = error.code
            assert status < 500
