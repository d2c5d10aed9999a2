"""Resident memory: at rest, with a thousand open streams, with two thousand clients that hardly read."""

import time

import report
from section import Section

OPEN, SLOW = 1000, 2000
IDLE_LIMIT, OPEN_LIMIT = 40, 150
# A slow reader may fill the gateway's buffers and no more.
SLOW_LIMIT = 600


def run(setup):
    section = Section("Memory")
    section.add(
        f"MiB of resident memory, of all processes of a gateway. Idle: just started anew after one request. {OPEN:,} streams: each with "
        f"an event a second. {SLOW:,} slow readers: each of a stream of 10 MiB, taking 1 KiB a second; the highest of ten seconds."
    )
    rows = []
    for gateway in setup.gateways:
        idle = gateway.resident()
        row = [gateway.name, f"{idle:.0f}"]
        opened = _held(setup, gateway, "hold", OPEN, setup.body(1, "open"), 6)
        slow = None if gateway.is_slow else _held(setup, gateway, "slow", SLOW, setup.body(1, "big"), 12)
        row += [_cell(opened), _cell(slow)]
        rows.append(row)
        if gateway.name == "elk":
            section.at_most("idle", IDLE_LIMIT, idle, "MiB")
            if isinstance(opened, float):
                section.at_most(f"{OPEN:,} open streams", OPEN_LIMIT, opened, "MiB")
            if isinstance(slow, float):
                section.at_most(f"{SLOW:,} slow readers of 10 MiB", SLOW_LIMIT, slow, "MiB")
    header = ["gateway", "idle", f"{OPEN:,} open streams", f"{SLOW:,} slow readers"]
    section.add(report.table(header, rows, right=(1, 2, 3)))
    return section


def _held(setup, gateway, kind, count, body, seconds):
    """The highest resident memory while the streams are open; a text where they could not be opened."""
    try:
        clients = setup.hold(gateway, kind, count, body, seconds + 20)
    except RuntimeError as error:
        return f"failed: {str(error)[:60]}"
    highest = 0.0
    try:
        for _ in range(seconds * 2):
            time.sleep(0.5)
            highest = max(highest, gateway.resident())
    finally:
        clients.terminate()
        clients.wait()
    time.sleep(1)
    return highest


def _cell(value):
    if value is None:
        return "—"
    return f"{value:.0f}" if isinstance(value, float) else value
