"""The page as its visitors use it: a file, the microphone, the keyboard, a phone."""

import json
import os
import re
import time
import urllib.request

import pytest
from playwright.sync_api import expect

KEY = os.environ.get("ELK_API_KEY")


def ready(page):
    expect(page.locator("#model")).to_be_enabled()
    return page


def transcribed(page, recording):
    ready(page).locator("#file").set_input_files(recording)
    return finished(page)


def finished(page):
    expect(page.locator("#downloads")).to_be_visible(timeout=60_000)
    return page.locator("#transcript")


def words_of(transcript, words):
    for word in words:
        expect(transcript).to_contain_text(re.compile(word, re.IGNORECASE))


def until(page, least):
    """Waits until the sound is at a time; the page's policy lets nobody evaluate conditions in it."""
    deadline = time.monotonic() + 20
    while playing(page)[0] < least:
        assert time.monotonic() < deadline, f"the sound is at {playing(page)[0]} s, not at {least} s"
        page.wait_for_timeout(50)


def playing(page):
    return page.evaluate("[document.getElementById('audio').currentTime, document.getElementById('audio').paused]")


def test_a_file_becomes_text_that_can_be_heard_word_by_word(visit, speech):
    page = visit()
    words_of(transcribed(page, speech[0]), speech[1])
    expect(page.locator("#facts")).to_contain_text("English")
    expect(page.locator("#status")).to_contain_text(re.compile(r"\d+ words in"))
    word = page.locator(".word").nth(5)
    start = float(word.get_attribute("data-start"))
    assert start > 0
    expect(page.locator("#play")).to_be_enabled()
    word.click()
    until(page, start + 0.05)
    assert playing(page)[0] < start + 3
    expect(page.locator(".word.now")).to_have_count(1)
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    page.locator("#play").click()
    assert playing(page)[1]
    # A click into the picture goes there.
    page.locator("#wave").click(position={"x": 3, "y": 20})
    assert playing(page)[0] < 0.5
    assert int(page.locator("#wave").get_attribute("aria-valuemax")) >= 3
    # And the picture is one.
    drawn = "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"
    assert page.locator("#wave").evaluate(drawn) > 4


def test_a_recording_from_the_microphone_becomes_text_and_can_be_played(visit, speech):
    page = ready(visit())
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#recording")).to_be_visible()
    expect(page.locator("#stop-recording")).to_be_focused()
    expect(page.locator("#elapsed")).to_have_text("0:05", timeout=15_000)
    page.get_by_role("button", name="Stop and transcribe").click()
    finished(page)
    assert page.locator(".word").count() >= 3
    expect(page.locator("#name")).to_have_text("recording.webm")
    # Browsers record without a length; it is found out, and one can go anywhere.
    expect(page.locator("#length")).to_have_text(re.compile("0:0[4-7]"))
    word = page.locator(".word").last
    start = float(word.get_attribute("data-start"))
    word.click()
    until(page, start - 0.1)


def test_a_recording_can_be_discarded(visit):
    page = ready(visit())
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#recording")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#record")).to_be_focused()


def test_everything_works_with_the_keyboard_alone(visit, speech):
    page = ready(visit())
    order = []
    for _ in range(4 + bool(KEY)):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert order == ["change-key"] * bool(KEY) + ["model", "language", "choose", "record"]
    page.keyboard.press("Shift+Tab")
    # A busy browser now and then forgets who pressed the key, and then opens no chooser for a page; people press again.
    choosers = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    for _ in range(5):
        page.keyboard.press("Enter")
        for _ in range(30):
            if not choosers:
                page.wait_for_timeout(100)
        if choosers:
            break
    choosers[0].set_files(speech[0])
    finished(page)
    expect(page.locator("#play")).to_be_enabled()
    page.locator("#another").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#play")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#wave")).to_be_focused()
    for key, position in (("End", None), ("Home", 0), ("ArrowRight", 5), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        if position is not None:
            assert abs(playing(page)[0] - position) < 0.2 or position == 5
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.dataset.index")
    assert first == "0"
    # One stop for all words: arrows go on from there.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".word").nth(2)).to_be_focused()
    start = float(page.locator(".word").nth(2).get_attribute("data-start"))
    page.keyboard.press("Enter")
    until(page, start + 0.05)
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur; document.getElementById('copy').focus()")
    page.keyboard.press("Shift+Tab")
    assert "word" in page.evaluate("document.activeElement.className") or page.evaluate("document.activeElement.closest('.line')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(visit, speech, scheme):
    page = visit(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True, color_scheme=scheme)
    transcribed(page, speech[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.evaluate(
        """[...document.querySelectorAll('button, select')].filter((one) => one.offsetParent)
           .filter((one) => !one.closest('.line') && one.getBoundingClientRect().height < 40).map((one) => one.id)"""
    )
    assert small == []
    page.locator(".word").nth(1).tap()
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.search(r"\d+", light)[0]) > 128) == (scheme == "light")


def test_downloads_are_what_their_names_say(visit, speech):
    page = visit()
    transcribed(page, speech[0])
    texts = {}
    for kind in ("srt", "vtt", "json"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind.upper(), exact=True).click()
        assert download.value.suggested_filename == f"jfk.{kind}"
        texts[kind] = download.value.path().read_text()
    assert re.match(r"1\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}\n\S", texts["srt"])
    assert re.match(r"WEBVTT\n\n\d\d:\d\d:\d\d\.\d{3} --> ", texts["vtt"])
    whole = json.loads(texts["json"])
    assert whole["words"] and whole["segments"] and "streamed" not in whole
    for word in speech[1]:
        assert all(word in text.lower() for text in texts.values())


def test_a_file_without_sound_is_refused_in_plain_words_and_another_one_works(visit, speech, tmp_path):
    page = ready(visit())
    bad = tmp_path / "notes.txt"
    bad.write_text("not a recording")
    page.locator("#file").set_input_files(bad)
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("cannot be read, or has no sound")
    expect(fault).to_contain_text("mp3")
    page.get_by_role("button", name="Another").click()
    words_of(transcribed(page, speech[0]), speech[1])
    expect(fault).to_be_hidden()


def test_a_file_that_is_too_large_is_refused_with_the_limit(visit, tmp_path):
    """Against the default limit."""
    large = tmp_path / "large.wav"
    large.write_bytes(bytes(30 << 20))
    page = ready(visit())
    page.locator("#file").set_input_files(large)
    expect(page.get_by_role("alert")).to_contain_text("more than the 25 MiB", timeout=30_000)


def test_silence_is_said_to_be_silence(visit, tmp_path):
    import wave

    with wave.open(str(tmp_path / "silence.wav"), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(bytes(2 * 16000 * 2))
    page = ready(visit())
    page.locator("#file").set_input_files(tmp_path / "silence.wav")
    expect(page.locator("#status")).to_contain_text("Nobody speaks", timeout=60_000)
    expect(page.locator("#downloads")).to_be_hidden()


def test_a_busy_server_can_be_asked_again(visit, speech):
    refusals = []

    def before(page):
        def answer(route):
            if refusals:
                return route.fallback()
            refusals.append(1)
            body = {"error": {"message": "busy", "type": "server_error", "param": None, "code": "busy"}}
            return route.fulfill(status=429, headers={"Retry-After": "7"}, json=body)

        page.route("**/audio/transcriptions", answer)

    page = ready(visit(before=before))
    page.locator("#file").set_input_files(speech[0])
    expect(page.get_by_role("alert")).to_contain_text("in 7 seconds")
    page.get_by_role("button", name="Try again").click()
    words_of(finished(page), speech[1])


def test_a_server_that_is_gone_is_said_to_be_gone(visit, speech):
    page = ready(visit(before=lambda page: page.route("**/audio/transcriptions", lambda route: route.abort())))
    page.locator("#file").set_input_files(speech[0])
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def event(**members):
    return f"data: {json.dumps(members)}\n\n"


def test_text_appears_while_it_is_streamed(visit, speech):
    """Against a server that streams and holds its end back, so that what came before it can be seen."""
    hold = """
        class Slow extends XMLHttpRequest {
          open(...all) { this.mine = String(all[1]).includes('transcriptions'); super.open(...all); }
          set onload(f) { super.onload = this.mine ? (e) => { window.release = () => f(e); } : f; }
        }
        window.XMLHttpRequest = Slow;
    """
    segments = [{"id": 0, "start": 0.0, "end": 2.0, "text": " One two."}, {"id": 1, "start": 2.5, "end": 4.0, "text": " Three."}]
    words = [("One", 0.1, 0.5), ("two", 0.6, 1.9), ("Three", 2.6, 3.9)]
    body = ": a sign of life\n\n" + event(type="transcript.text.delta", delta=" One two.")
    body += event(type="transcript.text.segment", id="seg_001", start=0, end=2, text=" One two.")
    body += event(type="transcript.text.delta", delta=" Three.")
    body += event(
        type="transcript.text.done", text="One two. Three.", language="english", duration=5.0, segments=segments,
        words=[{"word": word, "start": start, "end": end} for word, start, end in words],
    )
    asked = []

    def before(page):
        page.add_init_script(hold)

        def answer(route):
            asked.append(route.request.post_data_buffer or b"")
            route.fulfill(content_type="text/event-stream", body=body)

        page.route("**/audio/transcriptions", answer)

    page = ready(visit(before=before))
    page.locator("#file").set_input_files(speech[0])
    expect(page.locator("#live-text")).to_have_text("One two. Three.")
    expect(page.locator("#live-text")).to_have_attribute("aria-live", "polite")
    page.evaluate("release()")
    transcript = finished(page)
    expect(page.locator("#live-text")).to_be_empty()
    expect(transcript.locator(".line")).to_have_count(2)
    expect(transcript.locator(".word")).to_have_text(["One", "two", "Three"])
    assert len(asked) == 1


def test_an_error_in_the_middle_of_a_stream_is_shown(visit, speech):
    body = event(type="transcript.text.delta", delta="One") + event(error={"message": "The engine stopped.", "code": None})
    answer = lambda route: route.fulfill(content_type="text/event-stream", body=body)  # noqa: E731
    page = ready(visit(before=lambda page: page.route("**/audio/transcriptions", answer)))
    page.locator("#file").set_input_files(speech[0])
    expect(page.get_by_role("alert")).to_contain_text("The engine stopped.")


def test_a_model_without_times_still_gives_its_text(visit, speech):
    def answer(route):
        if b"verbose_json" in (route.request.post_data_buffer or b""):
            error = {"message": "response_format 'verbose_json' is not compatible", "param": "response_format", "code": None}
            return route.fulfill(status=400, json={"error": error})
        return route.fulfill(json={"text": "Only text."})

    page = ready(visit(before=lambda page: page.route("**/audio/transcriptions", answer)))
    page.locator("#file").set_input_files(speech[0])
    expect(finished(page)).to_have_text("Only text.")
    expect(page.get_by_role("button", name="SRT")).to_be_disabled()
    expect(page.get_by_role("button", name="JSON")).to_be_enabled()


@pytest.mark.skipif(not KEY, reason="ELK_API_KEY is not set")
def test_a_key_is_asked_for_and_stays_in_the_tab(visit, speech):
    page = visit(key=None)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("asks for a key")
    expect(page.locator("#key")).to_be_focused()
    page.keyboard.type("sk-wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("does not know that key")
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    words_of(transcribed(page, speech[0]), speech[1])
    assert page.evaluate("[sessionStorage.getItem('elk.key'), localStorage.length, document.cookie]") == [KEY, 0, ""]


@pytest.mark.skipif(not KEY, reason="ELK_API_KEY is not set")
def test_without_a_key_the_page_says_what_is_missing(visit):
    page = visit(key=None)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("asks for a key")
    page.get_by_role("button", name="Enter a key").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_nothing_moves_for_those_who_asked_for_that(visit):
    page = ready(visit(reduced_motion="reduce"))
    page.get_by_role("button", name="Record").click()
    assert page.locator(".dot.live").evaluate("(dot) => getComputedStyle(dot).animationName") == "none"


def test_the_answer_to_the_browser_is_strict(root):
    """No script or style from elsewhere, nobody's frame; and nothing is sent twice."""
    for path in ("", "assets/app.js", "assets/app.css", "assets/icon.svg"):
        with urllib.request.urlopen(root + path, timeout=5) as answer:
            headers, body = answer.headers, answer.read()
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and body
        again = urllib.request.Request(root + path, headers={"If-None-Match": headers["ETag"]})
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(again, timeout=5)
        assert unchanged.value.code == 304


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(visit, speech, scheme):
    """As far as axe can tell, before and after a transcription."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = ready(visit(color_scheme=scheme, reduced_motion="reduce"))

    def faults():
        found = axe.run(page).response["violations"]
        return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]

    assert faults() == []
    transcribed(page, speech[0])
    expect(page.locator("#play")).to_be_enabled()
    page.locator(".word").nth(3).click()
    assert faults() == []
