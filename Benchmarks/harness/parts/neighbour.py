"""A second process that eats one core."""

import subprocess
import sys
import time

import report
from rounds import HEADER, Task, interleaved
from workers import elk, faster_whisper, whisper_cpp

from parts.section import Section

LIMIT = 2.5


def run(context):
    setup, section = context.setup, Section("Beside a busy process")
    base, jfk = setup.model("base"), str(setup.jfk().samples)
    hero = elk(setup, base)
    engines = [hero, faster_whisper(base, "int8", 2), whisper_cpp(setup.ggml(base), 2)]
    section.add("jfk greedy alone, and with an endless loop as a second process that is bound to no core.")
    workers = {engine.name: engine.start() for engine in engines}
    tasks = {}
    for name, worker in workers.items():
        tasks[name] = Task(lambda worker=worker: _ask(worker, jfk), (worker.pid,))
        tasks[f"{name}, busy"] = Task(lambda worker=worker: _beside(worker, jfk), (worker.pid,), True)
    try:
        series = interleaved(tasks, context.runs)
    finally:
        for worker in workers.values():
            worker.close()
    rows = []
    for name in workers:
        alone, busy = series[name], series[f"{name}, busy"]
        rows.append([name, *alone.cells(), *busy.cells()[:2], f"{busy.median / alone.median:.2f}"])
    header = ["jfk greedy", *HEADER, "busy: median", "range", "times slower"]
    section.add(report.table(header, rows, right=(1, 2, 3, 4, 5, 6)))
    slower = series[f"{hero.name}, busy"].median / series[hero.name].median
    section.at_most("jfk greedy beside a busy process, slower by", LIMIT, slower, "times")
    return section


def _ask(worker, samples):
    return worker.ask(do="transcribe", samples=samples, beam=1)


def _beside(worker, samples):
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        return _ask(worker, samples)
    finally:
        busy.kill()
        busy.wait()
