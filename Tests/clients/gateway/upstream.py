"""A scripted provider on loopback that speaks OpenAI's, Anthropic's and Google's formats.

The model's name says what it does, after a prefix that names the format (`oai-`, `ant-`, `gem-`):

    plain        answers "Hello from the script."
    tools        calls every tool it is offered once, with {"city": "Paris"}
    vision       says how many images it was shown
    reason       thinks before it answers
    slow         streams a word every 50 ms, 400 of them, unless the reader leaves
    cut          breaks the stream off after three pieces
    flaky        refuses with 429 and retry-after once, then answers as plain
    error-NNN    answers with that status in the format's own error body

Every request is kept; `Upstream.requests` has them, bodies as bytes.
"""

import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "Hello from the script."
WORDS = ["Hello", " from", " the", " script", "."]
INPUT_TOKENS, OUTPUT_TOKENS, CACHED_TOKENS = 19, 7, 8


@dataclass
class Seen:
    method: str
    path: str
    headers: dict
    body: bytes
    left: bool = False

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Upstream:
    requests: list = field(default_factory=list)
    refused: dict = field(default_factory=lambda: defaultdict(int))
    server: ThreadingHTTPServer = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self):
        upstream = self

        class Handler(_Handler):
            script = upstream

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()

    def last(self, model):
        """The newest request whose body or path names the model."""
        needle = model.encode()
        return next(seen for seen in reversed(self.requests) if needle in seen.body or model in seen.path)

    def count(self, model):
        needle = model.encode()
        return sum(needle in seen.body or model in seen.path for seen in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    script: Upstream

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer({"object": "list", "data": []})

    def do_POST(self):
        body = self.read_body()
        seen = Seen("POST", self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.script.requests.append(seen)
        self.seen = seen
        path = self.path.split("?")[0]
        try:
            self.route(path, body)
        except (BrokenPipeError, ConnectionResetError):
            seen.left = True
            self.close_connection = True

    def read_body(self):
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def route(self, path, body):
        if path.startswith("/v1beta/models/") or path.startswith("/v1/models/"):
            name, verb = path.split("/models/")[1].split(":")
            return Gemini(self, name, json.loads(body)).run(verb)
        if path.startswith("/v1/images/edits") or path.startswith("/v1/images/variations"):
            return self.answer(images(1))
        if path.startswith("/v1/audio/transcriptions"):
            return self.answer({"text": TEXT, "usage": {"type": "duration", "seconds": 2}})
        request = json.loads(body)
        name = request.get("model", "")
        routes = {
            "/v1/chat/completions": lambda: Chat(self, name, request).run(),
            "/v1/responses": lambda: Responses(self, name, request).run(),
            "/v1/messages": lambda: Messages(self, name, request).run(),
            "/v1/messages/count_tokens": lambda: self.answer({"input_tokens": INPUT_TOKENS}),
            "/v1/completions": lambda: self.answer(completion(name)),
            "/v1/embeddings": lambda: self.answer(embeddings(request)),
            "/v1/images/generations": lambda: self.answer(images(request.get("n") or 1)),
            "/v1/moderations": lambda: self.answer(moderation(name)),
            "/v1/rerank": lambda: self.answer(rerank(request)),
            "/v1/audio/speech": lambda: self.send(200, b"ID3" + bytes(500), "audio/mpeg"),
        }
        if path in routes:
            return routes[path]()
        self.answer({"error": {"message": f"no route {path}", "type": "invalid_request_error"}}, 404)

    def answer(self, value, status=200, headers=()):
        self.send(status, json.dumps(value).encode(), "application/json", headers)

    def send(self, status, body, content_type, headers=()):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("set-cookie", "upstream=secret")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def stream(self, events, delay=0.0, cut=None):
        """Sends events (bytes, framed) as chunks; after `cut` of them the connection breaks."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            if number == cut:
                self.wfile.flush()
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            time.sleep(delay)
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()


class _Format:
    def __init__(self, handler, name, request):
        self.http, self.name, self.request = handler, name, request
        self.kind = name.split("-", 1)[-1]

    def run(self, *_):
        if self.kind.startswith("error-"):
            return self.refuse(int(self.kind[6:]))
        if self.kind == "flaky":
            self.http.script.refused[self.name] += 1
            if self.http.script.refused[self.name] % 2:
                return self.refuse(429, [("retry-after", "1")])
            self.kind = "plain"
        if not self.streams():
            return self.http.answer(self.whole())
        self.http.stream(
            self.events(),
            delay=0.05 if self.kind == "slow" else 0.0,
            cut=3 if self.kind == "cut" else None,
        )

    def streams(self):
        return self.request.get("stream", False)

    def words(self):
        return [f" w{number}" for number in range(400)] if self.kind in ("slow", "cut") else self.text_words()

    def text_words(self):
        if self.kind == "vision":
            return [f"I see {self.images()} image(s)."]
        return WORDS

    def text(self):
        return "".join(self.words())


def sse(value, event=None):
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(value)}\n\n".encode()


class Chat(_Format):
    usage = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
    }

    def refuse(self, status, headers=()):
        code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(status)
        self.http.answer(
            {"error": {"message": f"scripted {status}", "type": "scripted_error", "param": None, "code": code}}, status, headers
        )

    def images(self):
        parts = [part for message in self.request["messages"] if isinstance(message.get("content"), list) for part in message["content"]]
        return sum(part["type"] == "image_url" for part in parts)

    def calls(self):
        return [tool["function"]["name"] for tool in self.request.get("tools", [])] if self.kind == "tools" else []

    def whole(self):
        message = {"role": "assistant", "content": None if self.calls() else self.text()}
        if self.calls():
            message["tool_calls"] = [
                {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": '{"city": "Paris"}'}}
                for number, name in enumerate(self.calls())
            ]
        if self.kind == "reason":
            message["reasoning_content"] = "Let me think."
        return {
            "id": "chatcmpl-script",
            "object": "chat.completion",
            "created": 1700000000,
            "model": self.name,
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if self.calls() else "stop"}],
            "usage": self.usage,
        }

    def chunk(self, delta, finish=None):
        return sse(
            {
                "id": "chatcmpl-script",
                "object": "chat.completion.chunk",
                "created": 1700000000,
                "model": self.name,
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )

    def events(self):
        yield self.chunk({"role": "assistant", "content": ""})
        if self.kind == "reason":
            yield self.chunk({"reasoning_content": "Let me think."})
        for number, name in enumerate(self.calls()):
            call = {"index": number, "id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": ""}}
            yield self.chunk({"tool_calls": [call]})
            for piece in ['{"city"', ': "Paris"}']:
                yield self.chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]})
        if not self.calls():
            for word in self.words():
                yield self.chunk({"content": word})
        yield self.chunk({}, "tool_calls" if self.calls() else "stop")
        if (self.request.get("stream_options") or {}).get("include_usage"):
            yield sse({"id": "chatcmpl-script", "object": "chat.completion.chunk", "created": 1700000000, "model": self.name,
                       "choices": [], "usage": self.usage})
        yield b"data: [DONE]\n\n"


class Responses(_Format):
    refuse = Chat.refuse

    def body(self, status):
        item = {"type": "message", "id": "msg_up", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": self.text(), "annotations": []}]}
        return {
            "id": "resp_up", "object": "response", "created_at": 1700000000, "status": status, "model": self.name,
            "output": [item] if status == "completed" else [], "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
            "error": None, "incomplete_details": None, "instructions": None, "metadata": {}, "temperature": 1, "top_p": 1,
            "usage": {"input_tokens": INPUT_TOKENS, "input_tokens_details": {"cached_tokens": CACHED_TOKENS},
                      "output_tokens": OUTPUT_TOKENS, "output_tokens_details": {"reasoning_tokens": 0},
                      "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS} if status == "completed" else None,
        }

    def whole(self):
        return self.body("completed")

    def events(self):
        number = -1

        def event(kind, **members):
            nonlocal number
            number += 1
            return sse({"type": kind, "sequence_number": number, **members}, kind)

        place = {"item_id": "msg_up", "output_index": 0, "content_index": 0}
        item = self.body("completed")["output"][0]
        yield event("response.created", response=self.body("in_progress"))
        yield event("response.in_progress", response=self.body("in_progress"))
        yield event("response.output_item.added", output_index=0, item={**item, "status": "in_progress", "content": []})
        yield event("response.content_part.added", **place, part={"type": "output_text", "text": "", "annotations": []})
        for word in self.words():
            yield event("response.output_text.delta", **place, delta=word, logprobs=[])
        yield event("response.output_text.done", **place, text=self.text(), logprobs=[])
        yield event("response.content_part.done", **place, part=item["content"][0])
        yield event("response.output_item.done", output_index=0, item=item)
        yield event("response.completed", response=self.body("completed"))


class Messages(_Format):
    def refuse(self, status, headers=()):
        kind = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
                413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}.get(status, "api_error")
        self.http.answer({"type": "error", "error": {"type": kind, "message": f"scripted {status}"}}, status, headers)

    def images(self):
        parts = [part for message in self.request["messages"] if isinstance(message["content"], list) for part in message["content"]]
        return sum(part["type"] == "image" for part in parts)

    def calls(self):
        return [tool["name"] for tool in self.request.get("tools", [])] if self.kind == "tools" else []

    def blocks(self):
        blocks = [{"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"}] if self.kind == "reason" else []
        if self.calls():
            return blocks + [{"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {"city": "Paris"}}
                             for number, name in enumerate(self.calls())]
        return blocks + [{"type": "text", "text": self.text()}]

    def start(self, content, stop, output):
        return {"id": "msg_script", "type": "message", "role": "assistant", "model": self.name, "content": content,
                "stop_reason": stop, "stop_sequence": None,
                "usage": {"input_tokens": INPUT_TOKENS - CACHED_TOKENS, "cache_read_input_tokens": CACHED_TOKENS,
                          "cache_creation_input_tokens": 0, "output_tokens": output}}

    def whole(self):
        return self.start(self.blocks(), "tool_use" if self.calls() else "end_turn", OUTPUT_TOKENS)

    def events(self):
        yield sse({"type": "message_start", "message": self.start([], None, 1)}, "message_start")
        yield sse({"type": "ping"}, "ping")
        for index, block in enumerate(self.blocks()):
            empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}[block["type"]]
            yield sse({"type": "content_block_start", "index": index, "content_block": {**block, **empty}}, "content_block_start")
            for delta in self.deltas(block):
                yield sse({"type": "content_block_delta", "index": index, "delta": delta}, "content_block_delta")
            yield sse({"type": "content_block_stop", "index": index}, "content_block_stop")
        stop = {"stop_reason": "tool_use" if self.calls() else "end_turn", "stop_sequence": None}
        yield sse({"type": "message_delta", "delta": stop, "usage": {"output_tokens": OUTPUT_TOKENS}}, "message_delta")
        yield sse({"type": "message_stop"}, "message_stop")

    def deltas(self, block):
        if block["type"] == "text":
            return [{"type": "text_delta", "text": word} for word in self.words()]
        if block["type"] == "thinking":
            return [{"type": "thinking_delta", "thinking": block["thinking"]},
                    {"type": "signature_delta", "signature": block["signature"]}]
        return [{"type": "input_json_delta", "partial_json": piece} for piece in ['{"city"', ': "Paris"}']]


class Gemini(_Format):
    def refuse(self, status, headers=()):
        code = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
                429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}.get(status, "INTERNAL")
        self.http.answer({"error": {"code": status, "message": f"scripted {status}", "status": code}}, status, headers)

    def run(self, verb):
        self.verb = verb
        if verb == "countTokens":
            return self.http.answer({"totalTokens": INPUT_TOKENS})
        if verb == "embedContent":
            return self.http.answer({"embedding": {"values": [0.25, -0.5, 1.0]}})
        if verb == "batchEmbedContents":
            return self.http.answer({"embeddings": [{"values": [0.25, -0.5, 1.0]} for _ in self.request["requests"]]})
        super().run()

    def streams(self):
        return self.verb == "streamGenerateContent"

    def images(self):
        return sum("inlineData" in part for turn in self.request["contents"] for part in turn["parts"])

    def calls(self):
        tools = [tool for entry in self.request.get("tools", []) for tool in entry.get("functionDeclarations", [])]
        return [tool["name"] for tool in tools] if self.kind == "tools" else []

    def chunk(self, parts, finish=None):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        return {"candidates": [candidate], "modelVersion": self.name, "responseId": "gem-script",
                "usageMetadata": {"promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS,
                                  "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS, "cachedContentTokenCount": CACHED_TOKENS}}

    def parts(self):
        thoughts = [{"text": "Let me think.", "thought": True}] if self.kind == "reason" else []
        if self.calls():
            return thoughts + [{"functionCall": {"name": name, "args": {"city": "Paris"}}, "thoughtSignature": "c2ln"}
                               for name in self.calls()]
        return thoughts + [{"text": word} for word in self.words()]

    def whole(self):
        return self.chunk(self.parts(), "STOP")

    def events(self):
        for part in self.parts():
            yield sse(self.chunk([part]))
        yield sse(self.chunk([{"text": ""}], "STOP"))


def completion(name):
    return {"id": "cmpl-script", "object": "text_completion", "created": 1700000000, "model": name,
            "choices": [{"index": 0, "text": TEXT, "logprobs": None, "finish_reason": "stop"}], "usage": Chat.usage}


def embeddings(request):
    inputs = request["input"] if isinstance(request["input"], list) else [request["input"]]
    # Floats only, whatever the client asked for: the gateway must make base64 of them.
    data = [{"object": "embedding", "index": index, "embedding": [0.25, -0.5, 1.0]} for index, _ in enumerate(inputs)]
    return {"object": "list", "model": request["model"], "data": data, "usage": {"prompt_tokens": 5, "total_tokens": 5}}


def images(count):
    return {"created": 1700000000, "data": [{"b64_json": "iVBORw0KGgo="}] * count,
            "usage": {"input_tokens": 10, "output_tokens": 100, "total_tokens": 110,
                      "input_tokens_details": {"text_tokens": 10, "image_tokens": 0}}}


def moderation(name):
    return {"id": "modr-script", "model": name,
            "results": [{"flagged": False, "categories": {"hate": False}, "category_scores": {"hate": 0.01}}]}


def rerank(request):
    documents = request["documents"]
    return {"model": request["model"], "results": [{"index": index, "relevance_score": 1.0 / (1 + index)} for index in range(len(documents))],
            "usage": {"prompt_tokens": 5, "total_tokens": 5}}
