"""Speaks 20 sentences and transcribes them back; fails above a word error rate of 5 %, of 10 % when eSpeak NG speaks."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

SENTENCES = """
The weather will be warm and sunny for the rest of the week.
She opened the window and looked out at the quiet street.
We need to finish the report before the meeting on Friday.
The train to Boston leaves every morning at seven thirty.
He bought three apples, two oranges, and a loaf of bread.
My brother works as a doctor in a small hospital.
The children played in the garden until it got dark.
Please send me the documents as soon as possible.
It was the best of times, it was the worst of times.
The company announced a new product at the conference.
I cannot remember where I left my keys this morning.
The river flows slowly through the green valley.
They have lived in the same house for twenty years.
Could you tell me how to get to the nearest station?
Music and art are important parts of a good education.
The old man walked along the beach with his dog.
Nobody knew the answer to the last question.
The price of oil rose again after the announcement.
Learning a new language takes time and practice.
Thank you very much for your help and your patience.
""".strip().splitlines()


def plain(text):
    text = text.lower().replace("7:30", "seven thirty").replace("7.30", "seven thirty").replace("20 years", "twenty years")
    for digit, word in (("3", "three"), ("2", "two"), ("1", "one")):
        text = re.sub(rf"\b{digit}\b", word, text)
    return re.sub(r"[^a-z' ]", " ", text).split()


def errors(wanted, heard):
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elk", default=".build/release/elk")
    parser.add_argument("--models", default=".cache/models")
    parser.add_argument("--model", default="base")
    parser.add_argument("--espeak", action="store_true", help="let eSpeak NG speak instead of the voice")
    arguments = parser.parse_args()
    environment = {**os.environ, "ELK_MODELS_FOLDER": arguments.models}
    wrong = words = 0
    seconds = spoken = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for index, sentence in enumerate(SENTENCES):
            path = os.path.join(folder, f"{index:02}.wav")
            start = time.monotonic()
            command = [arguments.elk, "speak", "-o", path, *(["--model", "espeak"] if arguments.espeak else []), sentence]
            subprocess.run(command, check=True, env=environment)
            seconds += time.monotonic() - start
            spoken += (os.path.getsize(path) - 44) / 48_000
            command = [arguments.elk, "transcribe", "--model", arguments.model, "--language", "en", path]
            heard = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
            count = errors(plain(sentence), plain(heard))
            wrong += count
            words += len(plain(sentence))
            if count:
                print(f"{count} wrong: {sentence} / {heard.strip()}")
    rate = 100 * wrong / words
    print(f"{len(SENTENCES)} sentences, {words} words, {wrong} wrong: WER {rate:.1f} %")
    print(f"{spoken:.1f} s of speech in {seconds:.1f} s with a start of the program each: {seconds / spoken:.2f}")
    sys.exit(rate > (10 if arguments.espeak else 5))


if __name__ == "__main__":
    main()
