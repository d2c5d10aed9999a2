"""Runs the release build of `elk` on recordings."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from recordings import ROOT
from transcript import Transcript


def binary():
    """ELK_BINARY, else the release build of this checkout."""
    path = Path(os.environ.get("ELK_BINARY") or ROOT / ".build" / "release" / "elk")
    if not path.is_file():
        raise SystemExit(f"{path} is missing: swift build -c release --product elk")
    return path


def models_folder():
    """Where the weights are: ELK_TEST_MODELS, else .cache/models of this checkout."""
    return Path(os.environ.get("ELK_TEST_MODELS") or ROOT / ".cache" / "models")


def environment(**settings):
    return {**os.environ, "ELK_MODELS_FOLDER": str(models_folder()), **settings}


class Crash(Exception):
    """elk was ended by a signal."""


# Instruction sets of the kernels, and what a processor calls what they need.
LEVELS = {
    "portable": set(),
    "avx2": {"avx2", "fma", "f16c"},
    "avxvnni": {"avx2", "fma", "f16c", "avx_vnni"},
    "avx512": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"},
    "avx512bf16": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni", "avx512_bf16"},
}


def levels():
    """The instruction sets that this machine has, the portable one first."""
    flags = set()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("flags"):
                flags = set(line.split(":", 1)[1].split())
                break
    return [level for level, needed in LEVELS.items() if needed <= flags]


def transcribe(recordings, model, beam_size, words=False, **settings):
    """Transcribes all recordings in one call. Returns {name: Transcript} of what came out, and the seconds it took.

    `settings` go to the environment: `precision`, `window` and `skip_silence` of `speech`, and `kernels`.
    """
    names = {
        "precision": "ELK_SPEECH_PRECISION",
        "window": "ELK_SPEECH_WINDOW",
        "skip_silence": "ELK_SPEECH_SKIP_SILENCE",
        "kernels": "ELK_KERNELS",
    }
    settings = {names[name]: value for name, value in settings.items()}
    with tempfile.TemporaryDirectory(prefix="elk-score-") as scratch:
        inputs, outputs = Path(scratch, "in"), Path(scratch, "out")
        inputs.mkdir()
        outputs.mkdir()
        # Output files are named for the input without its ending, so jfk.wav and jfk.mp3 need names of their own.
        staged = {}
        for recording in recordings:
            stem = recording.name.replace(".", "_")
            link = inputs / f"{stem}{recording.path.suffix}"
            link.symlink_to(recording.path.resolve())
            staged[stem] = (recording, link)
        command = [str(binary()), "transcribe", *(str(link) for _, link in staged.values())]
        command += ["--model", model, "--format", "verbose_json", "--beam-size", str(beam_size)]
        command += ["--output", str(outputs)] + (["--words"] if words else [])
        started = time.monotonic()
        run = subprocess.run(command, env=environment(**settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        took = time.monotonic() - started
        if run.returncode < 0:
            raise Crash(f"elk ended by signal {-run.returncode}: {run.stderr[-2000:]}")
        if run.returncode != 0:
            print(run.stderr[-2000:])
        results = {}
        for stem, (recording, _) in staged.items():
            written = next(iter(sorted(outputs.glob(f"{stem}.*"))), None)
            if written:
                results[recording.name] = Transcript.of_verbose_json(json.loads(written.read_text(encoding="utf-8")))
        return results, took
