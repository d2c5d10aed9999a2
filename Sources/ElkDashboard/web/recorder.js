// The microphone, recorded as the browser likes best.

import { noMicrophoneHere } from './faults.js';

const kinds = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

export class Recorder {
  #pieces = [];

  /** Asks for the microphone and starts. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw noMicrophoneHere();
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    const mimeType = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(this.stream, mimeType ? { mimeType, audioBitsPerSecond: 64000 } : {});
    this.recorder.ondataavailable = (event) => this.#pieces.push(event.data);
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.context.createMediaStreamSource(this.stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.begin = performance.now();
    this.recorder.start(500);
  }

  get seconds() {
    return (performance.now() - this.begin) / 1000;
  }

  /** How loud it is now, from 0 to 1. */
  get level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    return Math.min(1, Math.sqrt(power) * 4);
  }

  /** The recording, as a file. */
  async stop() {
    const ended = new Promise((resolve) => this.recorder.addEventListener('stop', resolve, { once: true }));
    this.recorder.stop();
    await ended;
    this.#release();
    const type = (this.recorder.mimeType || 'audio/webm').split(';')[0];
    const ending = { 'audio/mp4': 'm4a', 'audio/ogg': 'ogg' }[type] ?? 'webm';
    return new File(this.#pieces, `recording.${ending}`, { type });
  }

  discard() {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
    this.#release();
  }

  #release() {
    this.stream.getTracks().forEach((track) => track.stop());
    this.context.close();
  }
}
