import type { BotEvent } from '../domain/bot-event.js';
import type { Call } from '../domain/call.js';
import type { RecordingSettings } from '../domain/settings.js';
import type { Log } from '../ports/log.js';
import type { Endpoint } from '../ports/media.js';
import type { RecordingFile, RecordingFiles } from '../ports/recording-files.js';
import type { AnchoredLeg } from './anchor/anchored-leg.js';
import { Turns } from './anchor/turns.js';

export interface RecordingParts {
  readonly settings: RecordingSettings;
  readonly files: RecordingFiles;
  readonly log: Log;
  /** The caller's leg: what passes its endpoint is the whole conversation. */
  readonly caller: () => AnchoredLeg | undefined;
  readonly tell: (event: BotEvent) => void;
}

type Segment = 'bot' | 'agent';
type State = Extract<BotEvent, { type: 'call.recording' }>['data']['state'];

/** The segment that is being written. */
interface Running {
  readonly segment: Segment;
  readonly endpoint: Endpoint;
  readonly file: RecordingFile;
  paused: boolean;
}

/**
 * Records a call, one WAV file per segment: the talk with the bot, and, where the transfer says `continueRecording`,
 * that with the agent and with the bot again afterwards (JAICP: false stops at the bridge, and nothing starts again).
 * A recording that cannot be made is told, and the call goes on without it.
 */
export class RecordingKeeper {
  private readonly turns = new Turns();
  private running: Running | null = null;
  private segments = 0;
  /** `over` once nothing is to be recorded any more. */
  private wish: Segment | 'none' | 'over' = 'none';

  constructor(private readonly parts: RecordingParts) {}

  /** The call as it is after a step. */
  follow(call: Call): void {
    const wish = this.wishFor(call);
    if (wish === this.wish) return;
    this.wish = wish;
    this.turns.run(() => this.settle(call.id));
  }

  /** The caller has another endpoint: what was written ended with the first. */
  restart({ id }: Call): void {
    this.turns.run(async () => {
      await this.close('the media server was lost');
      await this.settle(id);
    });
  }

  /** It ended by itself: a full disk, the limit of its length. */
  stoppedBy(path: string, reason: string): void {
    if (this.running?.file.writing !== path) return;
    const { file } = this.running;
    this.running = null;
    this.wish = 'over';
    this.turns.run(async () => this.say('failed', await this.parts.files.complete(file), reason));
  }

  /** By request. @returns false when nothing is being recorded */
  request(action: 'pause' | 'resume' | 'stop'): boolean {
    if (this.running === null) return false;
    this.turns.run(() => (action === 'stop' ? this.stopForGood() : this.pause(action === 'pause')));
    return true;
  }

  /** Everything is written and told; nothing more will be. */
  async finished(): Promise<void> {
    this.wish = 'over';
    this.turns.run(() => this.close(null));
    await this.turns.idle();
  }

  private wishFor({ state, consent, setup }: Call): RecordingKeeper['wish'] {
    if (this.wish === 'over' || state.phase === 'ending' || state.phase === 'ended') return 'over';
    if (consent !== 'heard') return 'none';
    switch (state.phase) {
      case 'connecting':
        return 'none';
      case 'withBot':
        return 'bot';
      case 'withTarget': {
        // Nobody but the target ever talks to the caller of a routed call.
        const always = setup.bot === null && setup.script === null;
        return always || state.transfer.plan.continueRecording ? 'agent' : 'over';
      }
      default:
        // On the way from one to the other, what was recorded goes on.
        return this.wish;
    }
  }

  private async settle(callId: string): Promise<void> {
    const { wish } = this;
    if (this.running !== null && this.running.segment !== wish) await this.close(null);
    if (this.running === null && (wish === 'bot' || wish === 'agent')) await this.open(callId, wish);
  }

  private async open(callId: string, segment: Segment): Promise<void> {
    const { settings, files, caller } = this.parts;
    this.segments += 1;
    const file = await files.begin(settings.dir, `${callId}-${this.segments}-${segment}`);
    try {
      const leg = caller();
      if (leg === undefined) return;
      const endpoint = await leg.endpoint();
      const { channels, maxSeconds } = settings;
      await endpoint.record({ path: file.writing, channels, maxSeconds });
      leg.parting = () => this.finished();
      this.running = { segment, endpoint, file, paused: false };
      this.say('started', file.path, null);
    } catch (error) {
      this.wish = 'over';
      this.parts.log.error({ callId, error, path: file.path }, 'the call is not recorded');
      this.say('failed', file.path, error instanceof Error ? error.message : String(error));
    }
  }

  private async close(reason: string | null): Promise<void> {
    const { running } = this;
    if (running === null) return;
    this.running = null;
    // An endpoint that is gone has closed its file.
    await running.endpoint.recording(running.file.writing, 'stop').catch(() => undefined);
    this.say('stopped', await this.parts.files.complete(running.file), reason);
  }

  private async stopForGood(): Promise<void> {
    this.wish = 'over';
    await this.close('by request');
  }

  private async pause(paused: boolean): Promise<void> {
    const { running } = this;
    if (running === null || running.paused === paused) return;
    try {
      await running.endpoint.recording(running.file.writing, paused ? 'pause' : 'resume');
      running.paused = paused;
      this.say(paused ? 'paused' : 'resumed', running.file.path, 'by request');
    } catch (error) {
      this.parts.log.error({ error, path: running.file.path }, 'the recording was not paused or resumed');
    }
  }

  private say(state: State, path: string, reason: string | null): void {
    this.parts.tell({ type: 'call.recording', data: { state, path, reason } });
  }
}
