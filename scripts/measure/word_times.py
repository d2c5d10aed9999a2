"""Compares the times of words with known ones: of sentences that the local voice speaks, which knows when it says each word, and of
recordings with published forced alignments (word_times.tsv).

Writes the table into docs/accuracy.md. Exits with 1 when a gate does not hold.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rapidfuzz.distance import Levenshtein

import elk
import gates
import recordings
import report
import words
from speak import SENTENCES

# A word counts as timed when it begins, or ends, within this many seconds of the known time; so many of a hundred must.
NEAR = 0.1
SHARE = 0.8
TABLE = Path(__file__).with_suffix(".tsv")


@dataclass(frozen=True)
class Timed:
    """A word of a text; no time where several words share one."""

    word: str
    start: float | None
    end: float | None


def timed(entries):
    """Words as the normaliser writes them."""
    found = []
    for text, start, end in entries:
        parts = words.words(text, "en")
        for index, part in enumerate(parts):
            found.append(Timed(part, start if index == 0 else None, end if index == len(parts) - 1 else None))
    return found


def differences(known, heard):
    """Of words that were heard rightly: heard times minus known ones, of the starts and of the ends."""
    starts, ends = [], []
    blocks = Levenshtein.editops([w.word for w in known], [w.word for w in heard]).as_matching_blocks()
    for block in blocks:
        for offset in range(block.size):
            mine, theirs = heard[block.b + offset], known[block.a + offset]
            if mine.start is not None and theirs.start is not None:
                starts.append(mine.start - theirs.start)
            if mine.end is not None and theirs.end is not None:
                ends.append(mine.end - theirs.end)
    return starts, ends


def spoken(folder):
    """{recording: words with their times} of the sentences, spoken into `folder`."""
    found = {}
    for index, sentence in enumerate(SENTENCES):
        path, times = folder / f"spoken{index:02}.wav", folder / f"spoken{index:02}.json"
        command = [str(elk.binary()), "speak", "-o", str(path), "--words", str(times), sentence]
        subprocess.run(command, check=True, env=elk.environment())
        body = json.loads(times.read_text(encoding="utf-8"))
        recording = recordings.Recording(path, "score", "en", body["duration"], sentence, "spoken")
        found[recording] = timed((w["word"], w["start"], w["end"]) for w in body["words"])
    return found


def aligned(known):
    """{recording: words with their times} of the recordings that somebody aligned."""
    rows = {}
    with open(TABLE, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t"):
            rows.setdefault(row["file"], []).append((row["word"], float(row["start"]), float(row["end"])))
    return {known[name]: timed(entries) for name, entries in rows.items() if name in known}


def by_reference(found, model, beam):
    """The same by faster-whisper with the same weights."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel

    engine = WhisperModel(str(elk.models_folder() / model), device="cpu", compute_type="float32", cpu_threads=os.cpu_count() or 1)
    results = {}
    for recording in found:
        segments, _ = engine.transcribe(str(recording.path), beam_size=beam, language="en", word_timestamps=True)
        results[recording.name] = [(w.word, w.start, w.end) for segment in segments for w in segment.words or []]
    return results


def by_elk(found, model, beam):
    heard, _ = elk.transcribe(list(found), model, beam, words=True)
    return {name: [(w["word"], w["start"], w["end"]) for w in body.words] for name, body in heard.items()}


def row(title, engine, found, heard):
    """A line of the table, and whether both shares hold."""
    starts, ends = [], []
    for recording, known in found.items():
        more = differences(known, timed(heard.get(recording.name, [])))
        starts += more[0]
        ends += more[1]
    total = sum(len(known) for known in found.values())
    shares = [sum(abs(d) <= NEAR for d in side) / max(1, len(side)) for side in (starts, ends)]
    cells = [title, engine, f"{len(starts)} of {total}"]
    for side, share in zip((starts, ends), shares):
        median = 1000 * statistics.median(abs(d) for d in side) if side else 0
        mean = 1000 * statistics.fmean(side) if side else 0
        cells += [f"{gates.percent(share)}", f"{median:.0f} ms", f"{mean:+.0f} ms"]
    return cells, min(shares) >= SHARE


def main():
    parser = argparse.ArgumentParser(prog="scripts/word-times", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--no-reference", action="store_true", help="leave faster-whisper out")
    parser.add_argument("--no-write", action="store_true", help="leave docs/accuracy.md alone")
    parser.add_argument("--each", action="store_true", help="print every recording")
    arguments = parser.parse_args()
    rows, holds = [], True
    with TemporaryDirectory(prefix="elk-words-") as scratch:
        sets = {}
        if (elk.models_folder() / "joe").is_dir():
            sets["20 sentences spoken by joe"] = spoken(Path(scratch))
        else:
            print("Left out: the voice joe is not installed.")
        folder = recordings.audio_folder()
        if folder:
            alone = aligned({recording.name: recording for recording in recordings.load(folder)})
            sets[f"{len(alone)} recordings with forced alignments"] = alone
        else:
            print("Left out: the test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here.")
        for title, found in sets.items():
            heard = by_elk(found, arguments.model, arguments.beam_size)
            cells, is_near = row(title, "Elk", found, heard)
            rows.append((*cells, "yes" if is_near else "**no**"))
            holds &= is_near
            if arguments.each:
                for recording, known in found.items():
                    print(" ".join(row(recording.name, "Elk", {recording: known}, heard)[0]))
            if not arguments.no_reference:
                cells, _ = row(title, "faster-whisper", found, by_reference(found, arguments.model, arguments.beam_size))
                rows.append((*cells, "—"))
    if not rows:
        sys.exit("There is nothing to compare with.")
    near = f"within {1000 * NEAR:.0f} ms"
    header = ("what", "engine", "words", f"starts {near}", "median", "mean", f"ends {near}", "median", "mean", f"≥ {gates.percent(SHARE)} each")
    table = report.table(header, rows, right=range(3, 9))
    print(table)
    if not arguments.no_write:
        made = (
            f"Made by `scripts/word-times` on {time.strftime('%Y-%m-%d')}: {report.machine()}; {arguments.model},"
            f" beam {arguments.beam_size}."
        )
        report.between_markers(recordings.ROOT / "docs" / "accuracy.md", "word-times", f"{made}\n\n{table}")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
