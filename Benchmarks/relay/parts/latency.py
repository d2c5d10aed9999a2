"""One connection: the time of an answer, less that of a direct call in the same round."""

import statistics

import report
from section import Section

SIZES = [(1, "plain"), (32, "plain"), (400, "plain"), (1, "burst"), (32, "burst")]
ADDED = 150


def run(setup):
    section = Section("One connection")
    section.add(
        "Microseconds that a gateway adds to a direct call, at the median (p50) and at p99; the direct call's own in the first line. "
        "`burst` is a stream of 50 events that the mock writes at once."
    )
    header = ["gateway", *(f"{kib} KiB {mode} p50" for kib, mode in SIZES), "1 KiB plain p99"]
    direct, found = setup.direct, {}
    for kib, mode in SIZES:
        body = setup.body(kib, mode)
        for round_ in range(setup.rounds):
            for gateway in [direct, *setup.gateways]:
                if gateway.is_slow and (round_ > 0 or kib > 1):
                    continue
                answer = setup.load(gateway, "rate", 1, body)["answer_us"]
                found.setdefault((gateway.name, kib, mode), []).append((answer["p50"], answer["p99"]))
    rows = []
    for gateway in [direct, *setup.gateways]:
        cells = [_cell(found, gateway.name, kib, mode, 0) for kib, mode in SIZES]
        rows.append([gateway.name, *cells, _cell(found, gateway.name, 1, "plain", 1)])
    section.add(report.table(header, rows, right=range(1, len(header))))
    added = _added(found, "elk", 1, "plain", 0)
    section.at_most("1 KiB, one connection: added at p50", ADDED, added, "µs")
    return section


def _median(found, name, kib, mode, index):
    series = found.get((name, kib, mode))
    return statistics.median(value[index] for value in series) if series else None


def _added(found, name, kib, mode, index):
    return _median(found, name, kib, mode, index) - _median(found, "direct", kib, mode, index)


def _cell(found, name, kib, mode, index):
    value = _median(found, name, kib, mode, index)
    if value is None:
        return "—"
    return f"{value:.0f}" if name == "direct" else f"+{_added(found, name, kib, mode, index):.0f}"
