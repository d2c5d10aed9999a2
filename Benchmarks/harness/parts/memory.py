"""Peak memory while five minutes are transcribed."""

import report
import server
from workers import faster_whisper, whisper_cpp

from parts.section import Section

LIMIT = 250


def run(context):
    setup = context.setup
    base, recording = setup.model("base"), setup.long()
    section = Section("Memory")
    section.add(
        f"{recording.name} with base, one run each. `VmHWM` is the highest ever resident, mapped files included; "
        "the peers' are those of a Python process that does nothing else."
    )
    rows = []
    content = recording.file.read_bytes()
    for beam in (1, 5):
        with server.running("--speech-beam-size", str(beam)) as running:
            answer = running.transcribe(recording.name, content, model="base", language="en")
            if answer.status != 200:
                raise RuntimeError(f"the server answered {answer.status}: {answer.body[:300]!r}")
            memory = running.memory()
        end = f"{memory['RssAnon']:.0f} MiB of its own, {memory['RssFile']:.0f} MiB of files"
        rows.append([f"elk serve, {_search(beam)}", f"{memory['VmHWM']:.0f} MiB", end])
        section.at_most(f"peak memory of elk serve, {_search(beam)}", LIMIT, memory["VmHWM"] * 2**20 / 1e6, "MB", 0)
    for engine in () if context.quick else (faster_whisper(base, "int8", 2), whisper_cpp(setup.ggml(base), 2)):
        worker = engine.start()
        worker.ask(do="transcribe", samples=str(recording.samples), beam=1)
        rows.append([f"{engine.name}, greedy", f"{worker.peak_memory():.0f} MiB", ""])
        worker.close()
    section.add(report.table(["process", "VmHWM", "afterwards"], rows, right=(1,)))
    return section


def _search(beam):
    return "greedy" if beam == 1 else f"beam {beam}"
