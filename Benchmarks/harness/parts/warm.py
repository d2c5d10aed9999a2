"""Eleven seconds of speech with everything loaded, and what HTTP adds."""

import http.client
import json
import time

import report
import server
from rounds import HEADER, Task, interleaved, of_workers
from workers import elk, peers

from parts.section import Section, contest


def run(context):
    setup, section = context.setup, Section("jfk, warm")
    base, jfk = setup.model("base"), setup.jfk()
    hero = elk(setup, base)
    engines = [hero, elk(setup, base, "half"), *peers(base, setup.ggml(base), context.quick)]
    section.add(
        f"{jfk.name}, {jfk.seconds:.0f} s, from samples in memory to text; base; language given; timestamps and the "
        "temperature fallback as each engine has them by default."
    )
    for beam, what in ((1, "jfk greedy"), (5, "jfk beam 5")):
        command = {"do": "transcribe", "samples": str(jfk.samples), "beam": beam}
        contest(section, what, engines, context.runs, hero.name, 5, **command)
    _whole_window(context, section, hero, jfk)
    _http(context, section, base, jfk)
    return section


def _whole_window(context, section, hero, jfk):
    """What coarse silence is worth, and what recordings take that fill the window."""
    worker = hero.start()
    try:
        tasks = {
            f"{what}, {title}": Task(
                lambda beam=beam, window=window: worker.ask(
                    do="transcribe", samples=str(jfk.samples), beam=beam, window=window
                ),
                (worker.pid,),
            )
            for beam, what in ((1, "greedy"), (5, "beam 5"))
            for window, title in (("fit", "silence coarse (speech.window: fit, the default)"), ("full", "all of the 30 s (full)"))
        }
        series = interleaved(tasks, context.runs)
    finally:
        worker.close()
    rows = [[name, *found.cells()] for name, found in series.items()]
    section.add(report.table([hero.name, *HEADER], rows, right=(1, 2, 3)))


class Client:
    """Sends one recording again and again on one connection."""

    def __init__(self, port, recording):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        boundary = "boundary-of-the-benchmark"
        fields = {"model": "base", "language": "en", "response_format": "verbose_json"}
        parts = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        parts += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{recording.name}"\r\n\r\n'
        self.body = parts.encode() + recording.file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        self.headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    def send(self):
        started = time.perf_counter()
        self.connection.request("POST", "/v1/audio/transcriptions", self.body, self.headers)
        response = self.connection.getresponse()
        body = response.read()
        took = time.perf_counter() - started
        if response.status != 200:
            raise RuntimeError(f"the server answered {response.status}: {body[:300]!r}")
        return {"seconds": took, "text": json.loads(body)["text"]}


def _http(context, section, base, jfk):
    engine = elk(context.setup, base, "default", 0).start()
    try:
        with server.running("--speech-beam-size", "1") as running:
            client = Client(running.port, jfk)
            tasks = of_workers({"engine": engine}, do="transcribe", samples=str(jfk.samples), beam=1)
            tasks["through HTTP"] = Task(client.send, (running.process.pid,))
            # A difference of some milliseconds between two times that scatter by tens.
            series = interleaved(tasks, 5 * context.runs)
    finally:
        engine.close()
    rows = [[name, *found.cells()] for name, found in series.items()]
    section.add(report.table(["jfk greedy, the server's settings", *HEADER], rows, right=(1, 2, 3)))
    more = (series["through HTTP"].median - series["engine"].median) * 1000
    section.add(f"Through HTTP on a kept connection, the WAV file read: {more:.1f} ms more than the engine alone.")
    section.at_most("jfk through HTTP, more than the engine", 15, more, "ms", 1)
