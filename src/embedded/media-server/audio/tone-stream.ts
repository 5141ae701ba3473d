import { RATE, type Frame } from './frame.js';
import type { AudioSource } from './source.js';

/** A stretch of one sound: several frequencies at once, or a pause. */
interface Segment {
  readonly samples: number;
  readonly frequencies: readonly number[];
  readonly amplitude: number;
}

interface ToneScript {
  readonly segments: readonly Segment[];
  /** How often all of it is played; null: without end. */
  readonly rounds: number | null;
}

const DTMF_ROWS = [697, 770, 852, 941];
const DTMF_COLUMNS = [1209, 1336, 1477, 1633];
const DTMF_KEYS = '123A456B789C*0#D';

/** What FreeSWITCH's tone generator starts from. */
const DEFAULT_DECIBELS = -7;
const DEFAULT_ON_MS = 250;
const DEFAULT_OFF_MS = 60;

/**
 * Reads the tone language behind `tone_stream://`: `%(on,off,f1,f2..)` in ms and Hz, digits, `v=` dB, `d=`/`w=` ms for
 * digits, `l=` repeats of what follows, `loops=` at the end (-1: without end). Null when it is not that language.
 */
export function parseTones(text: string): ToneScript | null {
  const segments: Segment[] = [];
  const setting = { v: DEFAULT_DECIBELS, d: DEFAULT_ON_MS, w: DEFAULT_OFF_MS, l: 1 };
  let rounds: number | null = 1;
  for (const part of text.split(/[;\s]+/).filter((p) => p !== '')) {
    const assignment = /^(v|d|w|l|loops)=(-?\d+(?:\.\d+)?)$/i.exec(part);
    if (assignment !== null) {
      const [, name = '', value = ''] = assignment;
      if (name.toLowerCase() === 'loops') rounds = Number(value) < 0 ? null : Math.max(1, Number(value));
      else setting[name.toLowerCase() as keyof typeof setting] = Number(value);
      continue;
    }
    const sounds = readSounds(part, setting);
    if (sounds === null) return null;
    for (let i = 0; i < Math.max(1, setting.l); i++) segments.push(...sounds);
  }
  return segments.some((s) => s.samples > 0) ? { segments, rounds } : null;
}

function readSounds(
  text: string,
  { v, d, w }: { readonly v: number; readonly d: number; readonly w: number },
): Segment[] | null {
  const amplitude = 32_767 * 10 ** (Math.min(0, v) / 20);
  const segments: Segment[] = [];
  const add = (onMs: number, offMs: number, frequencies: readonly number[]): void => {
    const share = amplitude / Math.max(1, frequencies.length);
    segments.push({ samples: (onMs * RATE) / 1000, frequencies, amplitude: share });
    if (offMs > 0) segments.push({ samples: (offMs * RATE) / 1000, frequencies: [], amplitude: 0 });
  };
  const whole = /%\(([\d.]+),([\d.]+)((?:,[\d.]+)*)\)|([0-9*#A-D])/gy;
  let end = 0;
  for (let match = whole.exec(text); match !== null; match = whole.exec(text)) {
    end = whole.lastIndex;
    const [, on, off, tones, key] = match;
    if (key !== undefined) add(d, w, dtmfFrequencies(key));
    else
      add(
        Number(on),
        Number(off),
        (tones ?? '')
          .split(',')
          .filter((t) => t !== '')
          .map(Number),
      );
  }
  return end === text.length ? segments.map((s) => ({ ...s, samples: Math.round(s.samples) })) : null;
}

export function dtmfFrequencies(key: string): readonly number[] {
  const index = DTMF_KEYS.indexOf(key);
  return [DTMF_ROWS[index >> 2] ?? 0, DTMF_COLUMNS[index & 3] ?? 0];
}

export class ToneSource implements AudioSource {
  position = 0;
  private segment = 0;
  private within = 0;
  private round = 1;

  constructor(private readonly script: ToneScript) {}

  read(frame: Frame, from: number): number {
    let at = from;
    while (at < frame.length) {
      const segment = this.script.segments[this.segment];
      if (segment === undefined) break;
      for (; at < frame.length && this.within < segment.samples; at++, this.within++) {
        let value = 0;
        for (const f of segment.frequencies) value += Math.sin((2 * Math.PI * f * this.within) / RATE);
        frame[at] = Math.round(value * segment.amplitude);
      }
      if (this.within >= segment.samples) this.nextSegment();
    }
    this.position += at - from;
    return at - from;
  }

  private nextSegment(): void {
    this.within = 0;
    this.segment++;
    const { segments, rounds } = this.script;
    if (this.segment < segments.length || (rounds !== null && this.round >= rounds)) return;
    this.round++;
    this.segment = 0;
  }
}
