// The recording as a picture: how loud it is, where the segments are, where it plays.

import { clock, spokenTime } from './text.js';

const buckets = 2400;
/** Beyond this a browser needs too much memory to decode a file. */
const mostBytes = 300e6;

/** Loudest sample of each stretch of a recording and its length, or nothing when this browser cannot decode it. */
export async function peaksOf(file) {
  if (file.size > mostBytes) return null;
  try {
    // Few samples a second are enough for a picture, and keep long recordings small.
    const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(await file.arrayBuffer());
    const samples = sound.getChannelData(0);
    const peaks = new Float32Array(Math.min(buckets, samples.length));
    for (let index = 0; index < peaks.length; index += 1) {
      const end = Math.floor(((index + 1) * samples.length) / peaks.length);
      let most = 0;
      for (let at = Math.floor((index * samples.length) / peaks.length); at < end; at += 1) {
        most = Math.max(most, Math.abs(samples[at]));
      }
      peaks[index] = most;
    }
    return { peaks, length: sound.duration };
  } catch {
    return null;
  }
}

/** Bars of how loud it was lately, for the time of a recording. */
export function drawLevels(canvas, levels) {
  const { context, width, height, colour } = prepare(canvas);
  context.fillStyle = colour('--accent');
  const count = Math.floor(width / 6);
  const shown = levels.slice(-count);
  shown.forEach((level, index) => {
    bar(context, width - (shown.length - index) * 6, height / 2, 3, Math.max(3, level * height));
  });
}

export class Waveform {
  #peaks = null;
  #loudest = 1;
  #segments = [];
  #length = 0;
  #position = 0;

  constructor(canvas, onSeek) {
    this.canvas = canvas;
    const seek = (event) => {
      const box = canvas.getBoundingClientRect();
      if (this.#length > 0) onSeek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.#length);
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) seek(event);
    });
    canvas.addEventListener('keydown', (event) => {
      const steps = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };
      let target = event.key in steps ? this.#position + steps[event.key] : null;
      if (event.key === 'Home') target = 0;
      if (event.key === 'End') target = this.#length;
      if (target === null) return;
      event.preventDefault();
      onSeek(Math.min(this.#length, Math.max(0, target)));
    });
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  clear() {
    this.#peaks = null;
    this.#segments = [];
    this.#position = 0;
    this.length = 0;
  }

  set peaks(peaks) {
    this.#peaks = peaks;
    this.#loudest = peaks ? Math.max(0.02, ...peaks) : 1;
    this.#draw();
  }

  set segments(segments) {
    this.#segments = segments;
    this.#draw();
  }

  addSegment(segment) {
    this.segments = [...this.#segments, segment];
  }

  get length() {
    return this.#length;
  }

  set length(seconds) {
    this.#length = seconds;
    this.canvas.setAttribute('aria-valuemax', String(Math.round(seconds)));
    this.position = Math.min(this.#position, seconds);
  }

  set position(seconds) {
    this.#position = seconds;
    this.canvas.setAttribute('aria-valuenow', String(Math.round(seconds)));
    this.canvas.setAttribute('aria-valuetext', `${spokenTime(seconds)} of ${spokenTime(this.#length)}`);
    this.canvas.title = clock(this.#length);
    this.#draw();
  }

  #draw() {
    const { context, width, height, colour } = prepare(this.canvas);
    if (!width) return;
    const strip = 5;
    const room = height - strip - 10;
    const pitch = 4;
    const count = Math.max(1, Math.floor(width / pitch));
    const played = this.#length ? (this.#position / this.#length) * width : 0;
    const spoken = this.#columns(count);
    for (let index = 0; index < count; index += 1) {
      const x = index * pitch + pitch / 2;
      context.fillStyle = colour(x < played ? '--accent' : spoken[index] ? '--soft' : '--faint');
      bar(context, x, 3 + room / 2, 2, Math.max(2, this.#loudness(index, count) * room));
    }
    const accent = colour('--accent');
    context.fillStyle = accent;
    for (const { start, end } of this.#length ? this.#segments : []) {
      const left = (start / this.#length) * width;
      const right = (Math.min(end, this.#length) / this.#length) * width;
      const isNow = this.#position > 0 && start <= this.#position && this.#position < end;
      context.globalAlpha = isNow ? 1 : 0.35;
      context.beginPath();
      context.roundRect(left + 1, height - strip, Math.max(1, right - left - 2), strip - 1, 2);
      context.fill();
    }
    context.globalAlpha = 1;
    if (this.#length && this.#position > 0) {
      context.fillRect(Math.min(width - 2, played - 1), 0, 2, height - strip - 3);
    }
  }

  /** Which columns lie in a segment; all of them while none is known. */
  #columns(count) {
    if (!this.#segments.length || !this.#length) return new Uint8Array(count).fill(1);
    const columns = new Uint8Array(count);
    for (const { start, end } of this.#segments) {
      columns.fill(1, Math.floor((start / this.#length) * count), Math.ceil((end / this.#length) * count));
    }
    return columns;
  }

  #loudness(index, count) {
    if (!this.#peaks) return 0;
    const from = Math.floor((index * this.#peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * this.#peaks.length) / count));
    let most = 0;
    for (let at = from; at < to; at += 1) most = Math.max(most, this.#peaks[at] ?? 0);
    return (most / this.#loudest) ** 0.8;
  }
}

function bar(context, x, middle, width, height) {
  context.beginPath();
  context.roundRect(x - width / 2, middle - height / 2, width, height, width / 2);
  context.fill();
}

/** A clean canvas in the size that it has on the screen. */
function prepare(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const pixels = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixels[0]) [canvas.width] = pixels;
  if (canvas.height !== pixels[1]) [, canvas.height] = pixels;
  const context = canvas.getContext('2d');
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  return { context, width, height, colour: (name) => style.getPropertyValue(name).trim() };
}
