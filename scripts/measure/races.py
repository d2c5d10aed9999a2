"""Prints the reports of the thread sanitizer in a folder, but for those that it makes of any contended `Mutex` of Swift's.

That lock sleeps in the kernel (`FUTEX_LOCK_PI`), which hands it over unseen by the sanitizer; a program of ten lines that only counts
under a `Mutex` on four threads is reported too (Swift 6.3). So a report is left out when both of its accesses are made inside of
`withLock`: that is the only way to the value of a `Mutex`. A race between two different locks would be left out too. Exits with 1 when
any other report is left.
"""

import re
import sys
from pathlib import Path

# How the closure that `withLock` calls, a function of an `inout sending` value, is written in a symbol.
LOCKED = re.compile(r"zYuYT[A-Za-z]*XE")
ACCESS = re.compile(r"^ +(?:Modifying access|Previous \w+|Read|Write|Atomic)\b.* by (?:thread|main)", re.MULTILINE)


def is_under_lock(report):
    stacks = [part for part in report.split("\n\n") if ACCESS.search(part)]
    return len(stacks) == 2 and all(LOCKED.search(stack) for stack in stacks)


def main():
    left, out = [], 0
    for path in sorted(Path(sys.argv[1]).iterdir()):
        for report in path.read_text(encoding="utf-8", errors="replace").split("=" * 18 + "\n"):
            if "SUMMARY: " not in report:
                continue
            if is_under_lock(report):
                out += 1
            else:
                left.append(report)
    if out:
        print(f"{out} reports left out: of accesses under one of Swift's locks, whose hand-over in the kernel the sanitizer cannot see.")
    print("\n".join(left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
