"""The shortest way from a WAV file to text with whisper.cpp's binding: MODEL RECORDING BEAM."""

import sys

from pywhispercpp.model import Model

beam = int(sys.argv[3])
search = {"beam_search": {"beam_size": beam, "patience": -1.0}} if beam > 1 else {}
model = Model(
    sys.argv[1],
    params_sampling_strategy=int(beam > 1),
    redirect_whispercpp_logs_to=None,
    n_threads=2,
    language="en",
    print_progress=False,
    **search,
)
print(" ".join(segment.text for segment in model.transcribe(sys.argv[2])))
