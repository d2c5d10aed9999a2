#!/usr/bin/env python3
"""Prints a recording's words with their times, through OpenAI's own client (pip install openai).

Usage: transcribe.py FILE
ELK_BASE_URL and ELK_API_KEY say where the server is and which key it wants.
"""

import os
import sys

from openai import OpenAI

if len(sys.argv) != 2:
    sys.exit(__doc__)

client = OpenAI(
    base_url=os.environ.get("ELK_BASE_URL", "http://127.0.0.1:8484/v1"),
    api_key=os.environ.get("ELK_API_KEY", "unused"),
)
with open(sys.argv[1], "rb") as recording:
    transcript = client.audio.transcriptions.create(
        model="whisper-1",
        file=recording,
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )

print(transcript.text)
for word in transcript.words or []:
    print(f"{word.start:7.2f} {word.end:7.2f}  {word.word}")
