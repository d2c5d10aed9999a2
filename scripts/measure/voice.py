"""Compares the native network of a voice with onnxruntime in the same run: samples without noise, and time.

Needs the packages onnxruntime and numpy, which nothing else here does."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

IPA = "həlˈoʊ wˈɜːld, ðɪs ɪz ɐ tˈɛst ʌvðə nˈuː vˈɔɪs, ænd ɪt sˈaʊndz kwˈaɪt nˈaɪs."
SCALES = numpy.array([0, 1, 0], numpy.float32)


def numbers(configuration, phonemes):
    table = configuration["phoneme_id_map"]
    ids = table["^"] + table["_"]
    for phoneme in phonemes:
        ids += table.get(phoneme, []) + table["_"] if phoneme in table else []
    return ids + table["$"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elk", default=".build/release/elk")
    parser.add_argument("--models", default=".cache/models")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    folder = os.path.join(arguments.models, "joe")
    configuration = json.load(open(os.path.join(folder, "voice.json")))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(os.path.join(folder, "voice.onnx"), options)
    ids = numpy.array([numbers(configuration, IPA)], numpy.int64)
    inputs = {"input": ids, "input_lengths": numpy.array([ids.shape[1]], numpy.int64), "scales": SCALES}
    reference = session.run(None, inputs)[0].ravel()
    start = time.monotonic()
    session.run(None, inputs)
    theirs = time.monotonic() - start
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "a.pcm")
        command = [arguments.elk, "speak", "--ipa", "--liveliness", "0", "--format", "pcm", "-o", path]
        command += ["--set", f"speech.threads={arguments.threads}", IPA]
        start = time.monotonic()
        subprocess.run(command, check=True, env={**os.environ, "ELK_MODELS_FOLDER": arguments.models})
        ours = time.monotonic() - start
        samples = numpy.fromfile(path, "<i2") / 32767
    # Ours come at 24 kHz: compared at the times of the reference.
    times = numpy.arange(len(reference)) / configuration["audio"]["sample_rate"] * 24_000
    error = numpy.interp(times, numpy.arange(len(samples)), samples) - reference
    seconds = len(reference) / configuration["audio"]["sample_rate"]
    relative = float(numpy.sqrt((error**2).mean() / (reference**2).mean()))
    print(f"{seconds:.2f} s of speech; lengths {len(samples) / 24_000:.3f} and {seconds:.3f} s; difference {100 * relative:.1f} %")
    print(f"onnxruntime {theirs / seconds:.3f} of real time, elk with its start {ours / seconds:.3f}")
    sys.exit(abs(len(samples) / 24_000 - seconds) > 0.001 or relative > 0.15)


if __name__ == "__main__":
    main()
