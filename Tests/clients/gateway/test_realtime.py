"""Realtime sessions of the official OpenAI client through Elk to a scripted provider that speaks WebSocket by another library."""

import asyncio
import json
import threading
import time
from http import HTTPStatus

import openai
import pytest
from websockets.sync.client import connect as connect_websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.server import serve

USAGE = {
    "total_tokens": 30,
    "input_tokens": 20,
    "output_tokens": 10,
    "input_token_details": {"text_tokens": 5, "audio_tokens": 15, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 4, "audio_tokens": 6},
}


class Provider:
    """Answers `response.create` with a short response, and everything else with what its type asks for."""

    def __init__(self):
        self.heads, self.events, self.closed = [], [], []
        # Compression is on offer, as it is at many a server.
        self.server = serve(self.talk, "127.0.0.1", 0, process_request=self.greet, max_size=20 << 20)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.socket.getsockname()[1]}/v1"

    def greet(self, connection, request):
        self.heads.append((request.path, dict(request.headers.raw_items())))
        if "refused" in request.path:
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, '{"error":{"message":"slow down","type":"requests"}}')

    def talk(self, connection):
        def say(**event):
            connection.send(json.dumps(event))

        try:
            say(type="session.created", event_id="e0", session={"id": "sess_1", "type": "realtime", "model": "upstream-realtime"})
            for text in connection:
                event = json.loads(text)
                self.events.append(event)
                if event["type"] == "session.update":
                    say(type="session.updated", event_id="e1", session=event["session"])
                elif event["type"] == "response.create":
                    self.respond(say)
                elif event["type"] == "input_audio_buffer.clear":
                    connection.close(4000, "cleared")
        except ConnectionClosed:
            pass
        finally:
            self.closed.append((connection.close_code, connection.close_reason))

    @staticmethod
    def respond(say):
        say(type="response.created", event_id="e2", response={"id": "resp_1", "status": "in_progress"})
        for word in ["Hel", "lo ☕"]:
            say(type="response.output_text.delta", event_id="e3", response_id="resp_1", item_id="i", output_index=0,
                content_index=0, delta=word)
        # A frame that is longer than any socket's buffer.
        say(type="response.output_audio.delta", event_id="e4", response_id="resp_1", item_id="i", output_index=0,
            content_index=1, delta="A" * (4 << 20))
        say(type="response.done", event_id="e5", response={"id": "resp_1", "status": "completed", "usage": USAGE})

    def wait_closed(self, count):
        until = time.monotonic() + 10
        while len(self.closed) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.closed


@pytest.fixture(scope="module")
def provider(elk):
    provider = Provider()
    for name in ["gpt-realtime", "refused-realtime"]:
        elk.run(
            "channels", "add", "openai-compatible", "--name", name, "--base-url", provider.url, "--key", "upstream-key",
            "--models", name, "--map", "gpt-realtime=upstream-realtime",
        )
    time.sleep(1.5)  # A running server looks for changes once a second.
    yield provider
    provider.server.shutdown()


def request_id(connection):
    return connection._connection.response.headers["x-request-id"]


def test_a_conversation(client, provider, generation):
    closed = len(provider.closed)
    # The client's own default is a megabyte.
    with client.realtime.connect(model="gpt-realtime", websocket_connection_options={"max_size": 16 << 20}) as connection:
        identifier = request_id(connection)
        created = connection.recv()
        assert created.type == "session.created" and created.session.model == "upstream-realtime"
        connection.session.update(session={"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."})
        updated = connection.recv()
        assert updated.type == "session.updated" and updated.session.model == "upstream-realtime"
        for _ in range(2):
            connection.response.create()
            text, audio = "", 0
            for event in connection:
                if event.type == "response.output_text.delta":
                    text += event.delta
                elif event.type == "response.output_audio.delta":
                    audio += len(event.delta)
                elif event.type == "response.done":
                    break
            assert text == "Hello ☕" and audio == 4 << 20
            assert event.response.usage.input_token_details.audio_tokens == 15
        # Longer than a socket takes at once, and than what is read ahead.
        connection.input_audio_buffer.append(audio="A" * (6 << 20))
    assert provider.wait_closed(closed + 1)[-1][0] == 1000
    assert len(provider.events[-1]["audio"]) == 6 << 20
    path, headers = provider.heads[-1]
    headers = {name.lower(): value for name, value in headers.items()}
    assert path == "/v1/realtime?model=upstream-realtime"
    assert headers["authorization"] == "Bearer upstream-key"
    assert "sec-websocket-extensions" not in headers
    row = generation(identifier)
    assert row["status"] == "completed" and row["endpoint"] == "realtime" and row["http_status"] == 101
    # The same response twice: paid once.
    assert row["usage"]["input_tokens"] == 20 and row["usage"]["audio_output_tokens"] == 6
    assert [attempt["status"] for attempt in row["attempts"]] == [101]


def test_the_asynchronous_client_and_the_provider_s_goodbye(base_url, key, provider):
    async def run():
        async with openai.AsyncOpenAI(base_url=base_url, api_key=key) as client:
            async with client.realtime.connect(model="gpt-realtime", extra_headers={"OpenAI-Beta": "realtime=v1"}) as connection:
                assert (await connection.recv()).type == "session.created"
                await connection.input_audio_buffer.clear()
                with pytest.raises(ConnectionClosed) as closed:
                    await connection.recv()
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "cleared")

    asyncio.run(run())
    headers = {name.lower(): value for name, value in provider.heads[-1][1].items()}
    assert headers["openai-beta"] == "realtime=v1"


def test_an_ephemeral_key_opens_the_session_that_it_was_made_for(client, base_url, provider):
    session = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}
    secret = client.realtime.client_secrets.create(
        session=session, expires_after={"anchor": "created_at", "seconds": 60}
    )
    assert secret.value.startswith("ek_") and 55 <= secret.expires_at - time.time() <= 60
    assert secret.session.type == "realtime" and secret.session.object == "realtime.session" and secret.session.id
    assert secret.session.model == "gpt-realtime" and secret.session.instructions == "Be brief."
    for _ in range(2):
        told, closed = len(provider.events), len(provider.closed)
        with openai.OpenAI(base_url=base_url, api_key=secret.value) as holder:
            with holder.realtime.connect() as connection:
                assert connection.recv().type == "session.created"
                updated = connection.recv()
                assert updated.type == "session.updated" and updated.session.instructions == "Be brief."
                connection.input_audio_buffer.append(audio="AAAA")
        provider.wait_closed(closed + 1)
        update, sound = provider.events[told:]
        assert update == {"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}}
        assert sound["type"] == "input_audio_buffer.append"
        assert provider.heads[-1][0] == "/v1/realtime?model=upstream-realtime"
    with openai.OpenAI(base_url=base_url, api_key=secret.value, max_retries=0) as holder:
        with pytest.raises(openai.AuthenticationError):
            holder.models.list()
        with pytest.raises(openai.AuthenticationError):
            holder.realtime.client_secrets.create()


def test_a_browser_s_session_needs_nothing_but_the_ephemeral_key(client, base_url, provider):
    secret = client.realtime.client_secrets.create(session={"type": "realtime", "model": "gpt-realtime"})
    with connect_websocket(
        base_url.replace("http", "ws", 1) + "/realtime",
        subprotocols=["realtime", f"openai-insecure-api-key.{secret.value}"],
        origin="https://example.com",
    ) as socket:
        assert socket.subprotocol == "realtime"
        assert json.loads(socket.recv())["type"] == "session.created"
    assert provider.heads[-1][0] == "/v1/realtime?model=upstream-realtime"


def test_the_beta_s_ephemeral_keys(client, base_url, provider):
    made = client.beta.realtime.sessions.create(model="gpt-realtime", instructions="Be brief.")
    assert made.client_secret.value.startswith("ek_") and made.instructions == "Be brief."
    with openai.OpenAI(base_url=base_url, api_key=made.client_secret.value) as holder:
        # The beta's own `connect` knows no servers without TLS.
        with holder.realtime.connect(extra_headers={"OpenAI-Beta": "realtime=v1"}) as connection:
            assert connection.recv().type == "session.created"
            assert connection.recv().type == "session.updated"
    assert provider.events[-1] == {"type": "session.update", "session": {"instructions": "Be brief."}}


@pytest.mark.parametrize(
    "arguments, parameter",
    [
        ({"expires_after": {"anchor": "created_at", "seconds": 5}}, "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "expires_after.anchor"),
        ({"session": {"type": "other"}}, "session.type"),
        ({"extra_body": {"voice": "alloy"}}, "voice"),
    ],
)
def test_what_an_ephemeral_key_cannot_be_made_for(client, provider, arguments, parameter):
    with pytest.raises(openai.BadRequestError) as refused:
        client.realtime.client_secrets.create(**arguments)
    assert refused.value.param == parameter and refused.value.body["message"]


def test_a_client_that_says_nonsense_is_told_and_stays(client, provider):
    with client.realtime.connect(model="gpt-realtime") as connection:
        assert connection.recv().type == "session.created"
        connection.send({"type": "session.update", "event_id": "mine", "session": {"type": "realtime", "model": "dearer"}})
        error = connection.recv()
        assert error.type == "error" and error.error.event_id == "mine" and error.error.code == "cannot_update_model"
        connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        assert connection.recv().type == "session.updated"


@pytest.mark.parametrize("model, status", [("refused-realtime", 429), ("nobody-has-this", 404)])
def test_a_refusal_is_an_answer(client, provider, model, status):
    with pytest.raises(InvalidStatus) as refused:
        with client.realtime.connect(model=model):
            pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["error"]["message"]


def test_a_wrong_key_is_refused(base_url, provider):
    with openai.OpenAI(base_url=base_url, api_key="sk-wrong") as client:
        with pytest.raises(InvalidStatus) as refused:
            with client.realtime.connect(model="gpt-realtime"):
                pass
    assert refused.value.response.status_code == 401
