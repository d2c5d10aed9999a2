"""Checks that every weight format gives the same words: converts one model, adds each copy to a store of its own,
transcribes one recording greedily and compares.
"""

import argparse
import os
import shutil
import subprocess
import sys

import elk
import recordings
import words

FORMATS = (
    "safetensors-f16",
    "safetensors-f32",
    "safetensors-bf16",
    "safetensors-sharded",
    "ct2-f32",
    "ct2-int8",
    "ggml-f32",
    "ggml-f16",
    "ggml-q8_0",
    "ggml-q5_0",
    "ggml-q5_1",
    "ggml-q4_0",
    "ggml-q4_1",
)


def sample():
    folder = recordings.audio_folder()
    found = [r for r in recordings.load(folder) if r.name == "jfk.wav"] if folder else recordings.debian_sentences()
    if not found:
        sys.exit("Left out: neither the test recordings nor pocketsphinx-testdata are here.")
    return found[0]


def heard(recording, model):
    transcripts, _ = elk.transcribe([recording], model, beam_size=1)
    transcript = transcripts.get(recording.name)
    return words.words(transcript.text, "en") if transcript else None


def run(*command):
    subprocess.run([str(part) for part in command], check=True, env=elk.environment(), stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(prog="scripts/measure/formats.py", description=__doc__)
    parser.add_argument("--model", default="base")
    arguments = parser.parse_args()
    recording = sample()
    source = elk.models_folder() / arguments.model
    expected = heard(recording, arguments.model)
    if not expected:
        sys.exit(f"{arguments.model} gave no words for {recording.name}")

    scratch = recordings.ROOT / ".cache" / "formats"
    shutil.rmtree(scratch, ignore_errors=True)
    os.environ["ELK_TEST_MODELS"] = str(scratch / "store")
    failed = 0
    for kind in FORMATS:
        (scratch / "store").mkdir(parents=True)
        run(sys.executable, recordings.ROOT / "scripts" / "convert-weights", source, kind, scratch / "weights")
        name = kind.replace("_", "-")
        run(elk.binary(), "models", "add", name, scratch / "weights")
        found = heard(recording, name)
        same = found == expected
        failed += not same
        print(f"{kind}: {'same words' if same else ' '.join(found or ['no transcript'])}", flush=True)
        # A copy may have hundreds of megabytes: one at a time.
        shutil.rmtree(scratch)
    print(f"{len(FORMATS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
