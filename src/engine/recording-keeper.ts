import type { BotEvent } from '../domain/bot-event.js';
import type { Call, Transfer } from '../domain/call.js';
import type { CallId } from '../domain/ids.js';
import type { RecordingSettings } from '../domain/settings.js';
import type { Log } from '../ports/log.js';
import { MediaError, type Endpoint, type RecordingEnd } from '../ports/media.js';
import type { RecordingFile, RecordingFiles } from '../ports/recording-files.js';
import { Turns } from './anchor/turns.js';

export interface RecordingParts {
  readonly callId: CallId;
  readonly settings: RecordingSettings;
  readonly files: RecordingFiles;
  readonly log: Log;
  /** The caller's leg: what passes its endpoint is the whole conversation. */
  readonly caller: () => RecordedLeg | undefined;
  readonly tell: (event: BotEvent) => void;
}

/** What of an anchored leg a recording needs. */
interface RecordedLeg {
  endpoint(): Promise<Endpoint>;
  /** Settles before its endpoint is closed. */
  parting: (() => Promise<void>) | null;
}

type Segment = 'bot' | 'agent';
type State = Extract<BotEvent, { type: 'call.recording' }>['data']['state'];

/** The segment that is being written. */
interface Running {
  readonly segment: Segment;
  readonly endpoint: Endpoint;
  readonly file: RecordingFile;
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
  /**
   * What must not be recorded may last longer than the talk with one party: the segments to come begin when it is
   * resumed, not a moment earlier.
   */
  private paused = false;
  /** `over` once nothing is to be recorded any more. */
  private wish: Segment | 'none' | 'over' = 'none';

  constructor(private readonly parts: RecordingParts) {}

  /** The call as it is after a step. */
  follow(call: Call): void {
    const wish = this.wishFor(call);
    if (wish === this.wish) return;
    this.wish = wish;
    this.turns.run(() => this.settle());
  }

  /** The caller has another endpoint: what was written ended with the first. */
  restart(): void {
    this.turns.run(async () => {
      await this.close('the media server was lost');
      await this.settle();
    });
  }

  /** It ended by itself: a full disk, the limit of its length. Nothing more is recorded then. */
  ended(path: string, { isWhole, reason }: RecordingEnd): void {
    if (this.running?.file.writing !== path) return;
    const { file } = this.running;
    this.running = null;
    this.wish = 'over';
    this.turns.run(async () =>
      this.say(isWhole ? 'stopped' : 'failed', await this.parts.files.complete(file), reason),
    );
  }

  /** By request. @returns false when nothing is being recorded */
  request(action: 'pause' | 'resume' | 'stop'): boolean {
    if (this.wish !== 'bot' && this.wish !== 'agent') return false;
    this.turns.run(() => (action === 'stop' ? this.stopForGood() : this.pause(action === 'pause')));
    return true;
  }

  /** Everything is written and told; nothing more will be. */
  async finished(): Promise<void> {
    this.wish = 'over';
    this.turns.run(() => this.close(null));
    await this.turns.idle();
  }

  private wishFor(call: Call): RecordingKeeper['wish'] {
    const { state, consent } = call;
    if (this.wish === 'over' || state.phase === 'ending' || state.phase === 'ended') return 'over';
    const withAgent = state.phase === 'withTarget' || state.phase === 'introducing';
    if (withAgent && !takesIn(call, state.transfer)) return 'over';
    if (consent !== 'heard') return 'none';
    switch (state.phase) {
      case 'connecting':
        return 'none';
      case 'withBot':
        return 'bot';
      case 'withTarget':
        return 'agent';
      default:
        // On the way from one to the other, what was recorded goes on.
        return this.wish;
    }
  }

  private async settle(): Promise<void> {
    const { wish } = this;
    if (this.running !== null && this.running.segment !== wish) await this.close(null);
    if (this.running !== null || this.paused) return;
    if (wish === 'bot' || wish === 'agent') await this.open(wish);
  }

  private async open(segment: Segment): Promise<void> {
    const leg = this.parts.caller();
    if (leg === undefined) return;
    // A caller that hangs up while the recording begins waits for its end all the same.
    leg.parting = () => this.finished();
    this.segments += 1;
    const { callId, settings, files, log } = this.parts;
    const file = await files.begin(settings.dir, `${callId}-${this.segments}-${segment}`);
    try {
      await this.record(await leg.endpoint(), segment, file);
    } catch (error) {
      await files.discard(file);
      // The call has ended meanwhile: nothing was to be recorded any more.
      if (this.isOver()) return;
      this.wish = 'over';
      log.error({ callId, error, path: file.path }, 'the call is not recorded');
      this.say('failed', file.path, error instanceof Error ? error.message : String(error));
    }
  }

  private async record(endpoint: Endpoint, segment: Segment, file: RecordingFile): Promise<void> {
    const { channels, maxSeconds } = this.parts.settings;
    await endpoint.record({ path: file.writing, channels, maxSeconds });
    this.running = { segment, endpoint, file };
    this.say('started', file.path, null);
  }

  /** A question, for the answer changes while something is waited for. */
  private isOver(): boolean {
    return this.wish === 'over';
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
    if (this.paused === paused) return;
    this.paused = paused;
    if (this.running !== null) await this.mask(this.running, paused);
    else await this.settle();
  }

  private async mask({ endpoint, file }: Running, masked: boolean): Promise<void> {
    try {
      await endpoint.recording(file.writing, masked ? 'pause' : 'resume');
      this.say(masked ? 'paused' : 'resumed', file.path, 'by request');
    } catch (error) {
      // With its endpoint the recording is over, and what follows goes by the pause.
      if (error instanceof MediaError && error.reason === 'lost') return;
      this.parts.log.error({ error, path: file.path }, 'the recording was not paused or resumed');
      // What must not be recorded is not recorded.
      this.wish = 'over';
      await this.close(masked ? 'it could not be paused' : 'it could not be resumed');
    }
  }

  private say(state: State, path: string, reason: string | null): void {
    this.parts.tell({ type: 'call.recording', data: { state, path, reason } });
  }
}

/** Nobody but the target ever talks to the caller of a routed call: its recording needs no leave of the command. */
const takesIn = ({ setup }: Call, { plan }: Transfer): boolean =>
  plan.continueRecording || (setup.bot === null && setup.script === null);
