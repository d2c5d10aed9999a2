"""Markdown of a run, and its place in a document."""

import os
import platform
import re


def machine():
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as info:
            model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), model)
    except OSError:
        pass
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.machine()}"


def table(header, rows, right=()):
    rule = ["--:" if column in right else "---" for column in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value):
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|")


def between_markers(document, name, text):
    """Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` in a file."""
    content = document.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if content.count(begin) != 1 or content.count(end) != 1:
        raise SystemExit(f"{document} has not exactly one pair of the markers {begin} and {end}")
    head, rest = content.split(begin)
    _, tail = rest.split(end)
    document.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", encoding="utf-8")
