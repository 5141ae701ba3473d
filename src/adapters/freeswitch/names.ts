import { MediaError, type PlayableSound } from '../../ports/media.js';

/** A line end would begin a new command, `${` a variable of the server's: refused before it is said. */
const SAYABLE = /^(?!\s)(?!.*\$\{)[^\p{Cc}]+(?<!\s)$/u;
/** Where a space begins the next word. */
const WORD = /^[^\s'"\\]+$/u;

function sayable(what: string, name: string): string {
  if (SAYABLE.test(name)) return name;
  throw new MediaError('refused', `not a name of ${what}: ${JSON.stringify(name)}`);
}

function word(what: string, name: string): string {
  if (WORD.test(sayable(what, name))) return name;
  throw new MediaError('refused', `${what} with spaces or quotes in its name: ${JSON.stringify(name)}`);
}

/** `tone_stream` notation, with its prefix or without. */
const TONES = 'tone_stream://';

/** As the application `playback` takes it: the rest of a line. */
export const soundName = (sound: PlayableSound): string =>
  'file' in sound
    ? sayable('a sound', sound.file)
    : sayable('a tone', sound.tone.startsWith(TONES) ? sound.tone : `${TONES}${sound.tone}`);

/** As a command takes it. */
export const soundWord = (sound: PlayableSound): string => word('a sound', soundName(sound));

export const soundNames = (sounds: readonly PlayableSound[]): readonly string[] =>
  some(sounds).map(soundName);
export const soundWords = (sounds: readonly PlayableSound[]): readonly string[] =>
  some(sounds).map(soundWord);

function some(sounds: readonly PlayableSound[]): readonly PlayableSound[] {
  if (sounds.length === 0) throw new MediaError('refused', 'nothing to play');
  return sounds;
}

export const recordingPath = (path: string): string => word('a recording', path);

/** Conference names are words: `+` and `@` would begin flags and a profile. */
export function conferenceName(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name;
  throw new MediaError('refused', `not a conference name: ${JSON.stringify(name)}`);
}

/** Long enough for everybody (Q.24), a multiple of the packet time. */
const DIGIT_MS = 120;

/** With the length of each. */
export function digitsToSend(digits: string): string {
  if (/^[0-9*#A-Dw]+$/.test(digits)) return `${digits}@${DIGIT_MS}`;
  throw new MediaError('refused', `not digits: ${JSON.stringify(digits)}`);
}
