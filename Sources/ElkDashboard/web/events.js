// Server-sent events, from text that arrives in any pieces.

export class EventReader {
  #rest = '';

  /** `onEvent` gets each event's JSON. */
  constructor(onEvent) {
    this.onEvent = onEvent;
  }

  take(text) {
    this.#rest += text;
    // A carriage return at the end may be half of a line's end.
    const end = this.#rest.endsWith('\r') ? this.#rest.length - 1 : this.#rest.length;
    const lines = this.#rest.slice(0, end).replaceAll('\r\n', '\n').replaceAll('\r', '\n') + this.#rest.slice(end);
    const events = lines.split('\n\n');
    this.#rest = events.pop();
    events.forEach((event) => this.#read(event));
  }

  /** What stands there without a blank line behind it counts too. */
  end() {
    const last = this.#rest;
    this.#rest = '';
    this.#read(last);
  }

  #read(event) {
    const data = event.split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
      .join('\n');
    if (!data || data === '[DONE]') return;
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    if (value && typeof value === 'object') this.onEvent(value);
  }
}
