import { MediaError, type PlayableSound } from '../../ports/media.js';

/**
 * Names go into lines of the event socket, where a line end begins a new command and a space a new word: what could
 * not be said there is refused before it is said.
 */
const SPEAKABLE = /^[^\s'"\\^]+$/u;

function speakable(what: string, name: string): string {
  if (SPEAKABLE.test(name)) return name;
  throw new MediaError('refused', `${what} must not hold spaces, quotes or "^": ${JSON.stringify(name)}`);
}

/** `tone_stream` notation; it may hold spaces no more than a path. */
const TONES = 'tone_stream://';

export const soundName = (sound: PlayableSound): string =>
  'file' in sound
    ? speakable('a sound file', sound.file)
    : speakable('a tone', sound.tone.startsWith(TONES) ? sound.tone : `${TONES}${sound.tone}`);

export const recordingPath = (path: string): string => speakable('a recording', path);

/** Conference names are words: `+` and `@` would begin flags and a profile. */
export function conferenceName(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name;
  throw new MediaError('refused', `not a conference name: ${JSON.stringify(name)}`);
}

export function digitsToSend(digits: string): string {
  if (/^[0-9*#A-Dw]+$/.test(digits)) return digits;
  throw new MediaError('refused', `not digits: ${JSON.stringify(digits)}`);
}
