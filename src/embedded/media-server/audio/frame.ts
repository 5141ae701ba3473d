/** All audio inside is 8 kHz, 16 bit, mono, in frames of 20 ms. */
export const RATE = 8000;
export const FRAME_MS = 20;
export const FRAME_SAMPLES = 160;

export type Frame = Int16Array;

export const newFrame = (): Frame => new Int16Array(FRAME_SAMPLES);

export const clip = (value: number): number => (value > 32767 ? 32767 : value < -32768 ? -32768 : value);

/** Adds one frame into another without wrapping around. */
export function mixInto(target: Frame, source: Frame): void {
  for (let i = 0; i < target.length; i++) target[i] = clip((target[i] ?? 0) + (source[i] ?? 0));
}
