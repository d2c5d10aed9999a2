"""Cuts holes of silence into recordings of speech and counts the words outside of them that are lost; and looks for words on
recordings of silence and noise, and for words that skipping silence loses.

Writes the tables into docs/accuracy.md. Exits with 1 when a gate does not hold.
"""

import argparse
import random
import re
import subprocess
import sys
import time
import wave
from array import array
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rapidfuzz.distance import Levenshtein

import elk
import gates
import recordings
import report
import words

HOLES = 40
# Recordings of some length and voices of all kinds; the quiet and the noisy ones among them.
SPOKEN = (
    "harvard.wav", "docs_en-US_audio1.wav", "docs_en-US_audio2.wav", "librispeech_2412-153948-0000.flac",
    "librispeech_1995-1837-0001.wav", "jfk.wav", "sonnet1.mp3", "sonnet2.mp3", "beckett.wav", "mfa_acoustic_corpus.wav",
)
HARD = (
    "mfa_acoustic_corpus.wav", "beckett.wav", "weather.wav", "derived_jfk_ulaw8k.wav", "docs_en-US_audio1.wav", "sonnet1.mp3",
    "sonnet2.mp3", "ldc93s1_8k.wav", "austen_0880.wav", "spk1_snt1.wav",
)
# Seconds on either side of a hole within which a word is not outside of it: what is left of a word in a hole's edge is anything.
EDGE = 0.5


@dataclass(frozen=True)
class Hole:
    recording: recordings.Recording
    start: float
    end: float
    path: Path


def samples(recording, folder):
    """16 kHz mono."""
    target = folder / (recording.path.stem + ".pcm.wav")
    if not target.exists():
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(recording.path), "-ac", "1", "-ar", "16000", str(target)]
        subprocess.run(command, check=True)
    with wave.open(str(target)) as file:
        return array("h", file.readframes(file.getnframes()))


def cut(recording, index, generator, folder):
    data = samples(recording, folder)
    duration = len(data) / 16000
    length = generator.uniform(1, 3)
    start = generator.uniform(0.5, max(0.6, duration - length - 0.5))
    first, last = int(start * 16000), int((start + length) * 16000)
    for position in range(first, min(last, len(data))):
        data[position] = 0
    path = folder / f"hole{index:02}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(data.tobytes())
    return Hole(recording, start, start + length, path)


def lost(whole, holed, hole):
    """Words outside of the hole that were heard rightly without it and that the transcript with the hole lacks; and how many there were.

    A word that was made up, as "dot" for a stroke, is not lost when it goes, nor is one that is heard as another: `scripts/score` counts
    those.
    """
    timed = [(word, spoken) for spoken in whole for word in heard_as(spoken["word"])]
    right = heard_words([word for word, _ in timed], hole.recording.text)
    outside = [
        word for place, (word, spoken) in enumerate(timed)
        if place in right and (spoken["end"] < hole.start - EDGE or spoken["start"] > hole.end + EDGE)
    ]
    return missing(outside, holed), len(outside)


def missing(expected, text):
    """Words in whose place a transcript has nothing."""
    return [expected[op.src_pos] for op in Levenshtein.editops(expected, heard_as(text)) if op.tag == "delete"]


def heard_as(text):
    """Words, a genitive one of them: the normaliser makes two of "beauty's", and "beauties", which sounds the same, would lack an "is"."""
    return words.words(re.sub(r"(?<=\w)['’]s\b", "s", text), "en")


def heard_words(spoken, text):
    """Places of the words of a known text that a transcript has."""
    return {
        block.a + offset for block in Levenshtein.editops(spoken, heard_as(text)).as_matching_blocks() for offset in range(block.size)
    }


def holes(model, beam, folder, known):
    generator = random.Random(5)
    spoken = [known[name] for name in SPOKEN]
    cuts = [cut(spoken[index % len(spoken)], index, generator, folder) for index in range(HOLES)]
    whole, _ = elk.transcribe(spoken, model, beam, words=True)
    made = [replace(hole.recording, path=hole.path) for hole in cuts]
    heard, _ = elk.transcribe(made, model, beam)
    rows, all_gone, count = [], [], 0
    for hole in cuts:
        gone, of = lost(whole[hole.recording.name].words, heard[hole.path.name].text, hole)
        all_gone += gone
        count += of
        if gone:
            rows.append((hole.recording.name, f"{hole.start:.1f}–{hole.end:.1f}", " ".join(gone)))
    return rows, all_gone, count


def main():
    parser = argparse.ArgumentParser(prog="scripts/holes", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--no-write", action="store_true", help="leave docs/accuracy.md alone")
    arguments = parser.parse_args()
    folder = recordings.audio_folder()
    if folder is None:
        sys.exit("Left out: the test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here.")
    known = {recording.name: recording for recording in recordings.load(folder)}
    rows, holds = [], True
    with TemporaryDirectory(prefix="elk-holes-") as scratch:
        details, gone_in_holes, count = holes(arguments.model, arguments.beam_size, Path(scratch), known)
    holds &= not gone_in_holes
    rows.append((f"words outside of {HOLES} holes of 1 to 3 s that are lost", "0", f"{len(gone_in_holes)} of {count}", not gone_in_holes))

    silent = [known[name] for name in sorted(gates.WORDLESS) if name in known]
    heard, _ = elk.transcribe(silent, arguments.model, arguments.beam_size)
    made_up = {name: text.text.strip() for name, text in heard.items() if text.text.strip()}
    holds &= not made_up
    rows.append((f"{len(silent)} silent and noise files with words", "0", ", ".join(made_up) or "0", not made_up))

    hard = [known[name] for name in HARD]
    with_vad, _ = elk.transcribe(hard, arguments.model, arguments.beam_size)
    without, _ = elk.transcribe(hard, arguments.model, arguments.beam_size, skip_silence="false")
    gone, total = [], 0
    for recording in hard:
        spoken = heard_as(recording.text)
        right = [spoken[place] for place in sorted(heard_words(spoken, without[recording.name].text))]
        gone += [(recording.name, word) for word in missing(right, with_vad[recording.name].text)]
        total += len(right)
    holds &= not gone
    rows.append(("words of quiet and noisy speech lost to skipping silence", "0", f"{len(gone)} of {total}", not gone))
    rows = [(*row[:3], "yes" if row[3] else "**no**") for row in rows]
    parts = [report.table(("what", "limit", "measured", "holds"), rows)]
    if details:
        parts.append(report.table(("recording", "hole, s", "words lost"), details))
    if gone:
        parts.append(report.table(("recording", "word lost with the detector"), gone))
    print("\n\n".join(parts))
    if not arguments.no_write:
        made = (
            f"Made by `scripts/holes` on {time.strftime('%Y-%m-%d')}: {report.machine()}; {arguments.model},"
            f" beam {arguments.beam_size}."
        )
        document = recordings.ROOT / "docs" / "accuracy.md"
        report.between_markers(document, "holes", f"{made}\n\n" + "\n\n".join(parts))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
