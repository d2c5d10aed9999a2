"""faster-whisper on the same CTranslate2 weights, in float32. Its answers are kept, as neither it nor the files change."""

import hashlib
import importlib.metadata
import json
import os

from elk import models_folder
from recordings import ROOT
from transcript import Transcript

CACHE = ROOT / ".cache" / "reference"


class Reference:
    def __init__(self, model):
        self.folder = models_folder() / model
        self._loaded = None
        self._weights = _digest(self.folder / "model.bin")

    @property
    def version(self):
        return importlib.metadata.version("faster-whisper")

    def transcribe(self, recordings, beam_size):
        """{name: Transcript}; a recording that the reference cannot read is left out."""
        results = {}
        for recording in recordings:
            transcript = self._one(recording, beam_size)
            if transcript:
                results[recording.name] = transcript
        return results

    def _one(self, recording, beam_size):
        versions = f"{self.version} {importlib.metadata.version('ctranslate2')}"
        key = f"{self._weights} {_digest(recording.path)} beam={beam_size} {versions}"
        kept = CACHE / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        if kept.is_file():
            body = json.loads(kept.read_text(encoding="utf-8"))
        else:
            body = self._compute(recording, beam_size)
            CACHE.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        return Transcript(**body) if body else None

    def _compute(self, recording, beam_size):
        # Known before the import, or it asks a hub that may not be reachable.
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel
        from faster_whisper.audio import decode_audio

        if self._loaded is None:
            self._loaded = WhisperModel(
                str(self.folder), device="cpu", compute_type="float32", cpu_threads=os.cpu_count() or 1
            )
        try:
            samples = decode_audio(str(recording.path))
        except Exception as error:  # PyAV has a class of error for every reason; all mean the same here
            print(f"  the reference cannot read {recording.name}: {error}")
            return None
        segments, info = self._loaded.transcribe(samples, beam_size=beam_size)
        text = "".join(segment.text for segment in segments).strip()
        return Transcript(text, info.language).to_json()


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
