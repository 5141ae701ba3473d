/** Tones of the sound files every bench has, in Hz: short messages, and music that is looped. */
export const SOUNDS = {
  'moh.wav': { tone: 350, ms: 2000 },
  'welcome.wav': { tone: 600, ms: 400 },
  'sorry.wav': { tone: 750, ms: 400 },
  'whisper.wav': { tone: 900, ms: 400 },
  'press-one.wav': { tone: 1100, ms: 400 },
  'announce.wav': { tone: 1300, ms: 400 },
  'intro.wav': { tone: 1500, ms: 400 },
} as const;

export const tone = (file: keyof typeof SOUNDS): number => SOUNDS[file].tone;

/** What a party says: tones that no sound file has. */
export const VOICES = { caller: 440, bot: 520, agent: 660, second: 820 } as const;

/** North American ringback is 440 and 480 Hz; nobody hears the caller's own 440 together with this. */
const RINGBACK = { with: 480, hides: 440 };

const NAMES: readonly (readonly [name: string, hz: number])[] = [
  ...Object.entries(VOICES),
  ...Object.entries(SOUNDS).map(([name, sound]) => [name, sound.tone] as const),
];

export const ALL_TONES: readonly number[] = [...NAMES.map(([, hz]) => hz), RINGBACK.with];

/** What these tones together are called: `bot`, `caller+agent`, `moh.wav`, `ringback`; empty for silence. */
export function nameOf(tones: readonly number[]): string {
  const isRingback = tones.includes(RINGBACK.with) && tones.includes(RINGBACK.hides);
  const rest = isRingback ? tones.filter((hz) => hz !== RINGBACK.hides) : tones;
  const named = NAMES.filter(([, hz]) => rest.includes(hz)).map(([name]) => name);
  return [...named, ...(isRingback ? ['ringback'] : [])].join('+');
}
