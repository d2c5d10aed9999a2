"""Everything a run needs: release builds, weights in the peers' formats, samples of the recordings."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import elk
import numpy as np
import recordings
from workers import Worker

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
CACHE = BENCHMARKS / ".cache"
LONG_SECONDS = 300


@dataclass
class Recording:
    """An encoded file and its samples: f32, 16 kHz, mono."""

    name: str
    file: Path
    samples: Path

    @property
    def seconds(self):
        return self.samples.stat().st_size / 64000


class Setup:
    def __init__(self):
        CACHE.mkdir(exist_ok=True)
        self.left_out = []
        # Both binaries can be given, to measure on a machine that has no compiler.
        self.bench = Path(os.environ.get("ELK_SPEECH_BENCH") or BENCHMARKS / ".build" / "release" / "speech-bench")
        self.elk = Path(os.environ.get("ELK_BINARY") or ROOT / ".build" / "release" / "elk")
        self._build()
        os.environ.setdefault("ELK_BINARY", str(self.elk))
        self.decoder = Worker([self.bench])

    def _build(self):
        if "ELK_BINARY" not in os.environ:
            _say("building elk")
            _run("swift", "build", "--configuration", "release", "--product", "elk", "--package-path", ROOT)
        if "ELK_SPEECH_BENCH" not in os.environ:
            _say("building speech-bench")
            _run("swift", "build", "--configuration", "release", "--product", "speech-bench", "--package-path", BENCHMARKS)

    def model(self, name):
        """Folder of a model as CTranslate2 has it: in ELK_TEST_MODELS, .cache/models or the model store."""
        folder = elk.models_folder() / name
        if not folder.is_dir():
            run = subprocess.run([self.elk, "models", "path", name], capture_output=True, text=True)
            if run.returncode != 0:
                raise SystemExit(f"The model {name} is not here: elk models pull {name}, or set ELK_TEST_MODELS.")
            folder = Path(run.stdout.strip())
        if not (folder / "model.bin").is_file():
            raise SystemExit(f"{folder}: the peers need the weights in CTranslate2's format (model.bin)")
        return folder

    def ggml(self, folder):
        """The same weights for whisper.cpp."""
        name = f"{folder.parent.name}-{folder.name}" if folder.name == "ctranslate2" else folder.name
        target = CACHE / f"{name}-ggml" / "ggml-f16.bin"
        if not target.is_file():
            _say(f"converting {name} for whisper.cpp")
            _run(sys.executable, ROOT / "scripts" / "convert-weights", folder, "ggml-f16", target.parent)
        return target

    def random_small(self):
        """A model of the shape of small with random weights: (CTranslate2, safetensors, ggml)."""
        folder = CACHE / "random-small"
        if not (folder / "safetensors").is_dir():
            _say("making random weights")
            layers = ["--encoder-layers", 12, "--decoder-layers", 12]
            tokens = ["--tokens-of", self.model("base")]
            _run(sys.executable, ROOT / "scripts" / "random-weights", folder, "--width", 768, *layers, *tokens)
            # Without it faster-whisper looks for one on the net.
            shutil.copy(self.model("base") / "tokenizer.json", folder / "ctranslate2")
        return folder / "ctranslate2", folder / "safetensors", self.ggml(folder / "ctranslate2")

    def jfk(self):
        folder = recordings.audio_folder()
        if folder is None:
            raise SystemExit("The test recordings (../shared/audio, or ELK_TEST_AUDIO) are not here.")
        return self._samples(folder / "jfk.wav")

    def long(self):
        """The five-minute recording; where it is missing, the others one behind the other."""
        folder = recordings.audio_folder()
        file = folder / "long_en_dev.mp3"
        if file.is_file():
            return self._samples(file)
        parts = [self._samples(found.path).samples for found in recordings.load(folder) if found.is_scored]
        joined = np.concatenate([np.fromfile(part, dtype=np.float32) for part in parts])
        whole = np.tile(joined, -(-LONG_SECONDS * 16000 // len(joined)))[: LONG_SECONDS * 16000]
        self.left_out.append("long_en_dev.mp3 is not here: other recordings one behind the other stand for it.")
        target = CACHE / "joined.f32"
        whole.tofile(target)
        return Recording("joined recordings", _wav(whole, CACHE / "joined.wav"), target)

    def thirty_seconds(self):
        """One full window."""
        target = CACHE / "window.f32"
        np.fromfile(self.long().samples, dtype=np.float32)[: 30 * 16000].tofile(target)
        return Recording("30 s", target, target)

    def _samples(self, file):
        target = CACHE / f"{file.name}.f32"
        self.decoder.ask(do="decode", file=str(file), to=str(target))
        return Recording(file.name, file, target)


def _wav(samples, path):
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr)


def _say(text):
    print(f"==> {text}", file=sys.stderr)
