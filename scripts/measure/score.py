"""Scores Elk's transcripts against the known texts and against faster-whisper on the same weights.

A full run writes its tables into docs/accuracy.md. Exits with 1 when a gate does not hold.
"""

import argparse
import sys
import time

import edges
import elk
import gates
import recordings
import report
import server
import words
from reference import Reference

MODELS = ("tiny.en", "base")

# What CI has time for.
QUICK = {
    "jfk.wav",
    "jfk_441khz.m4a",
    "derived_jfk_opus.webm",
    "sonnet_title.ogg",
    "harvard.wav",
    "librispeech_2412-153948-0000.flac",
    "librispeech_1995-1837-0001.wav",
    "austen_0870.wav",
    "austen_0880.wav",
    "leopard_en.wav",
    "leopard_de.wav",
    "leopard_es.wav",
    "leopard_fr.wav",
    "silence_leo.wav",
    "silence_1s.wav",
    "dog_bark.wav",
}


# What every instruction set hears. In English: leopard_de.wav and leopard_fr.wav each hold a toss-up for these weights, and one alone
# is 1 % of so few words.
COMPARED = {
    "jfk.wav",
    "sonnet_title.ogg",
    "harvard.wav",
    "librispeech_2412-153948-0000.flac",
    "librispeech_1995-1837-0001.wav",
    "austen_0870.wav",
    "austen_0880.wav",
    "leopard_en.wav",
}


class Run:
    """One model on one set of recordings."""

    def __init__(self, model, chosen, beam_sizes):
        english_only = model.endswith(".en")
        self.model = model
        self.recordings = [r for r in chosen if r.language in ("en", "-") or not english_only]
        self.english = [r for r in self.recordings if r.is_scored and r.language == "en"]
        self.foreign = [r for r in self.recordings if r.language in ("de", "fr", "es", "zh", "ja")]
        self.wordless = [r for r in self.recordings if r.name in gates.WORDLESS]
        self.jfk = [r for r in self.recordings if r.is_jfk]
        self.elk, self.reference = {}, {}
        # As the reference works: nothing rounded, and the whole of 30 s.
        self.exact, _ = elk.transcribe(self.english, model, 1, precision="half", window="full")
        # The portable kernels are slow: a few recordings, or the sentences that stand in for them.
        compared = [r for r in self.recordings if r.name in COMPARED] or self.recordings
        self.levels = {level: elk.transcribe(compared, model, 1, kernels=level)[0] for level in elk.levels()}
        engine = Reference(model)
        for beam_size in beam_sizes:
            print(f"{model}, beam {beam_size}: {len(self.recordings)} recordings", flush=True)
            self.elk[beam_size], took = elk.transcribe(self.recordings, model, beam_size)
            seconds = sum(r.duration for r in self.recordings)
            print(f"  Elk: {took:.0f} s for {seconds:.0f} s of audio", flush=True)
            started = time.monotonic()
            self.reference[beam_size] = engine.transcribe(self.recordings, beam_size)
            print(f"  faster-whisper {engine.version}: {time.monotonic() - started:.0f} s", flush=True)

    def gates(self):
        for beam_size in self.elk:
            mine, theirs = self.elk[beam_size], self.reference[beam_size]
            title = "greedy" if beam_size == 1 else f"beam {beam_size}"
            yield gates.complete(self.model, self.recordings, mine)
            yield gates.word_errors(self.model, title, self.english, mine, theirs)
            if beam_size == 1:
                exact = gates.EXACT_AGREEMENT
                yield gates.agreement(self.model, f"half precision, {title}", self.english, self.exact, theirs, exact)
            least = gates.INT8_AGREEMENT if beam_size == 1 else None
            yield gates.agreement(self.model, f"English, {title}", self.english, mine, theirs, least)
            scored = [r for r in self.foreign if r.is_scored]
            if scored:
                yield gates.agreement(self.model, f"other languages, {title}", scored, mine, theirs)
            if self.jfk:
                yield gates.containers(self.model, self.jfk, mine, theirs)
            if self.wordless:
                yield gates.wordless(self.model, self.wordless, mine, theirs)
            if self.foreign:
                yield gates.languages(self.model, self.foreign, mine, theirs)
        yield gates.same_levels(self.model, self.levels)
        # Where a window has no end in sight: times of words then say where the next one begins.
        long = [r for r in self.english if r.duration > 30]
        if long and 5 in self.elk:
            with_words, _ = elk.transcribe(long, self.model, 5, words=True)
            yield gates.same_with_words(self.model, long, self.elk[5], with_words)
        timed = [r for r in self.jfk if r.name == "jfk.wav"]
        if timed:
            with_words, _ = elk.transcribe(timed, self.model, 1, words=True)
            if timed[0].name in with_words:
                yield gates.word_times(self.model, with_words[timed[0].name])

    def file_rows(self, beam_size):
        mine, theirs = self.elk[beam_size], self.reference[beam_size]
        for recording in self.recordings:
            if recording.is_scored:
                own = mine.get(recording.name)
                other = theirs.get(recording.name)
                yield (
                    recording.name,
                    recording.language,
                    f"{recording.duration:.1f}",
                    words.errors(recording.text, own.text, recording.language) if own else "none",
                    words.errors(recording.text, other.text, recording.language) if other else "—",
                    words.errors(other.text, own.text, recording.language).count if own and other else "—",
                )


def choose(quick):
    """The recordings of this run; says what is left out."""
    folder = recordings.audio_folder()
    if folder is None:
        found = recordings.debian_sentences()
        print(
            "The test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here. Left out: containers, other languages,"
            " silence and noise, word times, damaged files."
        )
        print(f"Scored instead: {len(found)} sentences of Debian's pocketsphinx-testdata.")
        if not found:
            raise SystemExit("Nothing to score: install pocketsphinx-testdata.")
        return found, False
    found = [r for r in recordings.load(folder) if r.is_scored or r.name in gates.WORDLESS or r.is_jfk or r.language in
             ("de", "fr", "es", "zh", "ja")]
    if quick:
        found = [r for r in found if r.name in QUICK]
        print(f"Quick: {len(found)} recordings, greedy only.")
    return found, True


def check_edges(model, quick):
    every = [r for r in recordings.load(recordings.audio_folder()) if r.use == "edge"]
    if quick:
        every = [r for r in every if 400 in edges.expectation(r).statuses or r.is_jfk]
    with server.running() as running:
        outcomes = [edges.check(running, recording, model) for recording in every]
    wrong = [o.name for o in outcomes if not o.holds]
    shown = f"{len(outcomes) - len(wrong)} of {len(outcomes)}" + (f" (not {', '.join(wrong)})" if wrong else "")
    yield gates.Gate("edge files answered as their notes say", model, "all", shown, "—", not wrong)
    broken = [o.name for o in outcomes if o.status >= 500]
    yield gates.Gate("crashes and 5xx", model, "0", f"{len(broken)}", "—", not broken)
    for outcome in outcomes:
        yield outcome


def gate_table(found):
    rows = [(g.name, g.model, g.limit, g.elk, g.reference, "yes" if g.holds else "**no**") for g in found]
    return report.table(("gate", "model", "limit", "Elk", "faster-whisper", "holds"), rows)


def edge_table(outcomes):
    rows = [
        (f"`{o.name}`", o.note, o.expected, o.status, f"{o.seconds:.2f}", o.detail[:120], "yes" if o.holds else "**no**")
        for o in outcomes
    ]
    return report.table(("file", "note", "expected", "status", "seconds", "answer", "holds"), rows, right=(4,))


def document(runs, found, outcomes):
    parts = [
        f"Made by `scripts/score` on {time.strftime('%Y-%m-%d')}: {report.machine()}. The reference is faster-whisper"
        f" {Reference(runs[0].model).version} on the same weights, float32.",
        "## Gates",
        gate_table(found),
    ]
    for run in runs:
        for beam_size in run.elk:
            parts.append(f"## Word errors by file: {run.model}, {'greedy' if beam_size == 1 else f'beam {beam_size}'}")
            header = ("file", "language", "seconds", "Elk", "faster-whisper", "words that differ between both")
            parts.append(report.table(header, run.file_rows(beam_size), right=(2, 3, 4, 5)))
    if outcomes:
        parts += ["## Odd and damaged files, over HTTP", edge_table(outcomes)]
    return "\n\n".join(parts)


def main():
    parser = argparse.ArgumentParser(prog="scripts/score", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a subset, greedy only; writes nothing")
    parser.add_argument("--model", action="append", choices=MODELS, help="only this model; may be given twice")
    parser.add_argument("--no-edges", action="store_true", help="leave out the odd and damaged files")
    arguments = parser.parse_args()

    chosen, whole = choose(arguments.quick)
    beam_sizes = (1,) if arguments.quick else (1, 5)
    models = tuple(arguments.model or MODELS)
    try:
        runs = [Run(model, chosen, beam_sizes) for model in models]
        found = [gate for run in runs for gate in run.gates()]
    except elk.Crash as crash:
        sys.exit(str(crash))
    outcomes = []
    if whole and not arguments.no_edges:
        for result in check_edges(models[-1], arguments.quick):
            (found if isinstance(result, gates.Gate) else outcomes).append(result)

    print("\n" + gate_table(found))
    for outcome in outcomes:
        if not outcome.holds:
            print(f"{outcome.name}: expected {outcome.expected}, got {outcome.status} {outcome.detail[:300]}")
    if whole and not arguments.quick and not arguments.no_edges and models == MODELS:
        report.between_markers(recordings.ROOT / "docs" / "accuracy.md", "score", document(runs, found, outcomes))
        print("\nWritten to docs/accuracy.md.")
    failed = sum(not gate.holds for gate in found)
    print(f"\n{len(found) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
