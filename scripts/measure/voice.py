"""Compares the native network of a voice with onnxruntime in the same run: samples without noise, and time.

Needs the packages onnxruntime and numpy, which nothing else here does."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

IPA = "həlˈoʊ wˈɜːld, ðɪs ɪz ɐ tˈɛst ʌvðə nˈuː vˈɔɪs, ænd ɪt sˈaʊndz kwˈaɪt nˈaɪs."
# Elk's own start is what one text takes beyond its share of so many of them.
COPIES = 5
SCALES = numpy.array([0, 1, 0], numpy.float32)


def numbers(configuration, phonemes):
    table = configuration["phoneme_id_map"]
    ids = table["^"] + table["_"]
    for phoneme in phonemes:
        ids += table.get(phoneme, []) + table["_"] if phoneme in table else []
    return ids + table["$"]


def spoken(elk, models, threads, phonemes, path):
    """Seconds that a start of the program with these phonemes takes."""
    command = [elk, "speak", "--ipa", "--liveliness", "0", "--format", "pcm", "-o", path]
    command += ["--set", f"speech.threads={threads}", phonemes]
    start = time.monotonic()
    subprocess.run(command, check=True, env={**os.environ, "ELK_MODELS_FOLDER": models})
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elk", default=".build/release/elk")
    parser.add_argument("--models", default=".cache/models")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    folder = os.path.join(arguments.models, "joe")
    configuration = json.load(open(os.path.join(folder, "voice.json")))
    rate = configuration["audio"]["sample_rate"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(os.path.join(folder, "voice.onnx"), options)

    def reference(phonemes):
        ids = numpy.array([numbers(configuration, phonemes)], numpy.int64)
        inputs = {"input": ids, "input_lengths": numpy.array([ids.shape[1]], numpy.int64), "scales": SCALES}
        start = time.monotonic()
        samples = session.run(None, inputs)[0].ravel()
        return samples, time.monotonic() - start

    known, _ = reference(IPA)
    text = " ".join([IPA] * COPIES)
    long, _ = reference(text)
    theirs, once, all_of_it = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "a.pcm")
        for _ in range(arguments.runs):
            theirs.append(reference(text)[1])
            all_of_it.append(spoken(arguments.elk, arguments.models, arguments.threads, text, path))
            once.append(spoken(arguments.elk, arguments.models, arguments.threads, IPA, path))
        samples = numpy.fromfile(path, "<i2") / 32767
    # Ours come at 24 kHz: compared at the times of the reference.
    times = numpy.arange(len(known)) / rate * 24_000
    error = numpy.interp(times, numpy.arange(len(samples)), samples) - known
    relative = float(numpy.sqrt((error**2).mean() / (known**2).mean()))
    seconds, longer = len(known) / rate, (len(long) - len(known)) / rate
    print(f"{seconds:.2f} s of speech; lengths {len(samples) / 24_000:.3f} and {seconds:.3f} s; difference {100 * relative:.1f} %")
    theirs = statistics.median(theirs) / (seconds + longer)
    ours = (statistics.median(all_of_it) - statistics.median(once)) / longer
    print(f"medians of {arguments.runs}: onnxruntime {theirs:.3f} of real time, elk {ours:.3f}: {ours / theirs:.2f} times")
    print(f"elk's start and {seconds:.2f} s of speech: {statistics.median(once):.2f} s")
    sys.exit(abs(len(samples) / 24_000 - seconds) > 0.001 or relative > 0.15)


if __name__ == "__main__":
    main()
