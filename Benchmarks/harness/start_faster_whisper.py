"""The shortest way from a file to text with faster-whisper: MODEL RECORDING BEAM."""

import sys

from faster_whisper import WhisperModel

model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=2)
segments, _ = model.transcribe(sys.argv[2], language="en", beam_size=int(sys.argv[3]))
print("".join(segment.text for segment in segments))
