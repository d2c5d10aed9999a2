// The text, line by line, with words that can be heard.

import { clock, spokenTime } from './text.js';

export class TranscriptView {
  #words = [];
  #now = null;

  /** `onPlay(seconds)` is called for a word or a line that somebody wants to hear. */
  constructor(root, onPlay) {
    this.root = root;
    this.onPlay = onPlay;
    root.addEventListener('click', (event) => this.#choose(event.target));
    root.addEventListener('keydown', (event) => this.#key(event));
  }

  clear() {
    this.#words = [];
    this.#now = null;
    this.root.replaceChildren();
  }

  get hasTimes() {
    return this.#words.length > 0;
  }

  show(result) {
    this.clear();
    if (!result.segments?.length) {
      const line = document.createElement('p');
      line.className = 'line plain';
      line.textContent = result.text?.trim() ?? '';
      this.root.append(line);
      return;
    }
    const lines = aligned(result.segments, result.words ?? []);
    this.root.append(...lines.map((line) => this.#line(line)));
    this.#reach(this.#words[0]?.element);
  }

  /** Marks the word at a time; nothing between words. */
  mark(seconds, follow) {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#words[middle].start <= seconds + 0.02) low = middle + 1;
      else high = middle;
    }
    const word = this.#words[low - 1];
    const element = word && seconds < word.end + 0.2 ? word.element : null;
    if (element === this.#now) return;
    this.#now?.classList.remove('now');
    element?.classList.add('now');
    this.#now = element;
    if (element && follow) element.scrollIntoView({ block: 'nearest' });
  }

  #line({ start, pieces }) {
    const line = document.createElement('div');
    line.className = 'line';
    const time = document.createElement('button');
    time.type = 'button';
    time.textContent = clock(start);
    time.dataset.start = String(start);
    time.setAttribute('aria-label', `Play from ${spokenTime(start)}`);
    const text = document.createElement('p');
    for (const piece of pieces) {
      if (piece.start === undefined) {
        text.append(piece.text);
        continue;
      }
      const element = document.createElement('span');
      element.className = 'word';
      element.textContent = piece.text;
      element.dataset.start = String(piece.start);
      element.dataset.index = String(this.#words.length);
      element.tabIndex = -1;
      this.#words.push({ element, start: piece.start, end: piece.end });
      text.append(element);
    }
    line.append(time, text);
    return line;
  }

  #choose(target) {
    const element = target.closest?.('[data-start]');
    if (!element || !this.root.contains(element)) return;
    if (element.classList.contains('word')) this.#reach(element);
    this.onPlay(Number(element.dataset.start));
  }

  /** One word at a time is in the order of the Tab key; arrows go to the others. */
  #key(event) {
    const word = event.target.closest?.('.word');
    if (!word || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = Number(word.dataset.index);
    let target = null;
    switch (event.key) {
      case 'ArrowRight': target = index + 1; break;
      case 'ArrowLeft': target = index - 1; break;
      case 'ArrowDown': target = this.#nextLine(word, 1); break;
      case 'ArrowUp': target = this.#nextLine(word, -1); break;
      case 'Home': target = 0; break;
      case 'End': target = this.#words.length - 1; break;
      case 'Enter':
      case ' ':
        event.preventDefault();
        this.#choose(word);
        return;
      default: return;
    }
    event.preventDefault();
    const element = this.#words[target]?.element;
    if (!element) return;
    this.#reach(element);
    element.focus();
  }

  #nextLine(word, step) {
    let line = word.closest('.line');
    do line = step > 0 ? line.nextElementSibling : line.previousElementSibling;
    while (line && !line.querySelector('.word'));
    return Number(line?.querySelector('.word')?.dataset.index ?? -1);
  }

  #reach(element) {
    if (!element) return;
    if (this.reached) {
      this.reached.tabIndex = -1;
      this.reached.removeAttribute('role');
    }
    element.tabIndex = 0;
    element.setAttribute('role', 'button');
    this.reached = element;
  }
}

/**
 * Lines of pieces: words with times, and what stands between them without.
 *
 * Words come without the punctuation that the text has, so each is looked for where the last one ended.
 */
export function aligned(segments, words) {
  let next = 0;
  return segments.map((segment, index) => {
    const text = segment.text.trim();
    const until = segments[index + 1]?.start ?? Infinity;
    const pieces = [];
    let at = 0;
    while (next < words.length) {
      const word = words[next];
      const spoken = word.word.trim();
      const found = spoken ? text.indexOf(spoken, at) : -1;
      // A word far ahead is another one that sounds the same, unless this line is where it belongs.
      if (found < 0 || found - at > 24) {
        if (word.start >= until || index === segments.length - 1 || found < 0 && word.end > segment.end + 0.5) break;
        const later = segments[index + 1]?.text.includes(spoken);
        if (later && found < 0) break;
        next += 1;
        continue;
      }
      if (found > at) pieces.push({ text: text.slice(at, found) });
      pieces.push({ text: spoken, start: word.start, end: word.end });
      at = found + spoken.length;
      next += 1;
    }
    if (!pieces.length && text) pieces.push({ text, start: segment.start, end: segment.end });
    else if (at < text.length) pieces.push({ text: text.slice(at) });
    return { start: segment.start, pieces };
  });
}
