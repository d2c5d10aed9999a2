"""From the start of a process to the printed text."""

import os
import shutil
import subprocess
import sys

import elk as elk_process
import report
from prepare import CACHE
from rounds import HEADER, Task, interleaved
from workers import HERE

from parts.section import Section

LIMITS = {"tiny.en": 0.25, "base": 0.35}


def run(context):
    setup, section = context.setup, Section("Process start to printed text")
    jfk = setup.jfk()
    section.add(
        "jfk.wav, 2 threads, all files in the page cache. The peers' processes are the shortest Python scripts that do "
        "it (`Benchmarks/harness/start_*.py`), faster-whisper with int8. Without cache: a folder that holds the "
        "weights alone, new for every run, so the time has packing in it, and writing what is kept of that."
    )
    models = ["base"] if context.quick else ["tiny.en", "base"]
    for name in models:
        for beam, what in ((1, "greedy"), (5, "beam 5")):
            if context.quick and beam > 1:
                continue
            _one(context, section, name, setup.model(name), jfk, beam, f"{name} {what}")
    return section


def _one(context, section, name, folder, jfk, beam, what):
    audio, beam_text = str(jfk.file), str(beam)
    environment = elk_process.environment()
    script = [sys.executable, str(HERE / "start_faster_whisper.py"), str(folder), audio, beam_text]
    other = [sys.executable, str(HERE / "start_whisper_cpp.py"), str(context.setup.ggml(folder)), audio, beam_text]
    series = interleaved(
        {
            "elk transcribe": Task(lambda: _elk(context, name, audio, beam_text, environment)),
            "elk transcribe, without cache": Task(lambda: _uncached(context, folder, audio, beam_text, environment)),
            "faster-whisper": Task(lambda: _text_of(script, os.environ)),
            "whisper.cpp": Task(lambda: _text_of(other, os.environ)),
        },
        context.runs,
    )
    rows = [[engine, *found.cells(), found.text[:30]] for engine, found in series.items()]
    section.add(report.table([what, *HEADER, "text"], rows, right=(1, 2, 3)))
    fastest = min(series["faster-whisper"].median, series["whisper.cpp"].median)
    if beam == 1:
        section.at_most(f"start to text, {what}", LIMITS[name], series["elk transcribe"].median, "s")
    uncached = series["elk transcribe, without cache"].median
    section.at_most(f"start to text, {what}, without cache, over the fastest peer's", 1, uncached / fastest, "")


def _elk(context, model, audio, beam, environment):
    command = [context.setup.elk, "transcribe", "--model", model, "--language", "en", "--beam-size", beam, audio]
    return _text_of(command, environment)


def _uncached(context, folder, audio, beam, environment):
    """One run of a model that was never used: its folder, and where caches usually are, are new."""
    kept, fresh = CACHE / "start" / folder.name, CACHE / "start-now"
    if not kept.is_dir():
        shutil.copytree(folder, kept, ignore=lambda _, names: [name for name in names if name not in WEIGHTS])
    shutil.rmtree(fresh, ignore_errors=True)
    # Links: copying the weights is not what is measured.
    shutil.copytree(kept, fresh / folder.name, copy_function=os.link)
    new = {"XDG_CACHE_HOME": str(fresh / "cache")}
    return _elk(context, str(fresh / folder.name), audio, beam, {**environment, **new})


WEIGHTS = {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt", "vocabulary.json"}


def _text_of(command, environment):
    run = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"{command} ended with {run.returncode}: {run.stderr[-500:]}")
    return {"text": run.stdout.strip()}
