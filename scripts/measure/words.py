"""Words of a transcript after Whisper's normaliser, and how far two lists of them are apart."""

import functools
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

# Written without spaces between words: counted in characters.
CHARACTER_LANGUAGES = {"zh", "ja", "ko", "th"}


@functools.cache
def _normaliser(kind):
    # Imported late: reading the spelling table takes a second.
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    if kind == "en":
        return EnglishTextNormalizer()
    return BasicTextNormalizer(split_letters=kind == "characters")


def words(text, language):
    kind = "characters" if language in CHARACTER_LANGUAGES else "en" if language == "en" else "other"
    return _normaliser(kind)(text).split()


@dataclass(frozen=True)
class Errors:
    """Substitutions, deletions and insertions against a number of reference words; adds up over a corpus."""

    count: int = 0
    of: int = 0

    def __add__(self, other):
        return Errors(self.count + other.count, self.of + other.of)

    @property
    def rate(self):
        return self.count / self.of if self.of else 0.0

    def __str__(self):
        return f"{self.count}/{self.of}"


def errors(reference, hypothesis, language):
    expected = words(reference, language)
    return Errors(Levenshtein.distance(expected, words(hypothesis, language)), len(expected))
