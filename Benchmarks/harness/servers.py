"""Other speech servers with the OpenAI path, on the same weights: faster-whisper behind HTTP, and whisper.cpp's own."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import server
from prepare import CACHE

WHISPER_CPP = "https://github.com/ggml-org/whisper.cpp"


@contextmanager
def faster_whisper(model, threads, beam):
    with tempfile.TemporaryDirectory(prefix="elk-peer-") as scratch:
        configuration = Path(scratch, "server.yaml")
        configuration.write_text(
            f"model_options: {{device: cpu, compute_type: int8, cpu_threads: {threads}}}\n"
            f"models: [{{name: whisper-1, path: {model}, transcribe_options: {{beam_size: {beam}}}}}]\n"
        )
        program = Path(sys.executable).parent / "faster-whisper-server"
        with server.listening([program, "--config", configuration]) as running:
            yield running


@contextmanager
def whisper_cpp(program, weights, threads, beam):
    options = ["--model", weights, "--threads", threads, "--beam-size", beam, "--language", "en"]
    with server.listening([program, *options, "--inference-path", server.PATH]) as running:
        yield running


def whisper_cpp_program():
    """The server built for this very processor: WHISPER_SERVER, else from its sources. None where that does not work."""
    if given := os.environ.get("WHISPER_SERVER"):
        return Path(given)
    sources, build = CACHE / "whisper.cpp", CACHE / "whisper.cpp-build"
    program = build / "bin" / "whisper-server"
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    steps = [
        ["git", "clone", "--quiet", "--depth", "1", WHISPER_CPP, sources],
        [cmake, "-S", sources, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=OFF"],
        [cmake, "--build", build, "--parallel", len(os.sched_getaffinity(0)), "--target", "whisper-server"],
    ]
    try:
        for step in steps[1 if sources.is_dir() else 0 :] if not program.is_file() else []:
            subprocess.run([str(part) for part in step], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"whisper.cpp's server was not built: {error}", file=sys.stderr)
        return None
    return program
