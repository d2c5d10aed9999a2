"""The recordings that transcripts are scored on."""

import csv
import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Debian's pocketsphinx-testdata: a few read sentences with their text.
DEBIAN_SENTENCES = Path("/usr/share/pocketsphinx/test/data/librivox")


@dataclass(frozen=True)
class Recording:
    path: Path
    use: str
    language: str
    duration: float
    text: str
    note: str

    @property
    def name(self):
        return self.path.name

    @property
    def is_scored(self):
        """Whether the text is exact and whole, so that word errors can be counted."""
        return self.use == "score" and self.text and not self.text.startswith("(")

    @property
    def is_jfk(self):
        return "jfk" in self.name and bool(self.text)


def audio_folder():
    """The folder with the test recordings, or None: ELK_TEST_AUDIO, else ../shared/audio beside the checkout."""
    folder = Path(os.environ.get("ELK_TEST_AUDIO") or ROOT.parent / "shared" / "audio")
    return folder if (folder / "MANIFEST.tsv").is_file() else None


def load(folder):
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Recording(
            path=folder / row["file"],
            use=row["use"],
            language=row["language"],
            duration=float(row["duration_s"] or 0),
            text=row["reference"] or "",
            note=row["note"] or "",
        )
        for row in rows
    ]


def debian_sentences():
    """What is left on a machine without the test recordings; empty when the package is not installed."""
    transcripts = DEBIAN_SENTENCES / "transcription"
    if not transcripts.is_file():
        return []
    found = []
    for line in transcripts.read_text().splitlines():
        match = re.fullmatch(r"<s> (.*) </s> \((\S+)\)", line.strip())
        path = DEBIAN_SENTENCES / f"{match[2]}.wav" if match else None
        if path and path.is_file():
            seconds = (path.stat().st_size - 44) / 32000
            found.append(Recording(path, "score", "en", seconds, match[1], "pocketsphinx-testdata"))
    return found
