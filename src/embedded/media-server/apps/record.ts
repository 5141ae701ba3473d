import { FRAME_MS, RATE, type Frame } from '../audio/frame.js';
import { WavRecorder } from '../audio/wav-recorder.js';
import type { Channel } from '../channel/channel.js';
import { describeRecording } from '../channel/describe.js';
import type { Tap } from '../channel/media.js';
import type { RecordMode } from '../channel/recording.js';
import type { Run } from '../channel/runner.js';
import { foreground, NO_RESPONSE } from './application.js';
import { isTerminator } from './play-file.js';

interface Limits {
  /** Samples; Infinity when there is no limit. */
  readonly samples: number;
  /** Mean level below which a frame is silence; 0: silence ends nothing. */
  readonly threshold: number;
  /** Frames of silence in a row that end it. */
  readonly hits: number;
}

const DEFAULT_SILENCE_SECONDS = 3;

/** Records what the far end says, until one of its limits is reached. */
class VoiceMail implements Tap {
  readonly finished: Promise<void>;
  private settle: () => void = () => undefined;
  private silent = 0;

  constructor(
    private readonly recorder: WavRecorder,
    private readonly limits: Limits,
    private readonly covered: () => boolean,
  ) {
    this.finished = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  frame(heard: Frame): void {
    if (this.covered()) return;
    this.recorder.write(heard);
    const { samples, threshold, hits } = this.limits;
    this.silent = level(heard) < threshold ? this.silent + 1 : 0;
    if (this.recorder.samples >= samples || (threshold > 0 && this.silent >= hits)) this.end();
  }

  end(): void {
    this.settle();
  }
}

export function level(frame: Frame): number {
  let sum = 0;
  for (const sample of frame) sum += Math.abs(sample);
  return sum / frame.length;
}

/** The path may hold no spaces, as on FreeSWITCH: the rest are limit, threshold and hits. */
function readArgument(argument: string): { path: string; limits: Limits } | null {
  const [path, ...numbers] = argument.trim().split(/\s+/);
  const [limit = 0, threshold = 0, hits = DEFAULT_SILENCE_SECONDS] = numbers.map(Number);
  if (path === undefined || path === '' || [limit, threshold, hits].some((n) => !Number.isFinite(n)))
    return null;
  const samples = limit > 0 ? limit * RATE : Infinity;
  return { path, limits: { samples, threshold, hits: (hits * 1000) / FRAME_MS } };
}

export const isWav = (path: string): boolean => /\.wav$/i.test(path);

async function recordVoice(channel: Channel, path: string, limits: Limits, run: Run): Promise<void> {
  const recorder = await WavRecorder.open(path, 1, () => mail.end());
  const mail = new VoiceMail(recorder, limits, run.covered);
  run.onInterrupt = () => mail.end();
  run.onDigit = (digit) => {
    if (!isTerminator(channel, digit)) return;
    channel.variables.set('playback_terminator_used', digit);
    mail.end();
  };
  if (run.over === null) {
    channel.publish('RECORD_START', { 'Record-File-Path': path });
    channel.media.taps.add(mail);
    await run.during(mail.finished);
    channel.media.taps.delete(mail);
  }
  await recorder.close();
  describeRecording(channel.variables, recorder);
  channel.publish('RECORD_STOP', { 'Record-File-Path': path }, true);
}

/** A file that cannot be made ends the call, as on FreeSWITCH: a caller is not left talking to nothing. */
export const record = foreground(async (channel, argument, run) => {
  const wanted = readArgument(argument);
  channel.variables.delete('playback_terminator_used');
  try {
    if (wanted === null || !isWav(wanted.path)) throw new Error('not a WAV file');
    await recordVoice(channel, channel.host.recordingPath(wanted.path), wanted.limits, run);
    return NO_RESPONSE;
  } catch {
    void channel.hangUp('DESTINATION_OUT_OF_ORDER');
    return '-ERR';
  }
});

/** The variables that say which directions a session recording holds. */
export function recordMode(channel: Channel): RecordMode {
  const on = (name: string): boolean => channel.variables.get(name)?.toLowerCase() === 'true';
  if (on('RECORD_STEREO')) return 'stereo';
  if (on('RECORD_READ_ONLY')) return 'heard';
  return on('RECORD_WRITE_ONLY') ? 'said' : 'mixed';
}

/** `path [+limit seconds]`, beside whatever else happens, until the channel ends or it is stopped. */
export const recordSession = foreground(async (channel, argument) => {
  const match = /^(\S+)(?:\s+\+?(\d+))?$/.exec(argument.trim());
  const path = match?.[1] ?? '';
  if (!isWav(path)) return '-ERR';
  try {
    const seconds = Number(match?.[2] ?? 0);
    await channel.recordings.start(channel.host.recordingPath(path), recordMode(channel), seconds);
    return NO_RESPONSE;
  } catch {
    return '-ERR';
  }
});

export const stopRecordSession = foreground(async (channel, argument) => {
  const path = argument.trim();
  if (path === 'all') await channel.recordings.stopAll();
  else await channel.recordings.stop(channel.host.recordingPath(path));
  return NO_RESPONSE;
});
