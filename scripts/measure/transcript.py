"""What an engine made of a recording."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Transcript:
    text: str
    language: str = ""
    words: list = field(default_factory=list)

    def to_json(self):
        return asdict(self)

    @staticmethod
    def of_verbose_json(body):
        """From the body of `response_format=verbose_json`."""
        return Transcript(body["text"].strip(), body.get("language", ""), body.get("words") or [])


# Full names as `verbose_json` prints them, for the languages of the recordings.
LANGUAGE_NAMES = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "zh": "chinese", "ja": "japanese"}
