"""The official client against a running server: every answer parses, every refusal is its typed exception (SP 1)."""

import base64
import concurrent.futures
import io
import math
import os
import re
import wave

import openai
import pytest

TIME = r"\d{2}:\d{2}:\d{2}"


def says(recording, text):
    return all(word in text.lower() for word in recording.words)


def seconds(time):
    hours, minutes, rest = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def check_cues(cues):
    last = 0.0
    for start, end, text in cues:
        assert last <= seconds(start) + 1e-6 and seconds(start) <= seconds(end)
        assert text.strip() == text and text
        last = seconds(start)


def check_segments(answer):
    assert [segment.id for segment in answer.segments] == list(range(len(answer.segments)))
    last = 0.0
    for segment in answer.segments:
        assert last <= segment.start <= segment.end <= answer.duration + 0.1
        assert segment.tokens and segment.avg_logprob <= 0 and 0 <= segment.no_speech_prob <= 1
        assert segment.compression_ratio > 0 and 0 <= segment.temperature <= 1
        last = segment.start
    joined = "".join(segment.text for segment in answer.segments)
    assert joined.split() == answer.text.split()


def check_words(answer):
    last = 0.0
    for word in answer.words:
        assert last <= word.start <= word.end <= answer.duration + 0.2
        assert word.word == word.word.strip() and word.word
        last = word.start
    spoken = re.sub(r"[^\w]", "", answer.text.lower())
    assert re.sub(r"[^\w]", "", "".join(word.word for word in answer.words).lower()) == spoken


def parse_srt(text):
    assert text.endswith("\n\n")
    cues = []
    for number, block in enumerate(text[:-2].split("\n\n"), start=1):
        index, times, *lines = block.split("\n")
        assert index == str(number)
        match = re.fullmatch(rf"({TIME},\d{{3}}) --> ({TIME},\d{{3}})", times)
        assert match, times
        cues.append((match[1], match[2], "\n".join(lines)))
    return cues


def parse_vtt(text):
    assert text.startswith("WEBVTT\n\n")
    cues = []
    for block in text.removeprefix("WEBVTT\n\n").strip("\n").split("\n\n"):
        times, *lines = block.split("\n")
        match = re.fullmatch(rf"({TIME}\.\d{{3}}) --> ({TIME}\.\d{{3}})", times)
        assert match, times
        cues.append((match[1], match[2], "\n".join(lines)))
    return cues


class TestTranscription:
    def test_json_is_the_default(self, client, model, english):
        answer = client.audio.transcriptions.create(model=model, file=english.upload)
        assert says(english, answer.text)
        assert answer._request_id.startswith("req_")

    def test_json(self, client, model, english):
        answer = client.audio.transcriptions.create(model=model, file=english.upload, response_format="json")
        assert says(english, answer.text)
        if answer.usage:
            assert answer.usage.type == "duration" and answer.usage.seconds > 0

    def test_text_is_a_raw_body_that_ends_in_a_newline(self, client, model, english):
        raw = client.audio.transcriptions.with_raw_response.create(
            model=model, file=english.upload, response_format="text"
        )
        assert raw.headers["content-type"] == "text/plain; charset=utf-8"
        assert int(raw.headers["openai-processing-ms"]) >= 0
        assert raw.text.endswith("\n") and not raw.text.startswith('"')
        assert says(english, raw.text)

    def test_srt(self, client, model, english):
        answer = client.audio.transcriptions.create(model=model, file=english.upload, response_format="srt")
        cues = parse_srt(answer)
        check_cues(cues)
        assert says(english, " ".join(text for _, _, text in cues))

    def test_vtt(self, client, model, english):
        answer = client.audio.transcriptions.create(model=model, file=english.upload, response_format="vtt")
        cues = parse_vtt(answer)
        check_cues(cues)
        assert says(english, " ".join(text for _, _, text in cues))

    def test_vtt_has_its_own_type_for_those_who_ask(self, client, model, english):
        raw = client.audio.transcriptions.with_raw_response.create(
            model=model, file=english.upload, response_format="vtt", extra_headers={"Accept": "text/vtt"}
        )
        assert raw.headers["content-type"].startswith("text/vtt")

    @pytest.mark.parametrize(
        "granularities, has_words, has_segments",
        [
            (None, False, True),
            (["segment"], False, True),
            (["word"], True, False),
            (["word", "segment"], True, True),
        ],
    )
    def test_verbose_json(self, client, model, english, granularities, has_words, has_segments):
        answer = client.audio.transcriptions.create(
            model=model,
            file=english.upload,
            response_format="verbose_json",
            timestamp_granularities=granularities or openai.omit,
        )
        assert says(english, answer.text)
        assert answer.language == "english"
        assert answer.task == "transcribe"
        assert answer.duration > 0.5
        assert answer.usage.type == "duration" and answer.usage.seconds == math.ceil(answer.duration)
        assert (answer.words is not None) == has_words
        assert (answer.segments is not None) == has_segments
        if has_words:
            check_words(answer)
        if has_segments:
            check_segments(answer)

    def test_fields_of_all_kinds_are_accepted(self, client, model, english):
        answer = client.audio.transcriptions.create(
            model=model,
            file=english.upload,
            language="en",
            prompt="A speech.",
            temperature=0,
            include=["logprobs"],
            chunking_strategy="auto",
            extra_body={"made_up": "1"},
        )
        assert says(english, answer.text)

    def test_the_same_recording_gives_the_same_text(self, client, model, english):
        answers = {
            client.audio.transcriptions.create(model=model, file=english.upload, response_format="text")
            for _ in range(2)
        }
        assert len(answers) == 1

    def test_bytes_without_a_name_are_recognised_by_content(self, client, model, english):
        answer = client.audio.transcriptions.create(model=model, file=english.content)
        assert says(english, answer.text)


class TestTranslation:
    @pytest.mark.parametrize("response_format", ["json", "text", "srt", "verbose_json", "vtt"])
    def test_spanish_becomes_english(self, client, model, spanish, response_format):
        answer = client.audio.translations.create(
            model=model, file=spanish.upload, response_format=response_format
        )
        match response_format:
            case "json":
                text = answer.text
            case "verbose_json":
                text = answer.text
                assert answer.language == "english"
                assert float(answer.duration) > 0.5
                check_segments(answer)
            case "text":
                text = answer
                assert text.endswith("\n")
            case "srt":
                text = " ".join(cue[2] for cue in parse_srt(answer))
            case "vtt":
                text = " ".join(cue[2] for cue in parse_vtt(answer))
        assert says(spanish, text)


class TestModels:
    def test_the_model_is_listed_and_can_be_had_alone(self, client, model):
        listed = {entry.id: entry for entry in client.models.list()}
        assert listed[model].object == "model"
        assert client.models.retrieve(model).id == model

    def test_an_unknown_model_is_not_found(self, client):
        with pytest.raises(openai.NotFoundError) as error:
            client.models.retrieve("no-such-model")
        assert error.value.code == "model_not_found"


class TestRefusals:
    def refused(self, client, default_model, english, error, /, **fields):
        fields = {"model": default_model, "file": english.upload, **fields}
        with pytest.raises(error) as raised:
            client.audio.transcriptions.create(**fields)
        assert raised.value.request_id.startswith("req_")
        return raised.value

    def test_a_wrong_key(self, base_url, model, english):
        if not os.environ.get("ELK_API_KEY"):
            pytest.skip("ELK_API_KEY is not set: the server takes any key")
        with openai.OpenAI(base_url=base_url, api_key="sk-wrong-0123456789-wxyz", max_retries=0) as stranger:
            error = self.refused(stranger, model, english, openai.AuthenticationError)
        assert error.code == "invalid_api_key"
        assert "Incorrect API key provided" in error.message and "0123456789" not in error.message

    def test_an_unknown_model(self, client, model, english):
        error = self.refused(client, model, english, openai.NotFoundError, model="no-such-model")
        assert error.code == "model_not_found"
        assert "The model `no-such-model` does not exist" in error.message

    def test_no_model(self, client, model, english):
        error = self.refused(client, model, english, openai.BadRequestError, model="")
        assert "you must provide a model parameter" in error.message
        assert error.type == "invalid_request_error"

    def test_no_file(self, client, model):
        with pytest.raises(openai.BadRequestError) as raised:
            client.post(
                "/audio/transcriptions",
                body={"model": model},
                files=[("other", ("x.txt", b"x"))],
                cast_to=object,
                options={"headers": {"Content-Type": "multipart/form-data"}},
            )
        assert raised.value.param == "file"

    def test_a_body_that_is_no_form(self, client, model):
        with pytest.raises(openai.BadRequestError) as raised:
            client.post("/audio/transcriptions", body={"model": model}, cast_to=object)
        assert raised.value.type == "invalid_request_error"

    def test_junk(self, client, model, english):
        error = self.refused(client, model, english, openai.BadRequestError, file=("junk.wav", b"not a sound " * 1000))
        assert "could not be decoded" in error.message

    def test_an_empty_file(self, client, model, english):
        error = self.refused(client, model, english, openai.BadRequestError, file=("empty.wav", b""))
        assert "could not be decoded" in error.message

    def test_a_playlist_is_no_sound(self, client, model, english):
        playlist = b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.mp3\n"
        self.refused(client, model, english, openai.BadRequestError, file=("list.mp3", playlist))

    def test_too_short(self, client, model, english, short):
        error = self.refused(client, model, english, openai.BadRequestError, file=short)
        assert (error.param, error.code) == ("file", "audio_too_short")

    @pytest.mark.parametrize("language", ["auto", "zh-tw", "xx"])
    def test_a_language_that_is_no_code(self, client, model, english, language):
        error = self.refused(client, model, english, openai.BadRequestError, language=language)
        assert (error.param, error.code) == ("language", "invalid_language_format")

    def test_an_unknown_format(self, client, model, english):
        error = self.refused(client, model, english, openai.BadRequestError, response_format="xml")
        assert "'type': 'enum'" in error.message

    @pytest.mark.parametrize("temperature", [2, -1, "abc", "nan"])
    def test_a_temperature_out_of_range(self, client, model, english, temperature):
        error = self.refused(client, model, english, openai.BadRequestError, temperature=temperature)
        assert error.param == "temperature"

    def test_granularities_need_verbose_json(self, client, model, english):
        error = self.refused(client, model, english, openai.BadRequestError, timestamp_granularities=["word"])
        assert error.param == "timestamp_granularities"

    def test_a_body_over_the_limit(self, client, model, english):
        error = self.refused(client, model, english, openai.APIStatusError, file=("long.wav", bytes(26_214_400)))
        assert error.status_code == 413
        assert error.type == "server_error"
        assert re.search(r"Maximum content size limit \(26214400\) exceeded \(\d+ bytes read\)", error.message)

    def test_a_full_queue(self, client, model, english):
        if not os.environ.get("ELK_TEST_QUEUE"):
            pytest.skip("ELK_TEST_QUEUE is not set: filling the usual queue takes too long")
        count = int(os.environ["ELK_TEST_QUEUE"]) + 3

        def ask(_):
            try:
                return client.audio.transcriptions.create(model=model, file=english.upload)
            except openai.RateLimitError as error:
                return error

        with concurrent.futures.ThreadPoolExecutor(count) as threads:
            answers = list(threads.map(ask, range(count)))
        errors = [answer for answer in answers if isinstance(answer, openai.RateLimitError)]
        assert errors and len(errors) < count
        for error in errors:
            assert int(error.response.headers["retry-after"]) > 0


def test_plain_text_is_streamed_in_events(client, model, english):
    whole = client.audio.transcriptions.create(model=model, file=english.upload, response_format="text")
    events = list(client.audio.transcriptions.create(model=model, file=english.upload, response_format="text", stream=True))
    assert events[-1].type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == events[-1].text == whole.strip()


def test_text_comes_in_pieces_that_join_to_the_whole(client, model, english):
    whole = client.audio.transcriptions.create(model=model, file=english.upload)
    events = list(client.audio.transcriptions.create(model=model, file=english.upload, stream=True, include=["logprobs"]))
    assert [event.type for event in events[:-1]] == ["transcript.text.delta"] * (len(events) - 1)
    done = events[-1]
    assert done.type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == done.text == whole.text
    assert "".join(token.token for event in events[:-1] for token in event.logprobs).strip() == done.text
    assert all(token.logprob <= 0 for token in done.logprobs)
    assert done.usage.type == "tokens" and done.usage.output_tokens >= len(done.logprobs) > 0
    assert done.usage.input_tokens == done.usage.input_token_details.audio_tokens >= 10 * whole.usage.seconds - 10
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens


def test_streamed_cues_are_the_bytes_of_the_whole(client, model, english):
    for form in ("srt", "vtt"):
        whole = client.audio.transcriptions.create(model=model, file=english.upload, response_format=form)
        with client.audio.transcriptions.with_streaming_response.create(
            model=model, file=english.upload, response_format=form, stream=True
        ) as response:
            assert response.read().decode() == whole


def test_log_probabilities_belong_to_the_tokens_of_the_text(client, model, english):
    answer = client.audio.transcriptions.create(model=model, file=english.upload, include=["logprobs"])
    assert bytes(int(byte) for token in answer.logprobs for byte in token.bytes).decode().strip() == answer.text


def test_a_recording_on_one_channel_has_one_speaker(client, model, english):
    answer = client.audio.transcriptions.create(
        model=model, file=english.upload, response_format="diarized_json", chunking_strategy="auto"
    )
    assert {segment.speaker for segment in answer.segments} == {"A"}
    assert says(english, answer.text)


def test_live_audio_becomes_text(base_url, client, model, english):
    with wave.open(io.BytesIO(english.content)) as recording:
        rate, samples = recording.getframerate(), recording.readframes(recording.getnframes())
    if rate not in (8000, 16000, 24000, 48000):
        pytest.skip("the recording has a rate that live audio has not")
    with client.realtime.connect(model=model, extra_query={"intent": "transcription"}) as connection:
        assert connection.recv().type == "session.created"
        connection.session.update(
            session={
                "type": "transcription",
                "audio": {
                    "input": {
                        "format": {"type": "audio/pcm", "rate": rate},
                        "transcription": {"model": model, "language": "en"},
                        "turn_detection": None,
                    }
                },
            }
        )
        assert connection.recv().type == "session.updated"
        for start in range(0, len(samples), 9600):
            connection.input_audio_buffer.append(audio=base64.b64encode(samples[start : start + 9600]).decode())
        connection.input_audio_buffer.commit()
        seen, deltas = [], []
        for event in connection:
            seen.append(event.type)
            if event.type.endswith("transcription.delta"):
                deltas.append(event.delta)
            if event.type.endswith("transcription.completed"):
                break
        assert seen[0] == "input_audio_buffer.committed"
        assert "".join(deltas) == event.transcript
        assert says(english, event.transcript)
