"""What must hold, and whether it does."""

from dataclasses import dataclass

import words
from transcript import LANGUAGE_NAMES
from words import Errors

# Corpus word error rate in English.
WORD_ERROR_LIMITS = {"tiny.en": 0.12, "base": 0.08}
# Word errors allowed on the same sentence in any container.
CONTAINER_ERROR_LIMITS = {"tiny.en": 1, "base": 0}
# 31 kb/s and the telephone's band swallowed the end of a word: with these weights the reference engine mishears it too. Held to its
# words.
DAMAGED_CONTAINERS = ("jfk_441khz.m4a", "derived_jfk_ulaw8k.wav")
# Share of words, decoded greedily, that Elk and the reference engine agree on: with the weights as published, and rounded to int8.
EXACT_AGREEMENT = 0.98
INT8_AGREEMENT = 0.97
# Of fewer words a share says little: three of seventy are more than any of these limits. It is shown, not judged.
FEWEST_WORDS = 300
LANGUAGES_RIGHT = 0.95
# Share of words that an instruction set may hear otherwise than the portable kernels.
LEVEL_DIFFERENCE = 0.01
# Word error rate that times of words may add.
LOST_TO_WORD_TIMES = 0.01
# "Americans" in jfk.wav is being spoken at this moment, in seconds.
AMERICANS_AT = 1.8

# Silence and noise. laughter.mp3 is left out: "ha ha" would be right.
WORDLESS = (
    "silence_leo.wav",
    "silence_wt.mp3",
    "silence_aeneas_zero.wav",
    "silence_1s.wav",
    "dog_bark.wav",
    "thunderstorm.wav",
    "noise_17s.wav",
    "video_51_audio.mp4",
    "derived_silence_31s.flac",
    "derived_pink_noise_20s.flac",
)


@dataclass(frozen=True)
class Gate:
    name: str
    model: str
    limit: str
    elk: str
    reference: str
    holds: bool


def percent(rate):
    return f"{100 * rate:.1f} %"


def corpus(recordings, transcripts):
    """Errors summed over the recordings; a missing transcript counts as empty."""
    total = Errors()
    for recording in recordings:
        transcript = transcripts.get(recording.name)
        total += words.errors(recording.text, transcript.text if transcript else "", recording.language)
    return total


def word_errors(model, title, recordings, elk, reference):
    mine, theirs = corpus(recordings, elk), corpus(recordings, reference)
    limit = WORD_ERROR_LIMITS[model]
    return Gate(
        f"word error rate, English, {title}",
        model,
        f"≤ {percent(limit)}",
        f"{percent(mine.rate)} ({mine})",
        f"{percent(theirs.rate)} ({theirs})",
        mine.rate <= limit,
    )


def same_with_words(model, recordings, plain, with_words):
    """Word errors of long recordings must not be more when the times of words are asked for."""
    without, mine = corpus(recordings, plain), corpus(recordings, with_words)
    limit = without.rate + LOST_TO_WORD_TIMES
    return Gate(
        "word error rate, recordings over 30 s, with times of words",
        model,
        f"≤ {percent(limit)} ({percent(without.rate)} without)",
        f"{percent(mine.rate)} ({mine})",
        "—",
        mine.rate <= limit,
    )


def agreement_errors(recordings, elk, reference):
    """How far Elk's words are from the reference engine's, on the recordings that the latter can read."""
    total = Errors()
    for recording in recordings:
        theirs = reference.get(recording.name)
        if theirs:
            mine = elk.get(recording.name)
            total += words.errors(theirs.text, mine.text if mine else "", recording.language)
    return total


def agreement(model, title, recordings, elk, reference, limit=None):
    apart = agreement_errors(recordings, elk, reference)
    share = 1 - apart.rate
    shown = f"{percent(share)} ({apart.count} of {apart.of} differ)"
    if apart.of < FEWEST_WORDS:
        limit = None
    least = f"≥ {percent(limit)}" if limit else "—"
    return Gate(f"same words, {title}", model, least, shown, "100.0 %", not limit or share >= limit)


def containers(model, recordings, elk, reference):
    """The same speech in every container; those that damage the speech are held to the reference engine's words."""
    limit = CONTAINER_ERROR_LIMITS[model]
    mine = {r.name: corpus([r], elk).count for r in recordings}
    theirs = {r.name: corpus([r], reference).count for r in recordings}

    def shown(counts):
        whole = [count for name, count in counts.items() if name not in DAMAGED_CONTAINERS]
        damaged = [f"{counts[name]} in {name}" for name in DAMAGED_CONTAINERS if name in counts]
        return "; ".join([str(max(whole, default=0)), *damaged])

    limits = {name: max(limit, theirs[name]) if name in DAMAGED_CONTAINERS else limit for name in mine}
    return Gate(
        f"word errors of jfk, worst of {len(recordings)} containers",
        model,
        f"≤ {limit}; the reference's in the damaged two",
        shown(mine),
        shown(theirs),
        all(mine[name] <= limits[name] for name in mine),
    )


def wordless(model, recordings, elk, reference):
    def count(transcripts):
        made_up = {r.name: t for r in recordings if (t := transcripts.get(r.name)) and words.words(t.text, "en")}
        total = sum(len(words.words(t.text, "en")) for t in made_up.values())
        return total, f"{total}" + (f" ({', '.join(made_up)})" if made_up else "")

    (mine, shown), (_, theirs) = count(elk), count(reference)
    return Gate(f"words on {len(recordings)} silent and noise files", model, "0", shown, theirs, mine == 0)


def languages(model, recordings, elk, reference):
    def right(transcripts, name_of):
        wrong = [
            r.name
            for r in recordings
            if r.name not in transcripts or transcripts[r.name].language != name_of(r.language)
        ]
        share = 1 - len(wrong) / len(recordings)
        return share, f"{percent(share)}" + (f" (not {', '.join(wrong)})" if wrong else "")

    mine, shown = right(elk, LANGUAGE_NAMES.get)
    _, theirs = right(reference, lambda code: code)
    return Gate(
        f"language named right, {len(recordings)} recordings",
        model,
        f"≥ {percent(LANGUAGES_RIGHT)}",
        shown,
        theirs,
        mine >= LANGUAGES_RIGHT,
    )


def word_times(model, transcript):
    found = [w for w in transcript.words if "".join(c for c in w["word"] if c.isalpha()) == "Americans"]
    shown = f"{found[0]['start']:.2f}–{found[0]['end']:.2f} s" if found else "not found"
    holds = bool(found) and found[0]["start"] <= AMERICANS_AT <= found[0]["end"]
    return Gate("word times, jfk: “Americans”", model, f"spans {AMERICANS_AT} s", shown, "—", holds)


def same_levels(model, levels):
    """Every instruction set of this machine against the portable one; `levels` are {level: {name: Transcript}}."""
    plain = levels["portable"]
    apart = {}
    for level, transcripts in levels.items():
        total = Errors()
        for name, transcript in plain.items():
            other = transcripts.get(name)
            total += words.errors(transcript.text, other.text if other else "", "en")
        apart[level] = total
    shown = ", ".join(f"{level} {total}" for level, total in apart.items() if level != "portable")
    return Gate(
        f"words unlike the portable kernels', {len(plain)} recordings",
        model,
        f"≤ {percent(LEVEL_DIFFERENCE)}",
        shown or "only the portable ones here",
        "—",
        bool(plain) and all(total.rate <= LEVEL_DIFFERENCE for total in apart.values()),
    )


def complete(model, recordings, elk):
    missing = [r.name for r in recordings if r.name not in elk]
    shown = "0" if not missing else f"{len(missing)} ({', '.join(missing)})"
    return Gate("recordings without a transcript", model, "0", shown, "—", not missing)
