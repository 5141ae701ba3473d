import { clip, FRAME_SAMPLES, RATE, type Frame } from '../audio/frame.js';
import { WavRecorder } from '../audio/wav-recorder.js';
import type { ChannelMedia, Tap } from './media.js';

/** Which of a leg's two directions are written, and how. */
export type RecordMode = 'heard' | 'said' | 'mixed' | 'stereo';

export interface RecordingNews {
  started(path: string): void;
  /** @param problem why it ended by itself; null when it was told to */
  stopped(recorder: WavRecorder, problem: Error | null): void;
}

/** A recording of one leg that runs beside whatever else happens on it. */
class LegRecording implements Tap {
  masked = false;
  paused = false;
  private readonly joined: Int16Array;

  constructor(
    readonly recorder: WavRecorder,
    private readonly mode: RecordMode,
    private readonly limit: number | null,
    private readonly reachedLimit: () => void,
  ) {
    this.joined = new Int16Array(mode === 'stereo' ? 2 * FRAME_SAMPLES : FRAME_SAMPLES);
  }

  frame(heard: Frame, said: Frame): void {
    if (this.paused) return;
    if (this.masked) this.joined.fill(0);
    else this.join(heard, said);
    this.recorder.write(this.joined);
    if (this.limit !== null && this.recorder.samples >= this.limit) this.reachedLimit();
  }

  private join(heard: Frame, said: Frame): void {
    const { joined, mode } = this;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const far = heard[i] ?? 0;
      const near = said[i] ?? 0;
      if (mode === 'stereo') {
        joined[2 * i] = far;
        joined[2 * i + 1] = near;
      } else {
        joined[i] = mode === 'heard' ? far : mode === 'said' ? near : clip(far + near);
      }
    }
  }
}

/** The recordings of one leg, by their file. */
export class Recordings {
  private readonly running = new Map<string, LegRecording>();

  constructor(
    private readonly media: ChannelMedia,
    private readonly news: RecordingNews,
  ) {}

  /**
   * @param limitSeconds 0: none
   * @throws the error of the file system; and when that file is being written already
   */
  async start(path: string, mode: RecordMode, limitSeconds: number): Promise<void> {
    if (this.running.has(path)) throw new Error('already recording to that file');
    const failed = (error: Error): void => void this.finish(path, error);
    const recorder = await WavRecorder.open(path, mode === 'stereo' ? 2 : 1, failed);
    const limit = limitSeconds > 0 ? limitSeconds * RATE : null;
    const recording = new LegRecording(recorder, mode, limit, () => void this.finish(path, null));
    this.running.set(path, recording);
    this.media.taps.add(recording);
    this.news.started(path);
  }

  /** Settles when the file is complete. @returns false when nothing is recorded to that file */
  stop(path: string): Promise<boolean> {
    return this.finish(path, null);
  }

  /** A masked recording goes on with silence. @returns false when nothing is recorded to that file */
  mask(path: string, masked: boolean): boolean {
    const recording = this.running.get(path);
    if (recording !== undefined) recording.masked = masked;
    return recording !== undefined;
  }

  /** A paused recording leaves out what is said meanwhile. @returns false when nothing is recorded to that file */
  pause(path: string, paused: boolean): boolean {
    const recording = this.running.get(path);
    if (recording !== undefined) recording.paused = paused;
    return recording !== undefined;
  }

  async stopAll(): Promise<number> {
    const paths = [...this.running.keys()];
    await Promise.all(paths.map((path) => this.finish(path, null)));
    return paths.length;
  }

  private async finish(path: string, problem: Error | null): Promise<boolean> {
    const recording = this.running.get(path);
    if (recording === undefined) return false;
    this.running.delete(path);
    this.media.taps.delete(recording);
    await recording.recorder.close();
    this.news.stopped(recording.recorder, problem);
    return true;
  }
}
