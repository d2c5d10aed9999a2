"""CPU time of this machine and of some processes, to tell how much of a measurement others took."""

import os
import time

TICK = os.sysconf("SC_CLK_TCK")
CORES = len(os.sched_getaffinity(0))


def machine():
    """Seconds that all cores were busy since the start of the machine; what the host took away counts."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, soft, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / TICK


def of_process(pid):
    """Seconds a process and its ended children have used; 0 for one that is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK


class Watch:
    """Counts the share of the machine that processes other than these and this one take while it is entered."""

    def __init__(self, pids):
        self.pids = [os.getpid(), *pids]

    def __enter__(self):
        self.start = time.monotonic(), machine(), self._own()
        return self

    def __exit__(self, *_):
        start, busy, own = self.start
        self.seconds = time.monotonic() - start
        foreign = machine() - busy - (self._own() - own)
        self.foreign = max(0.0, foreign / (self.seconds * CORES))

    def _own(self):
        return sum(of_process(pid) for pid in self.pids)
