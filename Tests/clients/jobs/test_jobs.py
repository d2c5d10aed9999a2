"""Jobs against a real server: what a client gets later is what it would have got at once, through a kill -9 as well."""

import json
import time

import httpx2 as httpx
import openai
import pytest

PREFER = {"Prefer": "respond-async"}


def begin(client, recording, **fields):
    """The path of a new job."""
    hook = fields.pop("webhook_url", None)
    answer = client.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=recording, extra_headers=PREFER, extra_body={"webhook_url": hook} if hook else None, **fields
    )
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    job = json.loads(answer.text)
    assert job["object"] == "audio.job" and job["status"] in ("queued", "in_progress")
    assert answer.headers["location"] == f"/v1/audio/jobs/{job['id']}"
    return answer.headers["location"]


def poll(server, path, until=lambda job: job["status"] == "completed", seconds=900):
    """The job, once it is as wanted."""
    end = time.monotonic() + seconds
    while True:
        job = httpx.get(server.url + path, timeout=30).raise_for_status().json()
        if until(job):
            return job
        assert job["status"] in ("queued", "in_progress"), job
        assert time.monotonic() < end, job
        time.sleep(0.05)


@pytest.mark.parametrize("form", ["json", "verbose_json", "text", "srt", "vtt"])
def test_a_job_gives_the_answer_of_a_plain_request(server, client, talk, form):
    fields = dict(response_format=form)
    if form == "verbose_json":
        fields["timestamp_granularities"] = ["word", "segment"]
    plain = client.audio.transcriptions.with_raw_response.create(model="whisper-1", file=talk, **fields)
    path = begin(client, talk, **fields)
    job = poll(server, path)
    result = httpx.get(server.url + path + "/result", timeout=30)
    assert result.content == plain.content
    assert result.headers["content-type"] == plain.headers["content-type"]
    if form.endswith("json"):
        assert job["result"] == json.loads(plain.text)
    else:
        assert job["result"] == plain.text
    assert job["progress"]["seconds_done"] == job["progress"]["seconds_total"] == pytest.approx(60, abs=30)


def test_a_job_survives_kill_9_and_says_the_same(server, client, long, listener, secret):
    fields = dict(response_format="verbose_json", timestamp_granularities=["word", "segment"])
    before = server.metric("elk_speech_windows_total")
    plain = client.audio.transcriptions.with_raw_response.create(model="whisper-1", file=long, **fields)
    windows = server.metric("elk_speech_windows_total") - before
    hook = f"http://127.0.0.1:{listener.server_port}/hook?from=elk"
    path = begin(client, long, webhook_url=hook, **fields)
    cut = poll(server, path, lambda job: job["progress"]["seconds_done"] > 60)
    assert cut["status"] == "in_progress"
    assert cut["segments"] and cut["segments"][-1]["end"] <= cut["progress"]["seconds_done"] + 30
    server.kill()
    server.start()
    job = poll(server, path)
    assert job["result"] == json.loads(plain.text)
    # What was done before was not done again.
    assert 0 < server.metric("elk_speech_windows_total") < windows - 1

    end = time.monotonic() + 60
    while job["webhook"]["status"] == "pending" and time.monotonic() < end:
        time.sleep(0.2)
        job = httpx.get(server.url + path, timeout=30).json()
    assert job["webhook"] == {"url": hook, "status": "delivered", "attempts": 2}
    (first, _), (headers, body) = listener.received
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["webhook-id"] == first.get("webhook-id")
    # OpenAI's own client checks the signature.
    client.webhooks.verify_signature(body, headers, secret=secret)
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.verify_signature(body + b" ", headers, secret=secret)
    event = json.loads(body)
    assert event["type"] == "audio.job.completed" and event["data"]["id"] == job["id"]


def test_a_job_survives_a_restart_in_good_order(server, client, long):
    path = begin(client, long, response_format="text")
    poll(server, path, lambda job: job["progress"]["seconds_done"] > 30)
    server.stop()
    server.start()
    text = poll(server, path)["result"]
    assert text == client.audio.transcriptions.create(model="whisper-1", file=long, response_format="text")


def test_a_job_is_cancelled_and_removed(server, client, long):
    path = begin(client, long)
    poll(server, path, lambda job: job["status"] == "in_progress")
    started = time.monotonic()
    assert httpx.delete(server.url + path, timeout=30).json()["status"] == "cancelled"
    assert time.monotonic() - started < 10
    result = httpx.get(server.url + path + "/result", timeout=30)
    assert result.status_code == 409 and result.json()["error"]["code"] == "job_cancelled"
    assert httpx.delete(server.url + path, timeout=30).json()["deleted"] is True
    assert httpx.get(server.url + path, timeout=30).status_code == 404
    kept = [job["id"] for job in httpx.get(server.url + "/v1/audio/jobs", timeout=30).json()["data"]]
    assert path.split("/")[-1] not in kept
    folders = [folder.name for folder in (server.home / "jobs").iterdir() if folder.is_dir()]
    assert sorted(folders) == sorted(kept)


def test_a_short_request_is_answered_while_a_job_runs(server, client, long, talk):
    path = begin(client, long)
    poll(server, path, lambda job: job["progress"]["seconds_done"] > 0)
    client.audio.transcriptions.create(model="whisper-1", file=talk)
    job = httpx.get(server.url + path, timeout=30).json()
    assert job["status"] in ("in_progress", "completed")
    httpx.delete(server.url + path, timeout=30)


def test_what_is_no_recording_fails_the_job(server, client):
    path = begin(client, ("a.wav", b"no sound at all"))
    job = poll(server, path, lambda job: job["status"] == "failed")
    result = httpx.get(server.url + path + "/result", timeout=30)
    assert result.status_code == 400
    assert result.json()["error"]["message"] == job["error"]["message"]
