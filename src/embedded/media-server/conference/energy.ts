import type { Frame } from '../audio/frame.js';

/** Mean level from which a frame counts as speech: FreeSWITCH's default of 100 on its own scale is about this. */
const SPEECH_LEVEL = 300;
const FRAMES_TO_START = 5;
const FRAMES_TO_STOP = 25;

/** Tells when somebody begins and ends to talk; short noises and short pauses do not count. */
export class TalkDetector {
  talking = false;
  private run = 0;

  /** @returns the change, if any */
  frame(frame: Frame): 'start' | 'stop' | null {
    const speech = level(frame) > SPEECH_LEVEL;
    this.run = speech === this.talking ? 0 : this.run + 1;
    if (this.run < (this.talking ? FRAMES_TO_STOP : FRAMES_TO_START)) return null;
    this.run = 0;
    this.talking = !this.talking;
    return this.talking ? 'start' : 'stop';
  }
}

function level(frame: Frame): number {
  let sum = 0;
  for (const sample of frame) sum += Math.abs(sample);
  return sum / frame.length;
}
