"""Live sessions of the official client, opened with an ephemeral key that says how they are to hear."""

import base64
import os
import subprocess
import time

import openai
import pytest


def samples(recording):
    """The recording at 24 kHz in 16 bits, by FFmpeg where it is installed."""
    try:
        command = ["ffmpeg", "-v", "error", "-i", "-", "-ar", "24000", "-ac", "1", "-f", "s16le", "-"]
        return subprocess.run(command, input=recording.content, check=True, capture_output=True).stdout
    except FileNotFoundError:
        pytest.skip("no ffmpeg to make samples of a recording with")


def test_an_ephemeral_key_says_how_a_session_hears(client, base_url, model, english):
    audio = {"input": {"transcription": {"model": model, "language": "en"}, "turn_detection": None}}
    secret = client.realtime.client_secrets.create(session={"type": "transcription", "audio": audio})
    assert secret.value.startswith("ek_") and 590 <= secret.expires_at - time.time() <= 600
    assert secret.session.type == "transcription" and secret.session.object == "realtime.transcription_session"
    assert secret.session.audio.input.transcription.language == "en"
    sound = samples(english)
    with openai.OpenAI(base_url=base_url, api_key=secret.value, max_retries=0) as holder:
        with holder.realtime.connect(websocket_connection_options={"max_size": 16 << 20}) as connection:
            created = connection.recv()
            assert created.type == "session.created" and created.session.type == "transcription"
            assert created.session.audio.input.transcription.language == "en"
            assert created.session.audio.input.turn_detection is None
            for start in range(0, len(sound), 96_000):
                connection.input_audio_buffer.append(audio=base64.b64encode(sound[start : start + 96_000]).decode())
            connection.input_audio_buffer.commit()
            for event in connection:
                assert event.type != "error", event
                if event.type == "conversation.item.input_audio_transcription.completed":
                    break
    assert all(word in event.transcript.lower() for word in english.words)


@pytest.mark.skipif(not os.environ.get("ELK_API_KEY"), reason="the server has no keys")
def test_an_ephemeral_key_is_refused_everywhere_else(client, base_url, english, model):
    secret = client.realtime.client_secrets.create()
    with openai.OpenAI(base_url=base_url, api_key=secret.value, max_retries=0) as holder:
        with pytest.raises(openai.AuthenticationError) as refused:
            holder.audio.transcriptions.create(file=english.upload, model=model)
    assert refused.value.code == "invalid_ephemeral_key"


def test_a_session_that_could_not_be_makes_no_key(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.realtime.client_secrets.create(
            session={"type": "transcription", "audio": {"input": {"transcription": {"language": "xx"}}}}
        )
    assert refused.value.code == "invalid_language_format"
