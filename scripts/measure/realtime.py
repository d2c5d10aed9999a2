#!/usr/bin/env python3
"""Time from the end of speech to the final text, and to the first words while somebody speaks, over /v1/realtime with the official client.

    scripts/measure/realtime.py --url http://127.0.0.1:8484/v1 recording.wav [recording.wav …]

Recordings are spoken in real time, 20 ms a message, then silence. The end of speech is the last frame within 30 dB of the loudest;
the wait that the client itself asks for (--silence, milliseconds) is part of the time and shown beside it. First words count from
the start of speech as the server hears it.
"""

import argparse
import asyncio
import base64
import statistics
import subprocess
import time

import numpy
import openai


def samples(path):
    """24 kHz mono, 16 bits."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", "24000", "-f", "s16le", "-"]
    return numpy.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, numpy.int16)


def end_of_speech(audio):
    frames = audio[: len(audio) // 480 * 480].reshape(-1, 480).astype(float)
    level = numpy.sqrt((frames**2).mean(axis=1))
    return int(numpy.nonzero(level > level.max() * 10**-1.5)[0][-1] + 1) * 0.02


async def speak(url, key, path, silence, model):
    audio = samples(path)
    end = end_of_speech(audio)
    client = openai.AsyncOpenAI(base_url=url, api_key=key)
    async with client.realtime.connect(model=model, extra_query={"intent": "transcription"}) as connection:
        await connection.session.update(
            session={
                "type": "transcription",
                "audio": {
                    "input": {
                        "format": {"type": "audio/pcm", "rate": 24000},
                        "transcription": {"model": model, "language": "en"},
                        "turn_detection": {"type": "server_vad", "silence_duration_ms": silence},
                    }
                },
            }
        )
        began = time.monotonic()

        async def send():
            quiet = numpy.zeros(24000 * 5, numpy.int16)
            whole = numpy.concatenate([audio, quiet])
            for number, start in enumerate(range(0, len(whole), 480)):
                await asyncio.sleep(max(0, began + number * 0.02 - time.monotonic()))
                piece = base64.b64encode(whole[start : start + 480].tobytes()).decode()
                await connection.input_audio_buffer.append(audio=piece)

        sender = asyncio.create_task(send())
        text, committed, done, stopped, last = [], 0, 0, None, None
        spoken_at, first, early, is_speaking = None, None, 0, False
        try:
            async with asyncio.timeout(len(audio) / 24000 + 30):
                async for event in connection:
                    now = time.monotonic() - began
                    if event.type == "error":
                        raise SystemExit(f"{path}: {event.error.message}")
                    if event.type == "input_audio_buffer.speech_started":
                        is_speaking = True
                        spoken_at = event.audio_start_ms / 1000 if spoken_at is None else spoken_at
                    if event.type == "conversation.item.input_audio_transcription.delta":
                        first = first or now - spoken_at
                        early += len(event.delta.split()) if now < end else 0
                    if event.type == "input_audio_buffer.speech_stopped":
                        stopped, is_speaking = now, False
                    if event.type == "input_audio_buffer.committed":
                        committed += 1
                    if event.type == "conversation.item.input_audio_transcription.completed":
                        text.append(event.transcript)
                        done, last = done + 1, now
                        if done == committed and not is_speaking and now > end:
                            break
        finally:
            sender.cancel()
    await client.close()
    return last - end, stopped - end, first, early, " ".join(text)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8484/v1")
    parser.add_argument("--key", default="none-needed")
    parser.add_argument("--model", default="whisper-1")
    parser.add_argument("--silence", type=int, default=500)
    parser.add_argument("recordings", nargs="+")
    arguments = parser.parse_args()
    waits, firsts = [], []
    for path in arguments.recordings:
        final, stopped, first, early, text = await speak(
            arguments.url, arguments.key, path, arguments.silence, arguments.model
        )
        waits.append(final)
        firsts.append(first)
        print(
            f"{path.rsplit('/', 1)[-1]:32} final {final * 1000:5.0f} ms (pause found {stopped * 1000:4.0f} ms), first words after"
            f" {first * 1000:.0f} ms, {early} words before the end of speech  {text}"
        )
    print(f"median {statistics.median(waits) * 1000:.0f} ms, longest {max(waits) * 1000:.0f} ms")
    print(f"first words: median {statistics.median(firsts) * 1000:.0f} ms, longest {max(firsts) * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
