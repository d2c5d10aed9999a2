"""Other speech servers with the OpenAI path, on the same weights: faster-whisper behind HTTP, and whisper.cpp's own."""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
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
        with _running(program, "--config", configuration) as running:
            yield running


@contextmanager
def whisper_cpp(program, weights, threads, beam):
    options = ["--model", weights, "--threads", threads, "--beam-size", beam, "--language", "en"]
    with _running(program, *options, "--inference-path", server.PATH) as running:
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


@contextmanager
def _running(program, *options):
    port = server.free_port()
    command = [program, *options, "--host", "127.0.0.1", "--port", port]
    log = tempfile.TemporaryFile(mode="w+")
    process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
    try:
        _wait(process, port, log)
        yield server.Server(process, port)
    finally:
        process.kill()
        process.wait()
        log.close()


def _wait(process, port, log):
    """Until it answers anything over HTTP."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(f"{process.args[0]} does not answer: {log.read()[-2000:]}")
