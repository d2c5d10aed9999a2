"""Whisper weight files in the formats that Elk reads, for its tests.

A model is a dict of numpy arrays under the tensor names of openai/whisper, and its tokens in id order, spelled in
GPT-2's byte alphabet. Layouts: SP 2.20 of the speech contract, from the formats' own documentation.
"""
import json
import os
import re
import struct
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Model:
    tensors: dict
    tokens: list
    encoder_heads: int
    decoder_heads: int
    alignment_heads: list = field(default_factory=list)

    @property
    def vocabulary(self):
        return self.tensors["decoder.token_embedding.weight"].shape[0]

    @property
    def mels(self):
        return self.tensors["encoder.conv1.weight"].shape[1]

    @property
    def width(self):
        return self.tensors["encoder.conv1.weight"].shape[0]

    @property
    def ordinary(self):
        return self.vocabulary - 1608 - (self.vocabulary >= 51866)

    def layers(self, side):
        return 1 + max(int(n.split(".")[2]) for n in self.tensors if n.startswith(side + ".blocks."))


# CTranslate2: module of a layer -> names of the (fused) parts.
CT2_MODULES = {
    "self_attention/layer_norm": ["attn_ln"],
    "self_attention/linear_0": ["attn.query", "attn.key", "attn.value"],
    "self_attention/linear_1": ["attn.out"],
    "attention/layer_norm": ["cross_attn_ln"],
    "attention/linear_0": ["cross_attn.query"],
    "attention/linear_1": ["cross_attn.key", "cross_attn.value"],
    "attention/linear_2": ["cross_attn.out"],
    "ffn/layer_norm": ["mlp_ln"],
    "ffn/linear_0": ["mlp.0"],
    "ffn/linear_1": ["mlp.2"],
}
CT2_SINGLE = {
    "encoder/conv1/weight": "encoder.conv1.weight",
    "encoder/conv1/bias": "encoder.conv1.bias",
    "encoder/conv2/weight": "encoder.conv2.weight",
    "encoder/conv2/bias": "encoder.conv2.bias",
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "encoder/layer_norm/gamma": "encoder.ln_post.weight",
    "encoder/layer_norm/beta": "encoder.ln_post.bias",
    "decoder/embeddings/weight": "decoder.token_embedding.weight",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
    "decoder/layer_norm/gamma": "decoder.ln.weight",
    "decoder/layer_norm/beta": "decoder.ln.bias",
}
CT2_TYPES = [np.dtype("<f4"), np.dtype("i1"), np.dtype("<i2"), np.dtype("<i4"), np.dtype("<f2")]

HF_MODULES = {
    "attn.query": "self_attn.q_proj",
    "attn.key": "self_attn.k_proj",
    "attn.value": "self_attn.v_proj",
    "attn.out": "self_attn.out_proj",
    "attn_ln": "self_attn_layer_norm",
    "cross_attn.query": "encoder_attn.q_proj",
    "cross_attn.key": "encoder_attn.k_proj",
    "cross_attn.value": "encoder_attn.v_proj",
    "cross_attn.out": "encoder_attn.out_proj",
    "cross_attn_ln": "encoder_attn_layer_norm",
    "mlp.0": "fc1",
    "mlp.2": "fc2",
    "mlp_ln": "final_layer_norm",
}
HF_SINGLE = {
    "encoder.positional_embedding": "encoder.embed_positions.weight",
    "encoder.ln_post.weight": "encoder.layer_norm.weight",
    "encoder.ln_post.bias": "encoder.layer_norm.bias",
    "decoder.token_embedding.weight": "decoder.embed_tokens.weight",
    "decoder.positional_embedding": "decoder.embed_positions.weight",
    "decoder.ln.weight": "decoder.layer_norm.weight",
    "decoder.ln.bias": "decoder.layer_norm.bias",
}


def ct2_parts(name):
    """Names of the parts of a CTranslate2 variable, or [] if the network does not need it."""
    if name in CT2_SINGLE:
        return [CT2_SINGLE[name]]
    match = re.fullmatch(r"(encoder|decoder)/layer_(\d+)/(.+)/(weight|bias|gamma|beta)", name)
    if not match or match[3] not in CT2_MODULES:
        return []
    leaf = {"gamma": "weight", "beta": "bias"}.get(match[4], match[4])
    return [f"{match[1]}.blocks.{match[2]}.{module}.{leaf}" for module in CT2_MODULES[match[3]]]


def byte_of_scalar():
    """GPT-2's alphabet: character -> byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in set(printable)]
    table.update({chr(0x100 + index): byte for index, byte in enumerate(others)})
    return table


def token_bytes(tokens):
    table = byte_of_scalar()
    return [bytes(table[character] for character in token) for token in tokens]


def read_ctranslate2(folder):
    data = open(os.path.join(folder, "model.bin"), "rb").read()
    offset = 0

    def take(layout):
        nonlocal offset
        values = struct.unpack_from("<" + layout, data, offset)
        offset += struct.calcsize("<" + layout)
        return values[0] if len(values) == 1 else values

    def text():
        nonlocal offset
        length = take("H")
        offset += length
        return data[offset - length : offset - 1].decode()

    version = take("I")
    assert version == 6 and text() == "WhisperSpec", f"{folder} is no CTranslate2 Whisper model"
    take("I")
    variables = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind = CT2_TYPES[take("B")]
        size = take("I")
        variables[name] = np.frombuffer(data, kind, size // kind.itemsize, offset).reshape(shape)
        offset += size
    tensors = {}
    for name, value in variables.items():
        parts = ct2_parts(name)
        if value.dtype == np.int8 and parts:
            scale = variables[name + "_scale"].reshape(-1, *[1] * (value.ndim - 1))
            value = value.astype(np.float32) / scale
        for part, piece in zip(parts, np.split(value, len(parts)) if parts else []):
            if not part.endswith("key.bias"):
                tensors[part] = piece
    config = json.load(open(os.path.join(folder, "config.json")))
    tokens = open(os.path.join(folder, "vocabulary.txt"), encoding="utf-8", newline="\n").read().split("\n")
    vocabulary = tensors["decoder.token_embedding.weight"].shape[0]
    return Model(
        tensors,
        tokens[:vocabulary],
        int(variables["encoder/num_heads"]),
        int(variables["decoder/num_heads"]),
        config.get("alignment_heads", []),
    )


def write_ctranslate2(model, folder, kind="f16"):
    """kind: f32, f16, or int8 (matrices; the rest stays f32)."""
    os.makedirs(folder, exist_ok=True)
    small = np.dtype("<f2") if kind == "f16" else np.dtype("<f4")
    variables = {
        "encoder/num_heads": np.int16(model.encoder_heads),
        "decoder/num_heads": np.int16(model.decoder_heads),
        "decoder/alignment_heads": np.int16(1),
        "decoder/alignment_layer": np.int16(-1),
        "decoder/activation": np.int8(3),
        "decoder/pre_norm": np.int8(1),
        "decoder/alibi": np.int8(0),
        "decoder/scale_embeddings": np.int8(0),
        "decoder/start_from_zero_embedding": np.int8(0),
    }
    names = list(CT2_SINGLE)
    for side in ["encoder", "decoder"]:
        for layer in range(model.layers(side)):
            for module in CT2_MODULES:
                leaves = ["gamma", "beta"] if module.endswith("layer_norm") else ["weight", "bias"]
                names += [f"{side}/layer_{layer}/{module}/{leaf}" for leaf in leaves]
    for name in names:
        parts = ct2_parts(name)
        if not any(part in model.tensors for part in parts):
            continue
        zero = np.zeros(model.width, np.float32)
        value = np.concatenate([model.tensors.get(part, zero).astype(np.float32) for part in parts])
        if kind == "int8" and name.endswith("/weight") and "conv" not in name:
            scale = 127 / np.maximum(np.abs(value).max(axis=1), 1e-10)
            variables[name + "_scale"] = scale.astype("<f4")
            variables[name] = np.round(value * scale[:, None]).astype(np.int8)
        else:
            variables[name] = value.astype(small)

    def text(value):
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    with open(os.path.join(folder, "model.bin"), "wb") as file:
        file.write(struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(variables)))
        for name in sorted(variables):
            value = np.asarray(variables[name])
            head = text(name) + struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
            file.write(head + struct.pack("<BI", CT2_TYPES.index(value.dtype.newbyteorder("<")), value.nbytes))
            file.write(value.tobytes())
        file.write(struct.pack("<I", 1) + text("decoder/projection/weight") + text("decoder/embeddings/weight"))
    with open(os.path.join(folder, "vocabulary.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(token + "\n" for token in model.tokens))
    special = model.ordinary
    languages = model.vocabulary - 51765 - (model.vocabulary >= 51865)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(
            {
                "alignment_heads": model.alignment_heads,
                "lang_ids": list(range(special + 2, special + 2 + languages)),
                "suppress_ids": [special + 1, *range(special + 2 + languages, special + 7 + languages)],
                "suppress_ids_begin": [220, special],
            },
            file,
        )


def hf_name(name):
    if name in HF_SINGLE:
        return "model." + HF_SINGLE[name]
    match = re.fullmatch(r"(encoder|decoder)\.blocks\.(\d+)\.(.+)\.(weight|bias)", name)
    if not match:
        return "model." + name
    return f"model.{match[1]}.layers.{match[2]}.{HF_MODULES[match[3]]}.{match[4]}"


def write_safetensors(model, folder, kind="f16", shards=1):
    """kind: f32, f16 or bf16."""
    os.makedirs(folder, exist_ok=True)
    names = sorted(model.tensors, key=hf_name)
    files = {}
    for shard in range(shards):
        path = "model.safetensors" if shards == 1 else f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        header, blobs, offset = {}, [], 0
        for name in names[shard::shards]:
            value = model.tensors[name]
            if kind == "bf16":
                bits = value.astype("<f4").view("<u4")
                blob = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()
            else:
                blob = value.astype({"f16": "<f2", "f32": "<f4"}[kind]).tobytes()
            header[hf_name(name)] = {
                "dtype": kind.upper(),
                "shape": list(value.shape),
                "data_offsets": [offset, offset + len(blob)],
            }
            offset += len(blob)
            blobs.append(blob)
            files[hf_name(name)] = path
        text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.writelines(blobs)
    documents = {
        "config.json": {
            "model_type": "whisper",
            "d_model": model.width,
            "encoder_layers": model.layers("encoder"),
            "decoder_layers": model.layers("decoder"),
            "encoder_attention_heads": model.encoder_heads,
            "decoder_attention_heads": model.decoder_heads,
            "num_mel_bins": model.mels,
            "vocab_size": model.vocabulary,
        },
        "generation_config.json": {"alignment_heads": model.alignment_heads},
        "vocab.json": {token: index for index, token in enumerate(model.tokens[: model.ordinary])},
    }
    if shards > 1:
        documents["model.safetensors.index.json"] = {"metadata": {}, "weight_map": files}
    for name, document in documents.items():
        with open(os.path.join(folder, name), "w") as file:
            json.dump(document, file)


def mel_filters(bands):
    """Slaney mel filters for 16 kHz and a transform of 400 points, area-normalised: [bands, 201]."""
    step = 200 / 3
    knee = 1000 / step
    ratio = np.log(6.4) / 27
    top = knee + np.log(8000 / 1000) / ratio
    mel = np.linspace(0, top, bands + 2)
    edges = np.where(mel < knee, mel * step, 1000 * np.exp(ratio * (mel - knee)))
    bins = np.linspace(0, 8000, 201)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype("<f4")


def quantize(values, kind):
    """Blocks of 32 values of the last dimension as ggml stores them."""
    blocks = values.astype(np.float32).reshape(-1, 32)
    low, high = blocks.min(axis=1), blocks.max(axis=1)
    extreme = np.where(np.abs(low) > np.abs(high), low, high)
    bits = {"q4_0": 4, "q4_1": 4, "q5_0": 5, "q5_1": 5, "q8_0": 8}[kind]
    half = 1 << (bits - 1)
    if kind == "q8_0":
        scale, offset, least, most = np.abs(extreme) / 127, np.zeros_like(low), -127, 127
    elif kind.endswith("_0"):
        scale, offset, least, most = extreme / -half, np.zeros_like(low), -half, half - 1
    else:
        scale, offset, least, most = (high - low) / (2 * half - 1), low, 0, 2 * half - 1
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale != 0)
    codes = np.clip(np.round((blocks - offset[:, None]) * inverse[:, None]), least, most).astype(np.int32)
    columns = [scale.astype("<f2").view(np.uint8).reshape(-1, 2)]
    if kind.endswith("_1"):
        columns.append(offset.astype("<f2").view(np.uint8).reshape(-1, 2))
    if kind == "q8_0":
        columns.append(codes.astype(np.int8).view(np.uint8))
        return np.hstack(columns).tobytes()
    codes -= least
    if bits == 5:
        fifth = ((codes >> 4).astype(np.uint32) << np.arange(32, dtype=np.uint32)).sum(axis=1, dtype=np.uint32)
        columns.append(fifth.astype("<u4").view(np.uint8).reshape(-1, 4))
    columns.append((codes[:, :16] & 15 | (codes[:, 16:] & 15) << 4).astype(np.uint8))
    return np.hstack(columns).tobytes()


GGML_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8}
GGML_FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2002, "q4_1": 2003, "q8_0": 2007, "q5_0": 2008, "q5_1": 2009}


def write_ggml(model, folder, kind="f16"):
    os.makedirs(folder, exist_ok=True)
    tensors = model.tensors
    audio = tensors["encoder.positional_embedding"].shape[0]
    text = tensors["decoder.positional_embedding"].shape[0]
    with open(os.path.join(folder, f"ggml-{kind}.bin"), "wb") as file:
        header = [model.vocabulary, audio, model.width, model.encoder_heads, model.layers("encoder")]
        header += [text, model.width, model.decoder_heads, model.layers("decoder"), model.mels, GGML_FILE_TYPES[kind]]
        filters = mel_filters(model.mels)
        file.write(struct.pack("<I11i2i", 0x67676D6C, *header, *filters.shape) + filters.tobytes())
        tokens = token_bytes(model.tokens[: model.ordinary])
        file.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            file.write(struct.pack("<i", len(token)) + token)
        for name, value in tensors.items():
            if re.fullmatch(r"encoder\.conv\d\.bias", name):
                value = value[:, None]
            if value.ndim == 1 or "positional" in name or name.endswith(".bias"):
                stored = "f32"
            elif value.ndim == 3:
                stored = "f32" if kind == "f32" else "f16"
            else:
                stored = kind
            head = struct.pack("<3i", value.ndim, len(name), GGML_TYPES[stored])
            file.write(head + struct.pack(f"<{value.ndim}i", *value.shape[::-1]) + name.encode())
            if stored.startswith("q"):
                file.write(quantize(value, stored))
            else:
                file.write(value.astype({"f16": "<f2", "f32": "<f4"}[stored]).tobytes())
