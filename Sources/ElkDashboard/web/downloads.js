// The transcript as files.

export function subtitles(kind, segments) {
  const mark = kind === 'srt' ? ',' : '.';
  const cues = segments.filter((segment) => segment.text.trim()).map((segment, index) => {
    // An empty line would end the cue, and an arrow would look like times.
    const text = segment.text.trim().replace(/\n+/g, '\n').replaceAll('-->', '->');
    const times = `${stamp(segment.start, mark)} --> ${stamp(segment.end, mark)}`;
    return kind === 'srt' ? `${index + 1}\n${times}\n${text}\n` : `${times}\n${text}\n`;
  });
  return (kind === 'vtt' ? 'WEBVTT\n\n' : '') + cues.join('\n');
}

export function save(kind, result, name) {
  const text = kind === 'json' ? `${JSON.stringify(withoutMarks(result), null, 2)}\n` : subtitles(kind, result.segments ?? []);
  const type = { srt: 'application/x-subrip', vtt: 'text/vtt', json: 'application/json' }[kind];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `${name.replace(/\.[^.]{1,5}$/, '')}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function withoutMarks({ streamed, ...result }) {
  return result;
}

function stamp(seconds, mark) {
  const milliseconds = Math.max(0, Math.round(seconds * 1000));
  const pad = (number, width) => String(number).padStart(width, '0');
  const hours = Math.floor(milliseconds / 3600000);
  const minutes = Math.floor(milliseconds / 60000) % 60;
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(Math.floor(milliseconds / 1000) % 60, 2)}${mark}${pad(milliseconds % 1000, 3)}`;
}
