// The page: a recording comes in, its text comes out.

import { speechModels, transcribe } from './api.js';
import { Choices, languageName } from './choices.js';
import { save } from './downloads.js';
import { Fault, microphone } from './faults.js';
import { Key } from './key.js';
import { Player } from './player.js';
import { Recorder } from './recorder.js';
import { clock, counted, size } from './text.js';
import { TranscriptView } from './transcript.js';
import { Waveform, drawLevels, peaksOf } from './waveform.js';

const at = (id) => document.getElementById(id);
const show = (id, isShown) => { at(id).hidden = !isShown; };

const key = new Key(at('key-dialog'));
const choices = new Choices(at('model'), at('language'));
const player = new Player(at('audio'), ticked);
const waveform = new Waveform(at('wave'), (seconds) => canPlay && player.seek(seconds));
const transcript = new TranscriptView(at('transcript'), (seconds) => canPlay && player.playFrom(seconds));

/** What is being written down, or was. */
let job = null;
let result = null;
let canPlay = false;
let running = null;
let recorder = null;
/** What the button in the fault does. */
let again = null;

// Faults

function complain(error, retry = null) {
  const fault = error instanceof Fault
    ? error
    : new Fault('Something on this page went wrong', 'Load it again, then try once more.');
  if (!(error instanceof Fault)) console.warn(error);
  at('fault-title').textContent = fault.title;
  at('fault-text').textContent = fault.text;
  again = retry;
  show('retry', fault.next === 'retry' && retry);
  show('enter-key', fault.next === 'key');
  show('fault', true);
}

function forgive() {
  show('fault', false);
}

at('retry').addEventListener('click', () => {
  forgive();
  again?.();
});
at('enter-key').addEventListener('click', () => askForKey());

// Models and the key

async function loadModels(wasAsked = false) {
  try {
    const ids = await speechModels(key.value);
    choices.offer(ids);
    show('change-key', Boolean(key.value));
    if (!ids.length) {
      complain(new Fault('No speech model is installed', 'On the server, run: elk models pull base', 'retry'), loadModels);
      return false;
    }
    return true;
  } catch (error) {
    if (error.status !== 401) {
      complain(error, loadModels);
      return false;
    }
    const wasWrong = wasAsked && Boolean(key.value);
    key.forget();
    if (await key.ask(wasWrong)) return loadModels(true);
    complain(error);
    return false;
  }
}

async function askForKey() {
  if (!(await key.ask())) return;
  forgive();
  if (await loadModels(true) && job && !result) work();
}

at('change-key').addEventListener('click', askForKey);

// A recording comes in

function take(file) {
  if (!file) return;
  running?.abort();
  forgive();
  job = { file, name: file.name || 'recording' };
  result = null;
  canPlay = false;
  at('name').textContent = job.name;
  at('facts').textContent = size(file.size);
  at('play').disabled = true;
  at('result').classList.remove('no-sound');
  waveform.clear();
  show('intro', false);
  show('drop', false);
  show('player', true);
  show('result', true);
  prepareSound(job);
  work();
}

/** What the browser itself can do with a recording: draw it and play it. */
async function prepareSound(mine) {
  const [length, picture] = await Promise.all([player.load(mine.file), peaksOf(mine.file)]);
  if (job !== mine) return;
  canPlay = length !== null;
  at('play').disabled = !canPlay;
  at('result').classList.toggle('no-sound', !canPlay);
  if (picture) waveform.peaks = picture.peaks;
  waveform.length = length ?? picture?.length ?? result?.duration ?? 0;
  at('length').textContent = waveform.length ? clock(waveform.length) : '';
  if (result) finished();
  else describe();
}

function describe() {
  const parts = [waveform.length ? clock(waveform.length) : '', size(job.file.size)];
  if (result) parts.push(languageName(result.language), job.model);
  at('facts').textContent = parts.filter(Boolean).join(' · ');
}

async function work() {
  running?.abort();
  const mine = job;
  if (!choices.model && !(await loadModels())) return;
  if (job !== mine) return;
  const stop = new AbortController();
  running = stop;
  result = null;
  mine.model = choices.model;
  forgive();
  transcript.clear();
  waveform.segments = [];
  at('live-text').textContent = '';
  at('status').textContent = '';
  show('word-hint', false);
  show('downloads', false);
  show('progress', true);
  const watch = new Watch();
  try {
    const order = { file: mine.file, name: mine.name, model: mine.model, language: choices.language };
    const answer = await transcribe(order, key.value, {
      sent: (fraction) => watch.sent(fraction),
      text: (text) => write(text),
      segment: (segment) => {
        waveform.addSegment(segment);
        watch.heard(segment.end);
      },
      timing: () => watch.say('Finding the time of each word'),
    }, stop.signal);
    if (running !== stop) return;
    result = answer;
    if (!waveform.length && answer.duration) waveform.length = answer.duration;
    finished(watch.seconds);
  } catch (error) {
    if (running !== stop) return;
    if (error.name === 'AbortError') {
      at('status').textContent = 'Stopped.';
    } else if (error.status === 401) {
      key.forget();
      complain(error);
    } else {
      complain(error, work);
    }
  } finally {
    watch.end();
    if (running === stop) {
      running = null;
      show('progress', false);
    }
  }
}

/** Adds what is new, so that it alone is read out. */
function write(text) {
  const live = at('live-text');
  const before = live.textContent;
  const clean = text.trimStart();
  if (clean.startsWith(before)) live.append(clean.slice(before.length));
  else live.textContent = clean;
}

function finished(seconds) {
  const wasLive = at('live-text').textContent !== '';
  at('live-text').textContent = '';
  transcript.show(result);
  waveform.segments = result.segments ?? [];
  describe();
  const isEmpty = !result.text?.trim();
  const words = result.words?.length ?? result.text?.trim().split(/\s+/).length ?? 0;
  const told = isEmpty ? 'Nobody speaks in this recording.' : counted(words, 'word');
  const took = seconds && !isEmpty ? ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} seconds` : '';
  if (seconds !== undefined) {
    // What has been read out as it came is not read out again.
    at('status').textContent = `${told}${took}${isEmpty || /\.$/.test(told) ? '' : '.'}`;
    if (!wasLive && !isEmpty) at('transcript').setAttribute('aria-live', 'off');
  }
  if (!canPlay && waveform.length && at('play').disabled && at('result').classList.contains('no-sound')) {
    at('status').textContent += ' This browser cannot play this kind of recording, so words cannot be heard.';
  }
  show('word-hint', canPlay && transcript.hasTimes);
  show('downloads', !isEmpty);
  for (const button of at('downloads').querySelectorAll('[data-kind="srt"], [data-kind="vtt"]')) {
    button.disabled = !result.segments?.length;
  }
}

/** How far a transcription is, in the bar and in words. */
class Watch {
  constructor() {
    this.begin = performance.now();
    this.text = 'Sending';
    this.fraction = null;
    this.timer = setInterval(() => this.draw(), 500);
    this.draw();
  }

  get seconds() {
    return (performance.now() - this.begin) / 1000;
  }

  sent(fraction) {
    if (fraction === 1) this.say('Listening');
    else this.say('Sending', fraction);
  }

  heard(seconds) {
    if (waveform.length) this.say('Listening', seconds / waveform.length);
  }

  say(text, fraction = null) {
    this.text = text;
    this.fraction = fraction;
    this.draw();
  }

  draw() {
    const percent = this.fraction === null ? null : Math.min(100, Math.round(this.fraction * 100));
    const bar = at('bar');
    bar.classList.toggle('unknown', percent === null);
    at('done').style.width = percent === null ? '' : `${percent}%`;
    if (percent === null) bar.removeAttribute('aria-valuenow');
    else bar.setAttribute('aria-valuenow', String(percent));
    at('stage').textContent = `${this.text} · ${percent === null ? clock(this.seconds) : `${percent} %`}`;
  }

  end() {
    clearInterval(this.timer);
  }
}

// Dropping and choosing

at('choose').addEventListener('click', () => at('file').click());
at('file').addEventListener('change', () => {
  take(at('file').files[0]);
  at('file').value = '';
});
for (const name of ['dragenter', 'dragover']) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    at('drop').classList.add('over');
  });
}
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) at('drop').classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  at('drop').classList.remove('over');
  const file = event.dataTransfer?.files[0];
  if (file && !recorder) take(file);
});
at('cancel').addEventListener('click', () => running?.abort());
at('another').addEventListener('click', () => {
  running?.abort();
  running = null;
  job = null;
  result = null;
  player.clear();
  transcript.clear();
  forgive();
  show('result', false);
  show('progress', false);
  show('intro', true);
  show('drop', true);
  at('choose').focus();
});
for (const id of ['model', 'language']) {
  // Another choice hears the same recording again.
  at(id).addEventListener('change', () => job && work());
}

// Recording

at('record').addEventListener('click', async () => {
  forgive();
  const mine = new Recorder();
  try {
    await mine.start();
  } catch (error) {
    complain(error instanceof Fault ? error : microphone(error));
    return;
  }
  recorder = mine;
  show('idle', false);
  show('recording', true);
  at('stop-recording').focus();
  const levels = [];
  const draw = () => {
    if (recorder !== mine) return;
    levels.push(mine.level);
    if (levels.length > 400) levels.shift();
    drawLevels(at('level'), levels);
    at('elapsed').textContent = clock(mine.seconds);
  };
  const timer = setInterval(() => (recorder === mine ? draw() : clearInterval(timer)), 60);
});
at('stop-recording').addEventListener('click', async () => {
  const mine = endRecording();
  const file = await mine.stop();
  take(file);
});
at('discard').addEventListener('click', () => {
  endRecording().discard();
  at('record').focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && recorder) at('discard').click();
});

function endRecording() {
  const mine = recorder;
  recorder = null;
  show('idle', true);
  show('recording', false);
  return mine;
}

// Playing

function ticked(seconds, isPlaying) {
  waveform.position = seconds;
  at('position').textContent = clock(seconds);
  at('play').classList.toggle('playing', isPlaying);
  at('play').setAttribute('aria-label', isPlaying ? 'Pause' : 'Play');
  transcript.mark(seconds, isPlaying);
}

at('play').addEventListener('click', () => player.toggle());
at('wave').addEventListener('keydown', (event) => {
  if (event.key !== ' ' || !canPlay) return;
  event.preventDefault();
  player.toggle();
});

// Taking it along

for (const button of at('downloads').querySelectorAll('[data-kind]')) {
  button.addEventListener('click', () => save(button.dataset.kind, result, job.name));
}
at('copy').addEventListener('click', async () => {
  const button = at('copy');
  try {
    await navigator.clipboard.writeText(result.text.trim());
    button.textContent = 'Copied';
  } catch {
    // No clipboard without https: the text is marked, so that it can be copied by hand.
    getSelection().selectAllChildren(at('transcript'));
    button.textContent = 'Marked: copy it now';
  }
  setTimeout(() => { button.textContent = 'Copy text'; }, 2500);
});

loadModels();
