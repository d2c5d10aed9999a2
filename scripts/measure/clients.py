"""Measures `elk serve` with many clients at once.

Throughput of 16 clients with short clips against that of one; latency of a short clip beside a long recording against an idle
server; and how soon the engine rests after a client has gone. Writes the tables into docs/performance.md. Exits with 1 when a
gate does not hold.
"""

import argparse
import http.client
import os
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import recordings
import report
import server
import words

CLIENTS = 16
LEAST_GAIN = 2.5
MOST_LATENCY = 2.0
MOST_MILLISECONDS = 100
CLIPS = (
    "leopard_en.wav", "arctic_a0024.wav", "austen_0870.wav", "weather.wav", "spk1_snt1.wav", "austen_0880.wav",
    "ldc93s1_16k.wav", "librispeech_1995-1837-0001.wav",
)
CLIP, LONG = "leopard_en.wav", "long_en_dev.mp3"


def median_and_95th(values):
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


class Throughput:
    """The same clips from one client, and from many."""

    def __init__(self, clips, model, rounds, **settings):
        with server.running(**settings) as running:
            def send(clip):
                answer = running.transcribe(clip.name, clip.path.read_bytes(), model=model, language="en")
                if answer.status != 200:
                    raise SystemExit(f"{clip.name}: {answer.status} {answer.body[:300]!r}")
                return clip, answer.json["text"], answer.seconds

            for clip in clips:
                send(clip)
            alone = [clip for _ in range(rounds) for clip in clips]
            started = time.monotonic()
            first = [send(clip) for clip in alone]
            self.alone = sum(clip.duration for clip in alone) / (time.monotonic() - started)
            many = [clip for _ in range(3 * rounds) for clip in clips]
            with ThreadPoolExecutor(CLIENTS) as clients:
                started = time.monotonic()
                answers = list(clients.map(send, many))
                took = time.monotonic() - started
            self.together = sum(clip.duration for clip in many) / took
            self.latency = median_and_95th([seconds for _, _, seconds in answers])
            known = {clip.name: text for clip, text, _ in first}
            self.differ = sum((words.errors(known[clip.name], text, "en") for clip, text, _ in answers), words.Errors())
            self.memory = running.memory()["VmHWM"]

    @property
    def gain(self):
        return self.together / self.alone


class Latency:
    """A short clip on an idle server, and beside a long recording that is transcribed over and over."""

    def __init__(self, clip, long, model, count, **settings):
        with server.running(**settings) as running:
            content = clip.path.read_bytes()

            def take():
                time.sleep(0.15)
                return running.transcribe(clip.name, content, model=model, language="en").seconds

            take()
            self.idle = median_and_95th([take() for _ in range(count)])
            stop = threading.Event()

            def keep_busy():
                recording = long.path.read_bytes()
                while not stop.is_set():
                    running.transcribe(long.name, recording, model=model, language="en")

            neighbour = threading.Thread(target=keep_busy)
            neighbour.start()
            time.sleep(1)
            self.busy = median_and_95th([take() for _ in range(count)])
            stop.set()
            neighbour.join()

    @property
    def ratio(self):
        return self.busy[1] / self.idle[1]


def processor_seconds(process):
    """Of each thread, to the nanosecond: {(number, name): seconds}."""
    found = {}
    folder = f"/proc/{process.pid}/task"
    for thread in os.listdir(folder):
        try:
            with open(f"{folder}/{thread}/comm") as name, open(f"{folder}/{thread}/schedstat") as counts:
                found[thread, name.read().strip()] = int(counts.read().split()[0]) / 1e9
        except OSError:
            pass
    return found


def rest_after_leaving(long, model, count, **settings):
    """Milliseconds from the moment a client closes its connection to the last in which the engine took a fifth of a core.

    The engine's threads, and those that decode audio, are called elk; others, of which the database has some, belong to libraries and
    are named by them. Prints who did as much behind the limit.
    """
    body, headers = server.form(long.name, long.path.read_bytes(), {"model": model})
    found = []
    with server.running(**settings) as running:
        running.transcribe(CLIP, (long.path.parent / CLIP).read_bytes(), model=model)
        for turn in range(count):
            connection = http.client.HTTPConnection("127.0.0.1", running.port)
            connection.request("POST", server.PATH, body=body, headers=headers)
            # Into another part of the work each time: decoding audio, listening for speech, encoder, decoder.
            time.sleep(0.4 + turn * 0.137)
            connection.close()
            closed = time.monotonic()
            last, before, at = 0.0, processor_seconds(running.process), closed
            while time.monotonic() - closed < 1.5:
                time.sleep(0.005)
                now, used = time.monotonic(), processor_seconds(running.process)
                shares = {thread: (seconds - before.get(thread, 0)) / (now - at) for thread, seconds in used.items()}
                if sum(share for (_, name), share in shares.items() if name.startswith("elk")) > 0.2:
                    last = now - closed
                if now - closed > MOST_MILLISECONDS / 1000 and sum(shares.values()) > 0.2:
                    busy = ", ".join(f"{name} ({number}) {share:.0%}" for (number, name), share in shares.items() if share > 0.02)
                    print(f"{(now - closed) * 1000:.0f} ms after client {turn + 1} had gone: {busy}", flush=True)
                before, at = used, now
            found.append(last * 1000)
            time.sleep(0.3)
    return found


def main():
    parser = argparse.ArgumentParser(prog="scripts/clients", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--rounds", type=int, default=3, help="times that one client sends every clip (default 3)")
    parser.add_argument("--only", choices=("throughput", "latency", "rest"), help="one part; writes nothing")
    arguments = parser.parse_args()
    folder = recordings.audio_folder()
    if folder is None:
        sys.exit("Left out: the test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here.")
    known = {recording.name: recording for recording in recordings.load(folder)}
    clips = [known[name] for name in CLIPS]
    wanted = (arguments.only,) if arguments.only else ("throughput", "latency", "rest")
    holds, parts = True, []

    if "throughput" in wanted:
        rows = []
        for title, window, beam in (
            ("greedy", "fit", 1), ("beam 5", "fit", 5), ("greedy", "full", 1), ("beam 5", "full", 5),
        ):
            run = Throughput(clips, arguments.model, arguments.rounds, ELK_SPEECH_WINDOW=window, ELK_SPEECH_BEAM_SIZE=str(beam))
            print(title, window, f"{run.alone:.1f} {run.together:.1f} {run.gain:.2f}", flush=True)
            if window == "fit":
                holds &= run.gain >= LEAST_GAIN
            rows.append(
                (
                    f"{title}, window {window}", f"{run.alone:.1f}", f"{run.together:.1f}", f"{run.gain:.2f}",
                    f"{run.latency[0]:.2f} / {run.latency[1]:.2f} s", str(run.differ), f"{run.memory:.0f} MiB",
                )
            )
        header = (
            "short clips", "1 client, s of audio per s", f"{CLIENTS} clients", "times", f"median / p95 with {CLIENTS}",
            "words unlike one client's", "peak memory",
        )
        parts.append(report.table(header, rows, right=(1, 2, 3, 4, 5, 6)))
    if "latency" in wanted:
        rows = []
        for title, beam in (("greedy", 1), ("beam 5", 5)):
            run = Latency(known[CLIP], known[LONG], arguments.model, 8 * arguments.rounds, ELK_SPEECH_BEAM_SIZE=str(beam))
            holds &= run.ratio <= MOST_LATENCY
            rows.append(
                (
                    title, f"{run.idle[0]:.3f} / {run.idle[1]:.3f} s", f"{run.busy[0]:.3f} / {run.busy[1]:.3f} s",
                    f"{run.ratio:.2f}", f"≤ {MOST_LATENCY}",
                )
            )
            print(rows[-1], flush=True)
        header = (f"{CLIP}, {known[CLIP].duration:.1f} s", "idle, median / p95", f"beside {LONG}", "p95 over p95", "limit")
        parts.append(report.table(header, rows, right=(1, 2, 3, 4)))
    if "rest" in wanted:
        found = rest_after_leaving(known[LONG], arguments.model, 12)
        holds &= max(found) <= MOST_MILLISECONDS
        middle = statistics.median(found)
        rows = [("client gone to engine at rest", f"{middle:.0f} ms", f"{max(found):.0f} ms", f"≤ {MOST_MILLISECONDS} ms")]
        parts.append(report.table((f"{LONG}, 12 places", "median", "longest", "limit"), rows, right=(1, 2, 3)))
    print("\n\n".join(parts))
    if not arguments.only:
        made = f"Made by `scripts/clients` on {time.strftime('%Y-%m-%d')}: {report.machine()}; {arguments.model}."
        document = recordings.ROOT / "docs" / "performance.md"
        report.between_markers(document, "clients", f"{made}\n\n" + "\n\n".join(parts))
    print("All gates hold." if holds else "A gate does not hold.")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
