"""What a part hands back, and the tables most of them share."""

import re
from dataclasses import dataclass, field

import report
from rounds import HEADER, interleaved, of_workers


@dataclass
class Goal:
    what: str
    goal: str
    measured: str
    is_met: bool


@dataclass
class Section:
    title: str
    text: list = field(default_factory=list)
    goals: list = field(default_factory=list)

    def add(self, text):
        self.text.append(text)

    def at_least(self, what, factor, measured):
        self.goals.append(Goal(what, f"≥ {factor:g} times", f"{measured:.1f} times", measured >= factor))

    def at_most(self, what, limit, measured, unit, digits=2):
        figure = f"{measured:.{digits}f} {unit}".strip()
        self.goals.append(Goal(what, f"≤ {limit:g} {unit}".strip(), figure, measured <= limit))

    def markdown(self):
        return "\n\n".join([f"### {self.title}", *self.text])


def duel(section, what, series, is_peer, hero, factor=None):
    """Adds a table of one contest: the hero's factor over each other, and the goal against the fastest peer."""
    reference = words(series[hero].text)
    rows = []
    for name, found in series.items():
        unlike = "—" if name == hero else str(distance(reference, words(found.text)))
        rows.append([name, *found.cells(), f"{found.median / series[hero].median:.1f}", unlike])
    header = [what, *HEADER, "of Elk's time", "words unlike Elk's"]
    section.add(report.table(header, rows, right=(1, 2, 3, 4, 5)))
    fastest = min((name for name in series if is_peer(name)), key=lambda name: series[name].median, default=None)
    if fastest is None:
        return
    times = series[fastest].median / series[hero].median
    section.add(f"{hero}: **{times:.1f} times** faster than the fastest peer ({fastest}).")
    if factor:
        section.at_least(f"{what}, against {fastest}", factor, times)


def contest(section, what, engines, count, hero, factor=None, has_heats=False, **command):
    """Runs engines in turns on one command and adds their table. Returns {name: Series}.

    With heats, peers that are clearly slower than another run only once.
    """
    workers = {engine.name: engine.start() for engine in engines}
    peer_names = {engine.name for engine in engines if engine.is_peer}
    try:
        series = interleaved(of_workers(workers, **command), count, rivals=[peer_names] if has_heats else ())
    finally:
        for worker in workers.values():
            worker.close()
    duel(section, what, series, peer_names.__contains__, hero, factor)
    return series


def words(text):
    return re.findall(r"\w+", text.lower())


def distance(a, b):
    """Words to insert, delete or replace."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (left != right))
    return row[-1]
