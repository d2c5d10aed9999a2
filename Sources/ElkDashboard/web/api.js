// The server's API, as the page uses it.

import { EventReader } from './events.js';
import { Fault, refused, unreachable } from './faults.js';

const address = (path) => new URL(`v1/${path}`, document.baseURI);

/** Ids of the models that write down speech, the best guess first. */
export async function speechModels(key) {
  let answer;
  try {
    answer = await fetch(address('models'), { headers: key ? { Authorization: `Bearer ${key}` } : {} });
  } catch {
    throw unreachable();
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw refused(answer.status, body?.error, answer.headers.get('Retry-After'));
  const listens = /whisper|transcri|voxtral|parakeet|canary/i;
  const speaks = /tts|piper|voice|vits|speech/i;
  return (body?.data ?? [])
    .filter((model) => listens.test(model.id) || (model.owned_by === 'elk' && !speaks.test(model.id)))
    .map((model) => model.id)
    .sort((a, b) => Number(b === 'whisper-1') - Number(a === 'whisper-1'));
}

/**
 * Text of a recording with the times of segments and words, where the model has them.
 *
 * `on.sent(fraction)`, `on.text(whole text so far)`, `on.segment(segment)` and `on.timing()` tell how far it is.
 */
export async function transcribe(job, key, on, signal) {
  const detailed = [
    ['response_format', 'verbose_json'],
    ['timestamp_granularities[]', 'word'],
    ['timestamp_granularities[]', 'segment'],
  ];
  let answer;
  try {
    answer = await post(job, [...detailed, ['stream', 'true']], key, on, signal);
  } catch (error) {
    // Some models of providers know plain text only.
    const isForm = /response_format|timestamp_granularities|stream/.test(`${error.parameter} ${error.said}`);
    if (error.status !== 400 || !isForm) throw error;
    return await post(job, [['response_format', 'json']], key, on, signal);
  }
  if (!answer.streamed || answer.segments) return answer;
  // A stream of text alone: the times are asked for in a second answer.
  on.timing();
  try {
    return await post(job, detailed, key, { ...on, sent: () => {}, text: () => {} }, signal);
  } catch (error) {
    if (error.status === 400) return answer;
    throw error;
  }
}

function post(job, extra, key, on, signal) {
  const form = new FormData();
  form.append('model', job.model);
  if (job.language) form.append('language', job.language);
  for (const [name, value] of extra) form.append(name, value);
  form.append('file', job.file, job.name);

  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stream = new TextStream(on);
    const isStream = () => /^text\/event-stream/.test(request.getResponseHeader('Content-Type') ?? '');
    let taken = 0;
    const take = () => {
      if (request.status !== 200 || !isStream()) return;
      stream.take(request.responseText.slice(taken));
      taken = request.responseText.length;
    };
    request.open('POST', address('audio/transcriptions'));
    if (key) request.setRequestHeader('Authorization', `Bearer ${key}`);
    request.upload.onprogress = (event) => on.sent(event.lengthComputable ? event.loaded / event.total : null);
    request.upload.onload = () => on.sent(1);
    request.onprogress = take;
    request.onload = () => {
      take();
      try {
        resolve(isStream() && request.status === 200 ? stream.result() : whole(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('Stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}

function whole(request) {
  let body = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // Not every refusal on the way is the server's, and text is text.
  }
  if (request.status !== 200) throw refused(request.status, body?.error, request.getResponseHeader('Retry-After'));
  return body ?? { text: request.responseText };
}

/** Deltas, segments and the end of a streamed transcript. */
class TextStream {
  #text = '';
  #done = null;
  #error = null;

  constructor(on) {
    this.on = on;
    this.reader = new EventReader((event) => this.#event(event));
  }

  take(text) {
    this.reader.take(text);
  }

  result() {
    this.reader.end();
    if (this.#error) throw this.#error;
    if (!this.#done) throw new Fault('The answer broke off', 'What had come so far is below. Try again.', 'retry');
    return { ...this.#done, streamed: true };
  }

  #event(event) {
    if (event.error || event.type === 'error') {
      const error = event.error ?? event;
      this.#error = refused(error.status ?? 500, error, null);
      return;
    }
    switch (event.type) {
      case 'transcript.text.delta':
        this.#text += event.delta ?? '';
        this.on.text(this.#text);
        break;
      case 'transcript.text.segment':
        this.on.segment(event);
        break;
      case 'transcript.text.done': {
        const { type, ...rest } = event;
        this.#done = rest;
        break;
      }
      default:
        break;
    }
  }
}
