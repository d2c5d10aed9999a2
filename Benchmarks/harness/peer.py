"""Worker of one peer: answers lines of JSON as speech-bench does.

usage: peer.py faster-whisper|whisper.cpp MODEL KIND THREADS
"""

import json
import os
import sys
import time

import numpy as np

# Tokens behind the prompt of a forced window: as many as Whisper allows.
FORCED_TOKENS = 224


class FasterWhisper:
    def __init__(self, model, kind, threads):
        import faster_whisper

        self.model = faster_whisper.WhisperModel(model, device="cpu", compute_type=kind, cpu_threads=threads)
        self.batched = faster_whisper.BatchedInferencePipeline(self.model)

    def transcribe(self, samples, beam, batched):
        if batched:
            segments, _ = self.batched.transcribe(samples, language="en", beam_size=beam, batch_size=8)
        else:
            segments, _ = self.model.transcribe(samples, language="en", beam_size=beam)
        return " ".join(segment.text.strip() for segment in segments)

    def forced(self, samples, beam):
        features = self.model.feature_extractor(samples)[:, :3000]
        encoded = self.model.encode(features)
        # <|startoftranscript|><|en|><|transcribe|><|notimestamps|> of the multilingual vocabulary.
        prompt = [50258, 50259, 50359, 50363]
        result = self.model.model.generate(
            encoded,
            [prompt],
            beam_size=beam,
            # CTranslate2 takes half of it for the tokens behind the prompt.
            max_length=2 * FORCED_TOKENS,
            suppress_blank=False,
            suppress_tokens=[50257, *range(50364, 51865)],
        )[0]
        return len(result.sequences_ids[0])


class WhisperCpp:
    def __init__(self, model, _, threads):
        self.path, self.threads = model, threads
        self.models = {}

    def model(self, beam):
        from pywhispercpp.model import Model

        if beam not in self.models:
            search = {"beam_search": {"beam_size": beam, "patience": -1.0}} if beam > 1 else {}
            self.models[beam] = Model(
                self.path,
                params_sampling_strategy=int(beam > 1),
                redirect_whispercpp_logs_to=None,
                n_threads=self.threads,
                language="en",
                print_progress=False,
                **search,
            )
        return self.models[beam]

    def transcribe(self, samples, beam, batched):
        assert not batched
        return " ".join(segment.text for segment in self.model(beam).transcribe(samples))

    def forced(self, samples, beam):
        import _pywhispercpp as binding

        model = self.model(beam)
        options = {"single_segment": True, "no_timestamps": True, "temperature_inc": 0.0}
        model.transcribe(samples, max_tokens=FORCED_TOKENS, **options)
        segments = binding.whisper_full_n_segments(model._ctx)
        return sum(binding.whisper_full_n_tokens(model._ctx, segment) for segment in range(segments))


def main():
    engine, model, kind, threads = sys.argv[1:]
    # Answers go to what was the standard output; what libraries print must not come between them.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = (FasterWhisper if engine == "faster-whisper" else WhisperCpp)(model, kind, int(threads))
    for line in sys.stdin:
        command = json.loads(line)
        samples = np.fromfile(command["samples"], dtype=np.float32)
        beam = command.get("beam", 1)
        answer = {}
        started = time.perf_counter()
        if command["do"] == "forced":
            answer["steps"] = peer.forced(samples, beam)
        else:
            answer["text"] = peer.transcribe(samples, beam, command.get("batched", False))
        answer["seconds"] = time.perf_counter() - started
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
