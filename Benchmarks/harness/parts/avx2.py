"""Everybody held to AVX2."""

from workers import elk, peers

from parts.section import Section, contest


def run(context):
    setup, section = context.setup, Section("AVX2 forced")
    base, jfk = setup.model("base"), setup.jfk()
    hero = elk(setup, base).forcing(ELK_KERNELS="avx2")
    others = [
        engine.forcing(DNNL_MAX_CPU_ISA="AVX2", CT2_FORCE_CPU_ISA="AVX2")
        for engine in peers(base, setup.ggml(base), context.quick)
    ]
    section.add(
        "jfk with base; `ELK_KERNELS=avx2`, `DNNL_MAX_CPU_ISA=AVX2` and `CT2_FORCE_CPU_ISA=AVX2` for faster-whisper, "
        "whisper.cpp as its wheel is (AVX2)."
    )
    for beam, what in ((1, "AVX2, jfk greedy"), (5, "AVX2, jfk beam 5")):
        command = {"do": "transcribe", "samples": str(jfk.samples), "beam": beam}
        contest(section, what, [hero, *others], context.runs, hero.name, 2, **command)
    return section
