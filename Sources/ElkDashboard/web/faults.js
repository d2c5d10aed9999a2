// What went wrong, and what to do about it.

export class Fault extends Error {
  /** `next` is 'retry', 'key' or nothing: what a button can do about it. */
  constructor(title, text, next = null, details = {}) {
    super(title);
    this.title = title;
    this.text = text;
    this.next = next;
    Object.assign(this, details);
  }
}

export const unreachable = () => new Fault(
  'The server cannot be reached',
  'It may have been stopped, or the network is down. Start it again, then try once more.',
  'retry',
);

/** A refusal of the server, by its status and the error in its body. */
export function refused(status, error, retryAfter) {
  const said = error?.message ? String(error.message).slice(0, 400) : '';
  const details = { status, parameter: error?.param ?? null, said };
  const fault = (title, text, next) => new Fault(title, text, next, details);
  if (status === 401) return fault('The server asks for a key', 'Enter one that its operator gave you.', 'key');
  if (status === 402 || error?.code === 'insufficient_quota') {
    return fault('This key has no balance left', said || 'Ask the operator of the server to top it up.', 'key');
  }
  if (status === 403) return fault('This key may not do that', said || 'Ask the operator of the server.', 'key');
  if (status === 413) {
    const limit = /\((\d+)\)/.exec(said)?.[1];
    const most = limit ? `more than the ${Math.round(Number(limit) / 1048576)} MiB that this server takes` : 'more than this server takes';
    return fault('This file is too large', `It is ${most}. Send a part of it, or its sound alone as mp3 or m4a.`);
  }
  if (status === 429) {
    const wait = retryAfter ? `in ${retryAfter} seconds` : 'in a moment';
    return fault('The server is busy', `Others are ahead of you. Try again ${wait}.`, 'retry');
  }
  if (status === 404) return fault('This model is not there', said || 'Choose another one.', 'retry');
  if (error?.code === 'model_unavailable') {
    return fault('No speech model is installed', 'On the server, run: elk models pull base', 'retry');
  }
  if (status === 503) return fault('The server cannot do this now', said || 'Try again in a moment.', 'retry');
  if (error?.code === 'audio_too_short') {
    return fault('This recording is too short', 'It needs at least a tenth of a second of sound.');
  }
  if (/could not be decoded|not supported|Invalid file format/i.test(said)) {
    return fault(
      'This file cannot be read, or has no sound',
      'Try it as mp3, m4a, wav, flac, ogg or webm; or take a video with sound, as mp4, mov, mkv or webm.',
    );
  }
  if (status >= 500) return fault('The server had an error', said || 'Try again; if it stays, look into its log.', 'retry');
  return fault('The server did not take this', said || `It answered with status ${status}.`, 'retry');
}

/** What keeps a microphone from being used. */
export function microphone(error) {
  switch (error?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new Fault('The microphone is blocked', 'Allow it for this page in the browser, beside the address, then record again.');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new Fault('There is no microphone', 'Plug one in, or choose a file instead.');
    case 'NotReadableError':
      return new Fault('The microphone is in use', 'Another program has it. Close that one, then record again.');
    default:
      return new Fault('Recording did not work', 'Choose a file instead, or try another browser.');
  }
}

export const noMicrophoneHere = () => new Fault(
  'This page cannot record',
  'Browsers give the microphone to pages on https:// or localhost only, and this one is neither. Choose a file instead.',
);
