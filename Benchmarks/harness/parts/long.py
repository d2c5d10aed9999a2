"""Five minutes of speech as a user would run it."""

from rounds import Task, interleaved, of_workers
from workers import elk, faster_whisper, whisper_cpp

from parts.section import Section, duel


def run(context):
    setup = context.setup
    base, recording = setup.model("base"), setup.long()
    section = Section(f"{recording.name}, {recording.seconds:.0f} s")
    hero = elk(setup, base)
    sequential = [faster_whisper(base, "int8", threads) for threads in ((2,) if context.quick else (1, 2))]
    engines = [hero, elk(setup, base, "half"), *sequential, whisper_cpp(setup.ggml(base), 2)]
    section.add(
        "base; language given, timestamps and fallback on, earlier text as context where that is an engine's default "
        "(not whisper.cpp's binding). The batched pipeline cuts at silence (VAD), takes 8 pieces at once and, by "
        "default, gives no timestamps within a piece."
    )
    workers = {engine.name: engine.start() for engine in engines}
    try:
        for worker in workers.values():
            for beam in (1, 5):
                worker.ask(do="transcribe", samples=str(setup.jfk().samples), beam=beam)
        for beam, what in ((1, "greedy"), (5, "beam 5")):
            _one(context, section, workers, sequential, hero, recording, beam, what)
    finally:
        for worker in workers.values():
            worker.close()
    return section


def _one(context, section, workers, sequential, hero, recording, beam, what):
    command = {"do": "transcribe", "samples": str(recording.samples), "beam": beam}
    tasks = of_workers(workers, **command)
    batched = {}
    for engine in sequential:
        worker = workers[engine.name]
        batched[f"{engine.name}, batched + VAD"] = Task(
            lambda worker=worker: worker.ask(batched=True, **command), (worker.pid,)
        )
    ours = {name for name in tasks if name.startswith("Elk")}
    series = interleaved({**tasks, **batched}, context.runs, warm_up=0, rivals=[ours, set(tasks) - ours, set(batched)])
    duel(section, f"long {what}", series, lambda name: not name.startswith("Elk"), hero.name)
    own = series[hero.name].median
    section.add(f"{hero.name}: {recording.seconds / own:.0f} times faster than real time.")
    one_by_one = min(series[engine.name].median for engine in sequential)
    together = min(series[name].median for name in batched)
    section.at_least(f"long {what}, against faster-whisper sequential", 5, one_by_one / own)
    section.at_least(f"long {what}, against its batched pipeline", 3, together / own)
