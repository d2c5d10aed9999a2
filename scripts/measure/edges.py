"""Odd and damaged uploads through the HTTP server: each gets the answer that its note asks for."""

from dataclasses import dataclass

import words
from gates import WORDLESS

# A refusal needs no transcription, so it is quick.
REFUSAL_SECONDS = 1.0


@dataclass(frozen=True)
class Expectation:
    statuses: tuple
    code: str | None = None
    text: str = ""  # "empty", "some", "reference" or nothing in particular

    def __str__(self):
        shown = " or ".join(str(status) for status in self.statuses)
        return f"{shown} `{self.code}`" if self.code else f"{shown}, {self.text} text" if self.text else shown


@dataclass(frozen=True)
class Outcome:
    name: str
    note: str
    expected: Expectation
    status: int
    seconds: float
    detail: str
    holds: bool


def expectation(recording):
    note = recording.note
    if "audio_too_short" in note:
        return Expectation((400,), code="audio_too_short")
    if "decide 400 or decode" in note:
        return Expectation((200, 400))
    if "expect a 400" in note:
        return Expectation((400,))
    if recording.name in WORDLESS:
        return Expectation((200,), text="empty")
    if "transcribe what is there" in note:
        return Expectation((200,), text="some")
    return Expectation((200,), text="reference" if recording.text else "")


def check(server, recording, model):
    expected = expectation(recording)
    answer = server.transcribe(recording.name, recording.path.read_bytes(), model=model)
    heard = answer.json.get("text", "") if isinstance(answer.json, dict) else ""
    holds = answer.status in expected.statuses and server.is_running
    if expected.code:
        holds = holds and answer.error_code == expected.code
    if answer.status == 400:
        holds = holds and answer.seconds <= REFUSAL_SECONDS
    if answer.status == 200:
        holds = holds and _text_is_right(recording, expected.text, heard)
    detail = heard if answer.status == 200 else answer.body.decode(errors="replace")
    return Outcome(recording.name, recording.note, expected, answer.status, answer.seconds, detail.strip(), holds)


def _text_is_right(recording, wanted, heard):
    if wanted == "empty":
        return not words.words(heard, "en")
    if wanted == "some":
        return bool(words.words(heard, recording.language))
    if wanted == "reference":
        expected, found = (words.words(text, recording.language) for text in (recording.text, heard))
        # The normaliser writes "one two three" as 123, but "1, 2, 3" as one 2 3.
        if "".join(expected).replace("one", "1") == "".join(found).replace("one", "1"):
            return True
        errors = words.errors(recording.text, heard, recording.language)
        return errors.count <= max(1, errors.of // 4)
    return True
