"""Measurements that take turns, so that a slow minute of the machine is one for everybody."""

import statistics
import sys
import time
from dataclasses import dataclass, field

from load import Watch

# Threads of some libraries spin this long after their last work.
REST = 0.3


@dataclass
class Series:
    """The runs of one configuration."""

    seconds: list = field(default_factory=list)
    foreign: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def text(self):
        return self.answers[-1].get("text", "")

    def cells(self):
        """Median, range and foreign load, as a table shows them."""
        spread = f"{seconds(min(self.seconds))}–{seconds(max(self.seconds))}" if len(self.seconds) > 1 else "ran once"
        return [
            seconds(self.median),
            spread,
            f"{statistics.median(self.foreign):.0%} (≤ {max(self.foreign):.0%})",
        ]


# Above this share of foreign load, numbers mean little.
QUIET = 0.05

# Rivals that take this many times the time of the fastest are out after their first run.
OUT = 1.25

# (name, foreign load) of every series of this process that was to run undisturbed.
measured = []

HEADER = ["median", "range", "foreign load"]


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


@dataclass
class Task:
    """Something that is measured: `run()` answers with a dictionary, which may hold the seconds it took."""

    run: object
    pids: tuple = ()
    # Whether another process eats a core on purpose.
    is_disturbed: bool = False


def interleaved(tasks, count, warm_up=1, rivals=()):
    """Runs {name: Task} in turns, `count` times after `warm_up` times that do not count. Returns {name: Series}.

    Of each set of `rivals` only those near the fastest go on after the first turn; the others keep that one run.
    """
    found = {name: Series() for name in tasks}
    out = set()
    for turn in range(-warm_up, count):
        first = turn == -warm_up
        for name, task in tasks.items():
            if name in out:
                continue
            time.sleep(REST)
            with Watch(task.pids) as watch:
                answer = task.run() or {}
            if turn >= 0 or first:
                found[name].seconds.append(answer.get("seconds", watch.seconds))
                found[name].foreign.append(watch.foreign)
                found[name].answers.append(answer)
            print(f"    {name}: {answer.get('seconds', watch.seconds):.3f} s", file=sys.stderr)
        if first:
            out = _slow(found, rivals) if count > 1 else set()
            if warm_up:
                found.update({name: Series() for name in tasks if name not in out})
    for name, task in tasks.items():
        if not task.is_disturbed:
            measured.append((name, statistics.median(found[name].foreign)))
    return found


def _slow(found, rivals):
    slow = set()
    for names in rivals:
        best = min((found[name].median for name in names), default=0)
        slow |= {name for name in names if found[name].median > OUT * best}
    return slow


def of_workers(workers, **command):
    """A task for each of {name: Worker}."""
    return {name: _task(worker, command) for name, worker in workers.items()}


def _task(worker, command):
    return Task(lambda: worker.ask(**command), (worker.pid,))
