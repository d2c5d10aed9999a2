"""32 connections: how many requests a second come through."""

import statistics

import report
from section import Section

CONNECTIONS = 32
SIZES = [(1, "plain"), (32, "plain"), (400, "plain"), (1, "burst")]
FACTOR = 1.2


def run(setup):
    section = Section(f"{CONNECTIONS} connections")
    section.add("Requests a second, and the p99 of an answer in milliseconds.")
    found = {}
    for kib, mode in SIZES:
        body = setup.body(kib, mode)
        for round_ in range(setup.rounds):
            for gateway in [setup.direct, *setup.gateways]:
                if gateway.is_slow and (round_ > 0 or kib > 1):
                    continue
                answer = setup.load(gateway, "rate", CONNECTIONS, body)
                found.setdefault((gateway.name, kib, mode), []).append((answer["rate"], answer["answer_us"]["p99"] / 1000))
    header = ["gateway"]
    for kib, mode in SIZES:
        header += [f"{kib} KiB {mode}", "p99"]
    rows = []
    for gateway in [setup.direct, *setup.gateways]:
        row = [gateway.name]
        for kib, mode in SIZES:
            row += _cells(found.get((gateway.name, kib, mode)))
        rows.append(row)
    section.add(report.table(header, rows, right=range(1, len(header))))
    elk, router = found.get(("elk", 1, "plain")), found.get(("vllm-router", 1, "plain"))
    if elk and router:
        section.at_least("1 KiB, 32 connections: rate over vllm-router's", FACTOR, _of(elk, 0) / _of(router, 0), "times")
        section.at_most("1 KiB, 32 connections: p99, with vllm-router's as the limit", _of(router, 1), _of(elk, 1), "ms")
    return section


def _of(series, index):
    return statistics.median(value[index] for value in series)


def _cells(series):
    return [f"{_of(series, 0):,.0f}", f"{_of(series, 1):.2f}"] if series else ["—", "—"]
