"""Keeps a server of its own under full load and looks whether its memory grows.

    scripts/soak                        30 minutes, 4 clients
    scripts/soak --minutes 3 --clients 8 --svg soak.svg

Every client sends one recording after the other, in changing formats, some of them streamed and some of them left in the
middle. Resident memory is read each second. The run fails when the memory of its last third is more than 10 % and 32 MiB above
that of its second third, or when a request that was not left early fails.

ELK_BINARY         the program; default `.build/release/elk`
ELK_TEST_MODELS    folder with models; default `.cache/models`
ELK_TEST_AUDIO     folder with recordings; default `../shared/audio`
"""

import argparse
import http.client
import random
import statistics
import sys
import threading
import time
from pathlib import Path

import recordings
import server

ENDINGS = {".wav", ".mp3", ".m4a", ".ogg", ".flac", ".webm"}
LONGEST = 3_000_000


class Load:
    def __init__(self, port, found, seed):
        self.port, self.recordings, self.seed = port, found, seed
        self.done = self.left = self.busy = 0
        self.failed = []
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def client(self, number):
        chance = random.Random(self.seed * 1000 + number)
        while not self.stop.is_set():
            recording = chance.choice(self.recordings)
            format = chance.choice(["json", "verbose_json", "srt", "text"])
            fields = {"model": "whisper-1", "response_format": format}
            if chance.random() < 0.4:
                fields["stream"] = "true"
            if format == "verbose_json":
                fields["timestamp_granularities[]"] = "word"
            leaves = chance.random() < 0.1
            try:
                status = self.send(recording, fields, chance.uniform(0.05, 1.5) if leaves else None)
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            with self.lock:
                if status is None:
                    self.left += 1
                elif status == 429:
                    self.busy += 1
                elif status == 200:
                    self.done += 1
                elif not self.stop.is_set():
                    self.failed.append(f"{recording.name}: {status}")

    def send(self, recording, fields, leave_after):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=leave_after or 600)
        try:
            body, headers = server.form(recording.name, recording.read_bytes(), fields)
            connection.request("POST", server.PATH, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except TimeoutError:
            if leave_after:
                return None
            raise
        finally:
            connection.close()


def picture(samples, width=72, height=10):
    step = max(1, -(-len(samples) // width))
    columns = [max(samples[index:index + step]) for index in range(0, len(samples), step)]
    top = max(columns) * 1.05
    rows = []
    for row in range(height, 0, -1):
        level = top * row / height
        rows.append(f"{level:7.0f} |" + "".join("#" if value >= level - top / height / 2 else " " for value in columns))
    return "\n".join(rows) + "\n" + " " * 8 + "+" + "-" * len(columns)


def svg(samples, file):
    top = max(samples) * 1.05
    points = " ".join(f"{index * 600 / max(1, len(samples) - 1):.1f},{200 - value * 200 / top:.1f}" for index, value in enumerate(samples))
    line = f'<polyline points="{points}" fill="none" stroke="#1d6b52" stroke-width="1.5"/>'
    text = f'<text x="4" y="14" font-size="11" font-family="sans-serif">{top:.0f} MiB resident, {len(samples)} s</text>'
    Path(file).write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 200">{line}{text}</svg>\n')


def main():
    wish = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wish.add_argument("--minutes", type=float, default=30)
    wish.add_argument("--clients", type=int, default=4)
    wish.add_argument("--seed", type=int, default=1)
    wish.add_argument("--svg", help="file for a picture of the memory")
    wish = wish.parse_args()

    folder = recordings.audio_folder()
    if folder is None:
        sys.exit("The test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here.")
    found = sorted(
        file for file in folder.glob("*")
        if file.suffix in ENDINGS and not file.name.startswith("bad_") and "90ms" not in file.name
        and 0 < file.stat().st_size <= LONGEST
    )
    samples = []
    with server.running(ELK_LOG_LEVEL="error") as running:
        load = Load(running.port, found, wish.seed)
        clients = [threading.Thread(target=load.client, args=(number,), daemon=True) for number in range(wish.clients)]
        for client in clients:
            client.start()
        end = time.monotonic() + wish.minutes * 60
        while time.monotonic() < end and running.is_running:
            samples.append(running.memory()["VmRSS"])
            time.sleep(1)
        load.stop.set()
        if not running.is_running:
            sys.exit(f"The server ended with {running.process.returncode}.")
    third = max(1, len(samples) // 3)
    parts = [statistics.median(samples[index * third:(index + 1) * third]) for index in range(3)]
    print(picture(samples))
    print(f"{load.done} answered, {load.left} left early, {load.busy} refused as busy, {len(load.failed)} failed, {len(found)} recordings")
    print("Median resident MiB by third: " + ", ".join(f"{part:.0f}" for part in parts) + f"; most {max(samples):.0f}")
    if wish.svg:
        svg(samples, wish.svg)
    for failure in load.failed[:10]:
        print(f"    {failure}")
    if parts[2] > parts[1] * 1.1 and parts[2] > parts[1] + 32:
        sys.exit("Memory grows.")
    if load.failed or not load.done:
        sys.exit("Requests failed.")
    print("Memory is flat.")


if __name__ == "__main__":
    main()
