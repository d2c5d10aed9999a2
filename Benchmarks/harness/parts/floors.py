"""The least time the work of a network can take on a machine with given ceilings."""

from dataclasses import dataclass


@dataclass
class Share:
    """One part of a pass: what it works on, in whose ceiling, and the stages of the engine that do it."""

    name: str
    stages: tuple
    amount: str
    floor: float


def encoder(shape, rates):
    """Parts of one window. `rates` are operations a second: int8, int16, bf16, exp."""
    width, positions = shape["width"], shape["audioContext"]
    layers, decoder_layers = shape["encoderLayers"], shape["decoderLayers"]
    convolutions = 2 * positions * 3 * width * (2 * shape["bands"] + width)
    linear = layers * 2 * positions * 12 * width**2
    attention = layers * 4 * positions**2 * width
    exponentials = layers * shape["heads"] * positions**2
    cross = decoder_layers * 2 * positions * 2 * width**2
    return [
        Share("convolutions", ("convolutions",), f"{giga(convolutions)} at int16", convolutions / rates["int16"]),
        Share("projections and MLP", ("encoderProducts",), f"{giga(linear)} at int8", linear / rates["int8"]),
        Share(
            "attention",
            ("encoderAttention",),
            f"{giga(attention)} at int16, {exponentials / 1e6:.0f} M exp",
            attention / rates["int16"] + exponentials / rates["exp"],
        ),
        Share("cross-attention keys and values", ("crossProjection",), f"{giga(cross)} at int8", cross / rates["int8"]),
    ]


def encoder_bytes(shape):
    """Bytes that a window touches before its first token: int8 weights, and the floats that layers hand each other (the window, what
    attention reads and writes). What stays within a block of rows is not counted."""
    width, layers = shape["width"], shape["encoderLayers"] * 12 + shape["decoderLayers"] * 2
    return layers * width**2 + shape["audioContext"] * width * 4 * (1 + 3 + 1)


def step_bytes(shape, position):
    """Bytes that one greedy token touches.

    Weights are int8, and so are keys and values of the window, with a step for each of a head's 64; those of the text are 16 bits wide. Of the
    vocabulary's weights the upper four bits are read, and hardly any of the lower ones.
    """
    width, layers = shape["width"], shape["decoderLayers"]
    return {
        "products": layers * 14 * width**2,
        "logits": shape["vocabulary"] * width // 2,
        "cross": layers * 2 * shape["audioContext"] * (width + width // 64 * 4),
        "self": layers * 2 * position * width * 2,
    }


def step(shape, bandwidth, position):
    """Parts of one greedy token; `bandwidth` in bytes a second at this working set."""
    touched = step_bytes(shape, position)

    def share(name, stage, key):
        return Share(name, (stage,), f"{touched[key] / 1e6:.1f} MB", touched[key] / bandwidth)

    return [
        share("projections and MLP", "decoderProducts", "products"),
        share("self-attention", "selfAttention", "self"),
        share("cross-attention", "crossAttention", "cross"),
        share("logits", "logits", "logits"),
    ]


def giga(operations):
    return f"{operations / 1e9:.1f} G"
