"""Measures what Elk adds to a call, beside other gateways, and writes the tables into docs/performance.md.

Keys, prices, a prepaid balance, metering and the ledger are on in Elk. Only a whole run is written; --quick and --only print.
Takes about a quarter of an hour on two cores.
"""

import argparse
import importlib
import platform
import shlex
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# What the other measuring scripts have, behind our own: the document, the watch on foreign load.
sys.path += [str(ROOT / "scripts" / "measure"), str(HERE.parent / "harness")]

# In the order of the document: module in parts/, what it measures.
PARTS = {
    "latency": "one connection: what a gateway adds to a direct call",
    "rate": "32 connections: requests a second",
    "chunks": "what a gateway adds to each event of a stream",
    "memory": "resident memory: idle, with 1000 open streams, with 2000 slow readers",
}
PEERS = ["nginx", "vllm-router", "ferrogw", "litellm"]


def arguments():
    listing = "\n".join(f"  {name:10} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="Benchmarks/gateway",
        description=f"{__doc__}\nparts:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help="may be given more than once")
    parser.add_argument("--peer", action="append", choices=PEERS, metavar="PEER", help="only these beside Elk")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each measurement (default 5)")
    parser.add_argument("--seconds", type=float, default=4, metavar="S", help="of one measurement (default 4)")
    parser.add_argument("--quick", action="store_true", help="one short round each")
    return parser.parse_args()


def main():
    chosen = arguments()
    import report
    from setup import Setup

    rounds, seconds = (1, 2.0) if chosen.quick else (max(1, chosen.rounds), chosen.seconds)
    sections, failures = [], []
    with Setup(chosen.peer or PEERS, rounds, seconds) as setup:
        for name in chosen.only or PARTS:
            print(f"==> {PARTS[name]}", file=sys.stderr)
            try:
                section = importlib.import_module(f"parts.{name}").run(setup)
            except Exception as error:  # One part that breaks must not cost the others' minutes.
                traceback.print_exc()
                failures.append(f"{PARTS[name]}: failed with {type(error).__name__}: {error}")
                continue
            sections.append(section)
            print(f"{section.markdown()}\n", flush=True)
        left_out = [*setup.left_out, *failures]
        notes = _notes(setup, rounds, seconds, left_out, report)
    rows = [
        [goal.what, goal.goal, goal.measured, "yes" if goal.is_met else "**no**"]
        for section in sections
        for goal in section.goals
    ]
    summary = report.table(["what", "goal", "measured", "met"], rows, right=(1, 2))
    print(f"{summary}\n\n{notes}")
    if not chosen.quick and not chosen.only and not chosen.peer:
        text = "\n\n".join([notes, summary, *(section.markdown() for section in sections)])
        report.between_markers(ROOT / "docs" / "performance.md", "gateway", text)
    sys.exit(1 if failures else 0)


def _notes(setup, rounds, seconds, left_out, report):
    command = shlex.join(["Benchmarks/gateway", *sys.argv[1:]])
    versions = ", ".join(f"{peer.name} {peer.version}" for peer in setup.gateways if peer.version)
    lines = [
        f"Made by `{command}` on {time.strftime('%Y-%m-%d %H:%M')}: {report.machine()}; {versions}; "
        f"Python {platform.python_version()}; {rounds} round{'s' if rounds > 1 else ''} of {seconds:g} s each, medians.",
        "Clients, gateway and mock share the cores; the mock and the clients are one thread of C each, with TCP_NODELAY. "
        "All gateways are up all the time and take turns. In Elk a key, prices, a prepaid balance, metering and the ledger "
        "are on; nginx and vllm-router know no keys.",
    ]
    if setup.foreign:
        loud = [load for load in setup.foreign if load > 0.05]
        lines.append(
            f"Others took {sorted(setup.foreign)[len(setup.foreign) // 2]:.0%} of all cores (median), at most "
            f"{max(setup.foreign):.0%}."
            + (f" **Not a quiet machine** in {len(loud)} of {len(setup.foreign)} measurements." if loud else "")
        )
    if left_out:
        lines.append("Left out:\n\n" + "\n".join(f"- {line}" for line in left_out))
    return "\n\n".join(lines)


if __name__ == "__main__":
    main()
