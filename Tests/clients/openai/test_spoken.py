"""The official client against a server with an installed voice: every format is what it says, streamed or not (SP 1.7)."""

import base64
import json

import openai
import pytest

TEXT = "The weather will be warm today. We will go to the park."
MARKS = {
    "mp3": (b"\xff\xf3", b"\xff\xfb", b"\xff\xf2"),
    "opus": (b"OggS",),
    "aac": (b"\xff\xf1",),
    "flac": (b"fLaC",),
    "wav": (b"RIFF",),
}


@pytest.fixture(scope="module")
def speak(client):
    try:
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.", response_format="pcm")
    except openai.InternalServerError as error:
        if error.code == "model_unavailable":
            pytest.skip("the server has no voice")
        raise
    return client.audio.speech


@pytest.mark.parametrize("form", [*MARKS, "pcm"])
def test_every_format_is_what_it_says(speak, form):
    answer = speak.create(model="tts-1", voice="nova", input=TEXT, response_format=form)
    content = answer.read()
    assert len(content) > 5000
    assert form == "pcm" or content.startswith(MARKS[form])


def test_sound_comes_before_the_end(speak):
    with speak.with_streaming_response.create(model="tts-1", voice="alloy", input=TEXT, response_format="pcm") as answer:
        pieces = [piece for piece in answer.iter_bytes(4096) if piece]
    assert len(pieces) > 1 and 2.0 < sum(map(len, pieces)) / 48_000 < 10


def test_events_carry_sound_and_usage(client, speak):
    body = {"model": "gpt-4o-mini-tts", "voice": "cedar", "input": TEXT, "response_format": "pcm", "stream_format": "sse"}
    with client.audio.speech.with_streaming_response.create(**body) as answer:
        lines = [line for line in answer.iter_lines() if line]
    assert all(line.startswith("data: {") for line in lines)
    events = [json.loads(line[6:]) for line in lines]
    assert [event["type"] for event in events[:-1]] == ["speech.audio.delta"] * (len(events) - 1)
    assert sum(len(base64.b64decode(event["audio"])) for event in events[:-1]) > 96_000
    assert events[-1]["type"] == "speech.audio.done" and events[-1]["usage"]["total_tokens"] > 0


def test_speed_shortens(speak):
    lengths = [len(speak.create(model="tts-1", voice="ash", input=TEXT, response_format="pcm", speed=s).read()) for s in (0.8, 1.6)]
    assert lengths[0] > 1.5 * lengths[1]


@pytest.mark.parametrize("fields", [{"voice": "nobody"}, {"input": "x" * 4097}, {"input": ""}, {"speed": 9}])
def test_what_is_wrong_is_refused(speak, fields):
    with pytest.raises(openai.BadRequestError):
        speak.create(**{"model": "tts-1", "voice": "alloy", "input": "Hello.", **fields})


def test_any_language_where_espeak_is_installed(client):
    if "espeak" not in {model.id for model in client.models.list()}:
        with pytest.raises(openai.NotFoundError, match="libespeak-ng1"):
            client.audio.speech.create(model="espeak", voice="de", input="Guten Tag.")
        pytest.skip("the server has no eSpeak NG")
    text = "Guten Morgen. Heute ist das Wetter sehr schön."
    lengths = [
        len(client.audio.speech.create(model="espeak", voice="de", input=text, response_format="pcm", speed=s).read())
        for s in (1.0, 1.8)
    ]
    assert 2.0 < lengths[0] / 48_000 < 8 and lengths[0] > 1.3 * lengths[1]
    mp3 = client.audio.speech.create(model="espeak", voice="fr", input="Bonjour tout le monde.").read()
    assert mp3.startswith(MARKS["mp3"])
    with pytest.raises(openai.BadRequestError):
        client.audio.speech.create(model="espeak", voice="joe", input="Hello.")
