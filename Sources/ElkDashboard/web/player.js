// Plays the recording from where one asks, and tells where it is.

export class Player {
  constructor(audio, onTick) {
    this.audio = audio;
    this.onTick = onTick;
    for (const name of ['play', 'pause', 'ended', 'seeked']) audio.addEventListener(name, () => this.#tick());
  }

  /** Takes a recording. The answer is its length in seconds, or nothing when this browser cannot play it. */
  load(file) {
    this.clear();
    this.url = URL.createObjectURL(file);
    return new Promise((resolve) => {
      const { audio } = this;
      const done = (length) => {
        audio.onloadedmetadata = audio.onerror = audio.ondurationchange = null;
        resolve(length);
      };
      audio.onerror = () => done(null);
      audio.onloadedmetadata = () => {
        if (Number.isFinite(audio.duration)) return done(audio.duration);
        // Recordings of a browser do not say how long they are until somebody has been at their end.
        audio.ondurationchange = () => {
          if (!Number.isFinite(audio.duration)) return;
          const length = audio.duration;
          audio.currentTime = 0;
          done(length);
        };
        audio.currentTime = 1e7;
        return undefined;
      };
      audio.src = this.url;
    });
  }

  clear() {
    this.audio.pause();
    this.audio.removeAttribute('src');
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }

  get position() {
    return this.audio.currentTime;
  }

  get isPlaying() {
    return !this.audio.paused && !this.audio.ended;
  }

  seek(seconds) {
    this.audio.currentTime = Math.max(0, seconds);
    this.onTick(this.audio.currentTime, this.isPlaying);
  }

  playFrom(seconds) {
    this.seek(seconds);
    this.play();
  }

  play() {
    // Refused where the browser wants a gesture first: the button is still there.
    this.audio.play().catch(() => {});
  }

  toggle() {
    if (this.isPlaying) this.audio.pause();
    else this.play();
  }

  #tick() {
    this.onTick(this.position, this.isPlaying);
    if (!this.isPlaying || this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.#tick();
    });
  }
}
