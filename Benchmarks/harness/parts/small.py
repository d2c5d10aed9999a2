"""The shape of small with random weights: speed only."""

from workers import elk, peers

from parts.section import Section, contest

# What peer.py asks for, and the most the engine takes.
TOKENS = 224


def run(context):
    setup, section = context.setup, Section("small, random weights of its shape: speed only")
    folder, safetensors, ggml = setup.random_small()
    window = setup.thirty_seconds()
    hero = elk(setup, safetensors)
    engines = [hero, *peers(folder, ggml, context.quick)]
    section.add(
        f"One window and {TOKENS} forced tokens without timestamps: the end of text is suppressed or, with these "
        "weights, never likely. There is no text to compare. Real weights of small cannot be had from packages."
    )
    for beam, what in ((1, "small greedy"), (5, "small beam 5")):
        series = contest(
            section,
            what,
            engines,
            context.runs,
            hero.name,
            3,
            has_heats=True,
            do="forced",
            samples=str(window.samples),
            beam=beam,
        )
        for name, found in series.items():
            steps = _steps(found.answers[-1])
            # whisper.cpp keeps four tokens in reserve.
            if abs(steps - TOKENS) > 4:
                section.add(f"Not comparable: {name} ended after {steps} tokens.")
    return section


def _steps(answer):
    """Passes of the decoder; the engine counts them, peers count tokens."""
    return answer["stages"]["steps"] if "stages" in answer else answer["steps"]
