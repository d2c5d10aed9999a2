"""What the machine can do, and how near to it the engine is."""

import statistics

import report
from rounds import interleaved, of_workers
from workers import Worker, elk

from parts import floors
from parts.section import Section

STAGES = {
    "features": "mel",
    "voiceActivity": "voice activity",
    "convolutions": "convolutions",
    "encoderAttention": "encoder attention",
    "encoderProducts": "encoder projections, MLP",
    "crossProjection": "cross keys and values",
    "decoderProducts": "decoder projections, MLP",
    "selfAttention": "self-attention",
    "crossAttention": "cross-attention",
    "logits": "logits",
    "rules": "rules, search, text",
}

# Per thread within L2, then L3, then what no cache of this kind of machine holds.
SIZES = [1 << 20, 8 << 20, 24 << 20]
BEYOND = 256 << 20

# As many as the loops of CCeilings have.
TRIES = 7


def run(context):
    setup, section = context.setup, Section("The limits of this machine")
    base, jfk = setup.model("base"), str(setup.jfk().samples)
    workers = {threads: elk(setup, base, threads=threads).start() for threads in (1, 2)}
    meter = Worker([setup.bench])
    try:
        first = workers[2].ask(do="transcribe", samples=jfk)
        shape, passes = first["shape"], first["stages"]["steps"]
        working_set = sum(floors.step_bytes(shape, 20).values())
        behind = {"others": floors.encoder_bytes(shape), "bytes": working_set, "passes": passes}
        sizes = [*SIZES, working_set, BEYOND]
        tasks = {}
        for threads, worker in workers.items():
            ceilings = of_workers({f"ceilings {threads}T": meter}, do="ceilings", threads=threads, bytes=sizes, behind=behind)
            # The floors are those of a whole window.
            whole = {"do": "transcribe", "samples": jfk, "window": "full"}
            tasks.update(ceilings)
            tasks.update(of_workers({f"elk {threads}T once": worker}, **whole))
            tasks.update(of_workers({f"elk {threads}T": worker}, **whole, tries=TRIES))
        series = interleaved(tasks, context.runs)
        rates = {threads: _ceilings(series[f"ceilings {threads}T"]) for threads in workers}
        _ceiling_table(section, rates, sizes, behind)
        if rates[2]["int8"] == 0:
            section.add("Left out: floors. There are no loops for the instructions of this processor.")
        else:
            for threads in workers:
                _nearness(section, shape, rates[threads], series, threads)
        _shares(context, section, workers[2], jfk)
    finally:
        for worker in (*workers.values(), meter):
            worker.close()
    return section


def _ceilings(series):
    """{"int8": …, "bandwidth": […], "best bandwidth": […], "behind": …, "best behind": …, "instructions": …}.

    Rates are the best of all runs, as noise only lowers them. What memory gives depends on where the host has put the cores and who else
    is there, for minutes: the best of all runs is another machine than most of them had. So that is the median, like the times beside it.
    """
    answers = series.answers
    found = {kind: max(answer["rates"][kind] for answer in answers) for kind in answers[0]["rates"]}
    bandwidths = list(zip(*(answer["bandwidth"] for answer in answers)))
    found["bandwidth"] = [statistics.median(values) for values in bandwidths]
    found["best bandwidth"] = [max(values) for values in bandwidths]
    found["behind"] = statistics.median(answer["bandwidthBehind"] for answer in answers)
    found["best behind"] = max(answer["bandwidthBehind"] for answer in answers)
    found["instructions"] = answers[0]["instructions"]
    return found


def _ceiling_table(section, rates, sizes, behind):
    section.add(
        "Loops over registers (two operations a multiply-add) and sums over memory that is read again and again, each "
        "the best of seven tries in every run; of the runs the best, and for memory, which changes with where the host has put the two "
        "cores, the median and the best. A floor that was measured on a busy machine is too high. Elk beside its floors is measured like "
        "the loops, the best of seven tries in a row in every run and the median of the runs; *once* is a single try after a rest, "
        "behind other work, as in all other tables. A decoder reads its weights in turns with an encoder, whose memory it finds in the caches: "
        "its ceiling is measured in the same way, by loops that read as much as often as the decoder does for jfk, behind as much "
        "memory as an encoder touches, which is read but not timed."
    )
    rows = []
    for kind, unit in (("int8", "Gop/s"), ("int16", "Gop/s"), ("bf16", "GFLOP/s"), ("f32", "GFLOP/s"), ("exp", "G/s")):
        figures = [f"{rates[threads][kind] / 1e9:.0f} {unit}" for threads in rates]
        rows.append([f"{kind}: {rates[1]['instructions'][kind]}", *figures])
    for index, size in enumerate(sizes):
        note = ", what a decoder step touches" if size == behind["bytes"] else ""
        figures = [_bandwidth(found["bandwidth"][index], found["best bandwidth"][index]) for found in rates.values()]
        rows.append([f"read {size / 1e6:.0f} MB{note}", *figures])
    name = f"read {behind['bytes'] / 1e6:.0f} MB {behind['passes']} times, behind {behind['others'] / 1e6:.0f} MB"
    rows.append([name, *(_bandwidth(found["behind"], found["best behind"]) for found in rates.values())])
    section.add(report.table(["ceiling", "1 thread", "2 threads"], rows, right=(1, 2)))


def _bandwidth(median, best):
    return f"{median / 1e9:.0f} (≤ {best / 1e9:.0f}) GB/s"


def _nearness(section, shape, rates, series, threads):
    tries, once = (
        [answer["stages"] for answer in series[name].answers] for name in (f"elk {threads}T", f"elk {threads}T once")
    )
    window = _against_floor(section, f"encoder, one window, {threads}T", floors.encoder(shape, rates), tries, once, "windows")
    # Half of the tokens of jfk are in the cache on average.
    position = statistics.median(stage["steps"] for stage in tries) / 2
    shares = floors.step(shape, rates["behind"], position)
    step = _against_floor(section, f"greedy decoder step, {threads}T", shares, tries, once, "steps")
    best = step * rates["best behind"] / rates["behind"]
    again, best_again = (step * rates[kind][len(SIZES)] / rates["behind"] for kind in ("bandwidth", "best bandwidth"))
    section.add(
        f"With the best bandwidth of all runs in the place of the median that ratio is {best:.2f}; over loops that read the same memory again "
        f"and again, with nothing between, {again:.2f} (median) and {best_again:.2f} (best)."
    )
    if threads == 2:
        section.at_most("encoder, over its floor", 1.35, window, "times")
        section.at_most("greedy decoder step, over loops that read as it does, behind an encoder", 1.5, step, "times")
        section.at_most("greedy decoder step, over loops that read again and again", 1.5, again, "times")


def _against_floor(section, title, shares, tries, once, unit):
    """Adds the table of a pass and returns measured / floor of the whole."""
    rows = [_floor_row(share.name, share.amount, share.floor, share.stages, tries, once, unit) for share in shares]
    floor = sum(share.floor for share in shares)
    # The whole of each run, not the sum of the medians.
    names = [name for share in shares for name in share.stages]
    rows.append(_floor_row("together", "", floor, names, tries, once, unit))
    section.add(report.table([title, "work", "floor", "measured", "ratio", "once", "ratio"], rows, right=range(1, 7)))
    return _typical(names, tries, unit) / floor


def _typical(names, runs, unit):
    """Seconds of some stages for each of a run's windows or steps: the median of the runs."""
    return statistics.median(sum(stages[name] for name in names) / stages[unit] for stages in runs)


def _floor_row(name, amount, floor, names, tries, once, unit):
    cells = [name, amount, f"{floor * 1000:.3f} ms"]
    for runs in (tries, once):
        took = _typical(names, runs, unit)
        cells += [f"{took * 1000:.3f} ms", f"{took / floor:.2f}"]
    return cells


def _shares(context, section, worker, jfk):
    """Where the time goes, for the recordings and searches of the tables above."""
    long = context.setup.long()
    cases = {
        "jfk greedy": (jfk, 1),
        "jfk beam 5": (jfk, 5),
        "long greedy": (str(long.samples), 1),
        "long beam 5": (str(long.samples), 5),
    }
    columns = {}
    for name, (samples, beam) in cases.items():
        tasks = of_workers({name: worker}, do="transcribe", samples=samples, beam=beam)
        runs = interleaved(tasks, context.runs, warm_up=0)[name].answers
        columns[name] = {stage: statistics.median(run["stages"][stage] for run in runs) for stage in runs[0]["stages"]}
    rows = []
    totals = {name: sum(column[stage] for stage in STAGES) for name, column in columns.items()}
    for stage, title in STAGES.items():
        times = {name: column[stage] for name, column in columns.items()}
        cells = [f"{took * 1000:.1f} ms, {took / totals[name]:.0%}" for name, took in times.items()]
        rows.append([title, *cells])
    rows.append(["together", *(f"{total * 1000:.1f} ms" for total in totals.values())])
    counts = [f"{column['windows']}; {column['steps']}" for column in columns.values()]
    rows.append(["windows; decoder passes", *counts])
    section.add("Where the time of Elk int8 with 2 threads goes (medians, so columns need not add up):")
    section.add(report.table(["stage", *columns], rows, right=(1, 2, 3, 4)))
