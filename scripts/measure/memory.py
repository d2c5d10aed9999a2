"""Measures the memory of `elk serve`: idle without a model, and its peak while it transcribes the five-minute recording.

Writes the numbers into docs/performance.md. Exits with 1 when one is over its limit.
"""

import argparse
import sys
import time

import elk
import recordings
import report
import server

IDLE_LIMIT = 40
WORK_LIMIT = 150
RECORDING = "long_en_dev.mp3"


def weights_in_memory(model, bytes_per_weight):
    """MiB of the weights, from the size of the CTranslate2 file, which holds two bytes a weight."""
    return (elk.models_folder() / model / "model.bin").stat().st_size / 2 * bytes_per_weight / 2**20


def main():
    parser = argparse.ArgumentParser(prog="scripts/memory", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--bytes-per-weight", type=float, default=1, help="how the engine keeps weights (default 1)")
    arguments = parser.parse_args()
    folder = recordings.audio_folder()
    if folder is None:
        sys.exit(f"Left out: {RECORDING} is in the test recordings (../shared/audio, or ELK_TEST_AUDIO), which are not here.")
    content = (folder / RECORDING).read_bytes()

    with server.running() as running:
        time.sleep(2)
        idle = running.memory()
        answer = running.transcribe(RECORDING, content, model=arguments.model)
        if answer.status != 200:
            sys.exit(f"The server answered {answer.status}: {answer.body[:500]!r}")
        after = running.memory()

    weights = weights_in_memory(arguments.model, arguments.bytes_per_weight)
    rows = [
        ("idle, no model loaded (VmRSS)", f"{idle['VmRSS']:.0f} MiB", f"≤ {IDLE_LIMIT} MiB"),
        (
            f"peak while transcribing {RECORDING} with {arguments.model} (VmHWM)",
            f"{after['VmHWM']:.0f} MiB",
            f"≤ {weights + WORK_LIMIT:.0f} MiB = weights {weights:.0f} + {WORK_LIMIT}",
        ),
        ("afterwards (VmRSS)", f"{after['VmRSS']:.0f} MiB", "—"),
        ("seconds for the request", f"{answer.seconds:.1f}", "—"),
    ]
    holds = idle["VmRSS"] <= IDLE_LIMIT and after["VmHWM"] <= weights + WORK_LIMIT
    text = report.table(("what", "measured", "limit"), rows, right=(1,))
    print(text)
    made = f"Made by `scripts/memory` on {time.strftime('%Y-%m-%d')}: {report.machine()}."
    report.between_markers(recordings.ROOT / "docs" / "performance.md", "memory", f"{made}\n\n{text}")
    print("Within the limits." if holds else "Over a limit.")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
