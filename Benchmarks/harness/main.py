"""Measures Elk's speech engine, its peers and the machine in turns, and writes the tables into docs/performance.md.

Only a whole run is written; --quick and --only print. Takes about an hour on two cores.
"""

import argparse
import importlib
import os
import platform
import shlex
import sys
import time
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# What the other measuring scripts have: the server, the recordings, the document.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "measure"))

# In the order of the document: module in parts/, what it measures.
PARTS = {
    "warm": "jfk warm, greedy and beam 5, and through HTTP",
    "long": "five minutes of speech",
    "start": "process start to printed text",
    "limits": "ceilings, floors, where the time goes",
    "memory": "peak memory of the server",
    "avx2": "everybody held to AVX2",
    "small": "random weights of the shape of small",
    "neighbour": "beside a process that eats one core",
    "servers": "other speech servers, one client and many",
}


@dataclass
class Context:
    setup: object
    runs: int
    quick: bool


def arguments():
    listing = "\n".join(f"  {name:10} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="Benchmarks/speech",
        description=f"{__doc__}\nparts:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help="may be given more than once")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each measurement (default 5)")
    parser.add_argument("--quick", action="store_true", help="one run each, fewer peers and parts")
    return parser.parse_args()


def main():
    chosen = arguments()
    parts = chosen.only or [name for name in PARTS if not (chosen.quick and name in ("avx2", "small", "memory", "servers"))]
    import report
    import rounds
    from prepare import ROOT, Setup

    setup = Setup()
    os.environ.setdefault("ELK_TEST_MODELS", str(setup.model("base").parent))
    context = Context(setup, 1 if chosen.quick else max(1, chosen.runs), chosen.quick)
    sections, failures = [], []
    for name in parts:
        print(f"==> {PARTS[name]}", file=sys.stderr)
        try:
            section = importlib.import_module(f"parts.{name}").run(context)
        except (Exception, SystemExit) as error:  # One part that breaks must not cost the others' hour.
            traceback.print_exc()
            failures.append(f"{PARTS[name]}: failed with {type(error).__name__}: {error}")
            continue
        sections.append(section)
        print(f"{section.markdown()}\n", flush=True)
    goals = [goal for section in sections for goal in section.goals]
    rows = [[goal.what, goal.goal, goal.measured, "yes" if goal.is_met else "**no**"] for goal in goals]
    summary = report.table(["what", "goal", "measured", "met"], rows, right=(1, 2))
    print(summary)
    notes = _notes(context, failures, report, rounds)
    print(f"\n{notes}")
    if not chosen.quick and not chosen.only:
        text = "\n\n".join([notes, summary, *(section.markdown() for section in sections)])
        report.between_markers(ROOT / "docs" / "performance.md", "speech", text)
    sys.exit(1 if failures else 0)


def _notes(context, failures, report, rounds):
    """How the numbers were made and what they leave out."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("faster-whisper", "ctranslate2", "pywhispercpp"))
    command = shlex.join(["Benchmarks/speech", *sys.argv[1:]])
    lines = [
        f"Made by `{command}` on {time.strftime('%Y-%m-%d %H:%M')}: {report.machine()}; {versions}; "
        f"Python {platform.python_version()}; {context.runs} run{'s' if context.runs > 1 else ''} of each.",
        "All configurations took turns in the same run, each in a warm process of its own that slept meanwhile. "
        "Foreign load is the share of all cores that other processes, and the host, took during the runs: median and "
        "highest. Peers ran with their libraries' defaults but for what the tables name. Of minutes-long measurements the "
        "clearly slower configurations of the same engine or kind ran once.",
    ]
    loud = [load for _, load in rounds.measured if load > rounds.QUIET]
    if loud:
        lines.append(
            f"**Not a quiet machine:** in {len(loud)} of {len(rounds.measured)} series others took more than "
            f"{rounds.QUIET:.0%} of all cores, up to {max(loud):.0%} (medians). Goals, met or not, mean little."
        )
    left_out = [
        *context.setup.left_out,
        "whisper.cpp is the one of PyPI (AVX2) but for its server, which is a native build.",
        *failures,
    ]
    return "\n\n".join([*lines, "Left out:\n\n" + "\n".join(f"- {line}" for line in left_out)])


if __name__ == "__main__":
    main()
