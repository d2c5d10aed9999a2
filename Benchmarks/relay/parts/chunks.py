"""Streams of an event every 10 ms: how much later than from the mock itself each event arrives."""

import statistics

import report
from section import Section

COUNTS = [1, 50]
ADDED = 200


def run(setup):
    section = Section("Events of a stream")
    section.add(
        "Every event holds the time at which the mock wrote it. Microseconds until the client has read it, less those of a direct "
        "stream in the same round; the direct stream's own in the first line."
    )
    body, found = setup.body(1, "chunks"), {}
    for count in COUNTS:
        for round_ in range(setup.rounds):
            for gateway in [setup.direct, *setup.gateways]:
                if gateway.is_slow and (round_ > 0 or count > 1):
                    continue
                event = setup.load(gateway, "rate", count, body)["event_us"]
                found.setdefault((gateway.name, count), []).append((event["p50"], event["p99"]))
    header = ["gateway"]
    for count in COUNTS:
        header += [f"{count} stream{'s' if count > 1 else ''} p50", "p99"]
    rows = []
    for gateway in [setup.direct, *setup.gateways]:
        row = [gateway.name]
        for count in COUNTS:
            row += [_cell(found, gateway.name, count, index) for index in (0, 1)]
        rows.append(row)
    section.add(report.table(header, rows, right=range(1, len(header))))
    for count in COUNTS:
        what = f"{count} stream{'s' if count > 1 else ''}: added to an event at p99"
        section.at_most(what, ADDED, _added(found, "elk", count, 1), "µs")
    return section


def _median(found, name, count, index):
    series = found.get((name, count))
    return statistics.median(value[index] for value in series) if series else None


def _added(found, name, count, index):
    return _median(found, name, count, index) - _median(found, "direct", count, index)


def _cell(found, name, count, index):
    value = _median(found, name, count, index)
    if value is None:
        return "—"
    return f"{value:.0f}" if name == "direct" else f"+{_added(found, name, count, index):.0f}"
