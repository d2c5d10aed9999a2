#!/usr/bin/env python3
"""Compares Elk's logits with CTranslate2's on random weights of every Whisper size (layers cut to two).

Makes the models, lets CTranslate2 (float32) continue a prompt on random features, writes what went in and what came out to
.cache/logits/NAME, and runs the Swift test that reads those folders. A folder that is complete is not made again.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".cache" / "logits"
STEPS = 6
# name: width, mel bands, vocabulary, decoder layers
SHAPES = {
    "tiny.en": (384, 80, 51864, 2),
    "base": (512, 80, 51865, 2),
    "small": (768, 80, 51865, 2),
    "medium": (1024, 80, 51865, 2),
    "large-v2": (1280, 80, 51865, 2),
    "large-v3": (1280, 128, 51866, 2),
    "large-v3-turbo": (1280, 128, 51866, 4),
}


def prompt(vocabulary):
    """startoftranscript, language, transcribe, notimestamps; English-only models know neither language nor task."""
    end = 50257 if vocabulary >= 51865 else 50256
    languages = vocabulary - 51765 - (vocabulary >= 51865)
    translate = end + 2 + languages
    if vocabulary < 51865:
        return [end + 1, translate + 5]
    return [end + 1, end + 2, translate + 1, translate + 5]


def make(name, folder):
    import ctranslate2
    import numpy as np

    width, mels, vocabulary, layers = SHAPES[name]
    building = folder.with_name("." + folder.name)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "random-weights", building]
        + ["--width", str(width), "--mels", str(mels), "--vocabulary", str(vocabulary)]
        + ["--decoder-layers", str(layers)],
        check=True,
    )
    features = np.random.default_rng(2).standard_normal((1, mels, 3000)).astype(np.float32)
    model = ctranslate2.models.Whisper(str(building / "ctranslate2"), compute_type="float32", intra_threads=2)
    start = prompt(vocabulary)
    [result] = model.generate(
        ctranslate2.StorageView.from_array(features),
        [start],
        beam_size=1,
        max_length=len(start) + STEPS,
        suppress_blank=False,
        suppress_tokens=[],
        return_logits_vocab=True,
    )
    logits = np.stack([np.array(step, dtype=np.float32).reshape(-1) for step in result.logits[0]])
    features.tofile(building / "features.f32")
    logits.tofile(building / "logits.f32")
    tokens = start + list(result.sequences_ids[0])[: len(logits) - 1]
    (building / "tokens.txt").write_text(f"{len(start)}\n" + " ".join(map(str, tokens)) + "\n")
    shutil.rmtree(building / "ctranslate2")
    building.rename(folder)


def main():
    for name in SHAPES:
        folder = FOLDER / name
        if not (folder / "tokens.txt").exists():
            print(f"making random weights like {name}", flush=True)
            make(name, folder)
    environment = {**os.environ, "ELK_TEST_LOGITS": str(FOLDER)}
    command = ["swift", "test", "--skip-build", "--filter", "CTranslate2LogitsTests"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    print("\n".join(line for line in run.stdout.splitlines() if "✘" in line or "✔" in line or "largest" in line))
    if run.returncode != 0:
        print(run.stderr[-2000:])
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
