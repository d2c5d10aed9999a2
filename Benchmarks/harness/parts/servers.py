"""Whole servers side by side: one client, sixteen at once, and a short clip beside a long recording."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import recordings
import report
import server
import servers
from rounds import HEADER, Task, interleaved, seconds

from parts.section import Section

CLIENTS = 16
BEAM = 5
CLIPS = ("leopard_en.wav", "arctic_a0024.wav", "austen_0870.wav", "spk1_snt1.wav", "austen_0880.wav", "ldc93s1_16k.wav")
CLIP, LONG = "leopard_en.wav", "long_en_dev.mp3"


def run(context):
    setup, section = context.setup, Section("Other speech servers")
    folder = recordings.audio_folder()
    known = {recording.name: recording for recording in recordings.load(folder)}
    clips = [known[name] for name in CLIPS]
    base = setup.model("base")
    section.add(
        f"Whole servers over HTTP, base, English given, beam {BEAM}, two threads each: {len(clips)} clips of 3 to 9 s one after the "
        f"other from one client, three times as many from {CLIENTS} clients at once, and {CLIP} ({known[CLIP].duration:.1f} s) sent "
        f"one second after another client sent {LONG}."
    )
    with ExitStack() as stack:
        running = {"elk serve": stack.enter_context(server.running("--speech-beam-size", str(BEAM)))}
        running["faster-whisper-server, int8"] = stack.enter_context(servers.faster_whisper(base, 2, BEAM))
        if program := servers.whisper_cpp_program():
            weights = setup.ggml(base)
            running["whisper.cpp's server, native, f16"] = stack.enter_context(servers.whisper_cpp(program, weights, 2, BEAM))
        else:
            setup.left_out.append("whisper.cpp's server could not be built here.")
        audio = sum(clip.duration for clip in clips)
        for what, sent, most in (("one client", clips, 1), (f"{CLIENTS} clients", clips * 3, CLIENTS)):
            tasks = {
                name: Task(lambda one=one, sent=sent, most=most: _together(one, sent, most), (one.process.pid,))
                for name, one in running.items()
            }
            series = interleaved(tasks, min(3, context.runs))
            rows = [
                [
                    name, *found.cells(), f"{len(sent) / len(clips) * audio / found.median:.1f}",
                    " / ".join(seconds(figure) for figure in _latency(found)),
                    f"{found.median / series['elk serve'].median:.1f}",
                ]
                for name, found in series.items()
            ]
            header = [f"{what}, {len(sent)} clips", *HEADER, "s of audio per s", "a clip: median / p95", "of Elk's time"]
            section.add(report.table(header, rows, right=(1, 2, 3, 4, 5, 6)))
        tasks = {
            name: Task(lambda one=one: _beside(one, known[CLIP], known[LONG]), (one.process.pid,))
            for name, one in running.items()
        }
        series = interleaved(tasks, 1, warm_up=0)
        rows = [[name, seconds(found.median), seconds(found.answers[-1]["long"])] for name, found in series.items()]
        section.add(report.table([f"{CLIP} beside {LONG}", "the clip", "the long recording"], rows, right=(1, 2)))
        rows = [[name, f"{one.memory()['VmHWM']:.0f} MiB"] for name, one in running.items()]
        section.add(report.table(["afterwards", "peak memory"], rows, right=(1,)))
    return section


def _send(one, clip):
    answer = one.transcribe(clip.name, clip.path.read_bytes(), model="base", model_name="whisper-1", language="en")
    if answer.status != 200:
        raise RuntimeError(f"{clip.name}: {answer.status} {answer.body[:300]!r}")
    return answer.seconds


def _together(one, clips, most):
    with ThreadPoolExecutor(most) as clients:
        started = time.perf_counter()
        latencies = list(clients.map(lambda clip: _send(one, clip), clips))
        return {"seconds": time.perf_counter() - started, "latencies": latencies}


def _latency(series):
    values = sorted(value for answer in series.answers for value in answer["latencies"])
    return statistics.median(values), values[min(len(values) - 1, int(len(values) * 0.95))]


def _beside(one, clip, long):
    took = {}
    neighbour = threading.Thread(target=lambda: took.update(long=_send(one, long)))
    neighbour.start()
    time.sleep(1)
    took["seconds"] = _send(one, clip)
    neighbour.join()
    return took
