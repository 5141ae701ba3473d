import type { EslEvent } from 'drachtio-fsmrf';
import { MediaError, type RecordingEnd, type RecordRequest } from '../../ports/media.js';
import { recordingPath } from './names.js';
import { DEADLINES } from './options.js';
import type { Wire } from './wire.js';

const VERBS = { pause: 'mask', resume: 'unmask', stop: 'stop' } as const;

/** FreeSWITCH's words: the limit was reached; the leg ended, which is told as its loss. */
const LIMIT = 'success-maxtime';
const LEG_ENDED = 'no-input-timeout';

/** Which files are being written of one channel. */
export class Recordings {
  private readonly running = new Set<string>();

  constructor(
    private readonly wire: Wire,
    private readonly stopped: (path: string, end: RecordingEnd) => void,
  ) {
    wire.on('RECORD_STOP', (event) => this.ended(event));
  }

  async start({ path, channels, maxSeconds }: RecordRequest): Promise<void> {
    const file = recordingPath(path);
    if (this.running.has(file)) throw new MediaError('refused', `${file} is being recorded already`);
    await this.wire.command('uuid_setvar', 'RECORD_STEREO', String(channels === 'stereo'));
    const limit = maxSeconds === null ? [] : [String(maxSeconds)];
    await this.wire.command('uuid_record', 'start', file, ...limit);
    this.running.add(file);
  }

  async change(path: string, action: keyof typeof VERBS): Promise<void> {
    if (!this.running.has(path)) throw new MediaError('refused', `${path} is not being recorded`);
    // Taken out first: a RECORD_STOP that was asked for is nothing to tell.
    if (action === 'stop') this.running.delete(path);
    const asked = this.wire.command('uuid_record', VERBS[action], path);
    await this.wire.within(DEADLINES.recordingEnds, `recording ${action}`, asked);
  }

  private ended(event: EslEvent): void {
    const path = event.getHeader('Record-File-Path') ?? '';
    if (!this.running.delete(path)) return;
    const cause = event.getHeader('Record-Completion-Cause');
    if (cause === LEG_ENDED) return;
    if (cause === LIMIT) return this.stopped(path, { isWhole: true, reason: 'the limit of its length' });
    const reason = event.getHeader('Record-Failure') ?? cause ?? 'ended by the media server';
    this.stopped(path, { isWhole: false, reason });
  }
}
