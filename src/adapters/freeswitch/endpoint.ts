import type { FsmrfEndpoint } from 'drachtio-fsmrf';
import type { Clock } from '../../ports/clock.js';
import {
  MediaError,
  type Endpoint,
  type EndpointEvent,
  type EndpointHandle,
  type EndpointListener,
  type PlayableSound,
  type Playing,
  type PlayOptions,
  type RecordRequest,
} from '../../ports/media.js';
import { handleOf } from './endpoint-handle.js';
import { endingReason } from './ending-reason.js';
import { conferenceName, digitsToSend, soundNames, soundWords } from './names.js';
import { DEADLINES } from './options.js';
import { Playback } from './playback.js';
import { Recordings } from './recordings.js';
import { inTurn, TurnQueue } from './turn-queue.js';
import { Whisper } from './whisper.js';
import { Wire } from './wire.js';

/** Where its far end is besides what is played to it. */
type Place =
  | { readonly at: 'alone' }
  | { readonly at: 'bridge'; readonly partner: FreeswitchEndpoint }
  | { readonly at: 'conference' };

const ALONE: Place = { at: 'alone' };

/** Beside those fsmrf asks for. */
const EVENTS = ['RECORD_STOP', 'MEDIA_BUG_STOP', 'CHANNEL_BRIDGE', 'CHANNEL_PARK'];

/** A channel of a media server. */
export class FreeswitchEndpoint implements Endpoint {
  readonly handle: EndpointHandle;
  #sdp: string;
  #gone: MediaError | null = null;
  #end: (error: MediaError) => void = () => undefined;
  /** Rejects when the endpoint is gone; never resolves. */
  readonly #ended: Promise<never>;
  #place: Place = ALONE;
  /** Whom it will be bridged to when all that was asked for so far is done. */
  #meant: FreeswitchEndpoint | null = null;
  #playback: Playback | null = null;
  #whisper: Whisper | null = null;
  readonly turns = new TurnQueue();
  private readonly wire: Wire;
  private readonly recordings: Recordings;

  /** @param over told once, when it is closed or lost */
  constructor(
    private readonly raw: FsmrfEndpoint,
    readonly server: string,
    options: { readonly clock: Clock },
    private readonly listener: EndpointListener,
    private readonly over: () => void,
  ) {
    // What the server put into its 200, to the letter.
    this.#sdp = raw.dialog.remote.sdp;
    this.handle = handleOf({ server, uuid: raw.uuid });
    this.#ended = new Promise((_, reject) => (this.#end = reject));
    this.#ended.catch(() => undefined);
    this.wire = new Wire(raw, options.clock);
    this.recordings = new Recordings(this.wire, (path, end) =>
      this.tell({ type: 'recordingStopped', path, ...end }),
    );
    this.listen();
  }

  get sdp(): string {
    return this.#sdp;
  }

  modify(sdp: string): Promise<string> {
    return this.run(async () => (this.#sdp = await this.wire.reinvite(sdp)));
  }

  play(sounds: readonly PlayableSound[], { loop }: PlayOptions): Promise<Playing> {
    return this.move(async () => {
      const names = soundNames(sounds);
      await this.silence();
      const playback = new Playback(this.wire, names, loop);
      this.#playback = playback;
      await this.wire.within(DEADLINES.playBegins, 'begin of playing', playback.began);
      return playback;
    });
  }

  stop(): Promise<void> {
    return this.move(() => this.silence());
  }

  bridge(other: Endpoint): Promise<void> {
    if (!(other instanceof FreeswitchEndpoint) || other.server !== this.server || other === this)
      return Promise.reject(new MediaError('refused', 'only two endpoints of one server can be bridged'));
    const moved = new Set([...this.parting(), ...other.parting()]);
    this.#meant = other;
    other.#meant = this;
    const turn = inTurn(moved, () => this.bridgeTo(other));
    return Promise.race([this.#ended, other.#ended, turn]);
  }

  whisper(sounds: readonly PlayableSound[]): Promise<Playing> {
    return this.run(async () => {
      const whisper = new Whisper(this.wire, soundWords(sounds));
      await this.#whisper?.stop();
      this.#whisper = whisper;
      await whisper.next();
      return whisper;
    });
  }

  join(conference: string): Promise<void> {
    return this.move(async () => {
      const name = conferenceName(conference);
      await this.silence();
      await this.wire.within(DEADLINES.command, 'conference', this.raw.join(name));
      this.#place = { at: 'conference' };
    });
  }

  sendDigits(digits: string): Promise<void> {
    return this.run(() => this.wire.command('uuid_send_dtmf', digitsToSend(digits)));
  }

  record(request: RecordRequest): Promise<void> {
    return this.run(() => this.recordings.start(request));
  }

  recording(path: string, action: 'pause' | 'resume' | 'stop'): Promise<void> {
    return this.run(() => this.recordings.change(path, action));
  }

  async close(): Promise<void> {
    if (!this.leave(new MediaError('lost', 'the endpoint was closed'))) return;
    const socket = this.raw.conn?.socket;
    await this.wire.within(DEADLINES.close, 'BYE', this.raw.dialog.destroy()).catch(() => undefined);
    socket?.destroy();
  }

  /** Its server is lost, or gave it up. */
  lose(reason: string): void {
    if (!this.leave(new MediaError('lost', reason))) return;
    const { dialog, conn } = this.raw;
    // A server that is only frozen may come back, and then shall not keep what nobody knows of any more.
    conn?.socket?.destroy();
    if (dialog.connected) dialog.destroy().catch(() => undefined);
    this.listener({ type: 'lost', reason });
  }

  private listen(): void {
    const { raw } = this;
    // fsmrf writes each of these to the console; the end that follows is told by the log.
    raw.conn?.removeAllListeners('error');
    raw.conn?.subscribe(EVENTS);
    this.wire.on('MEDIA_BUG_STOP', (event) => this.#whisper?.soundEnded(event));
    raw.on('playback-start', () => this.#playback?.soundBegan());
    raw.on('dtmf', ({ dtmf, duration }) =>
      this.tell({ type: 'digit', digit: dtmf, durationMs: Math.round(Number(duration) / 8) }),
    );
    raw.on('destroy', (details) => this.lose(details?.reason ?? 'the media server ended it'));
    raw.dialog.on('destroy', (bye: unknown) => this.lose(endingReason(bye)));
  }

  private tell(event: EndpointEvent): void {
    if (this.#gone === null) this.listener(event);
  }

  private leave(error: MediaError): boolean {
    if (this.#gone !== null) return false;
    this.#gone = error;
    const partner = this.#place.at === 'bridge' ? this.#place.partner : null;
    const parked = this.partLeft();
    void partner?.turns.run(() => parked);
    this.#playback?.abandon();
    this.#whisper?.abandon();
    this.#end(error);
    this.over();
    return true;
  }

  /** In order; not at all once the endpoint is gone. */
  private run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turns.run(() => (this.#gone === null ? work() : this.#ended));
    return Promise.race([this.#ended, turn]);
  }

  /** A work that takes it out of a bridge: its partner is moved with it, and has to be free for that. */
  private move<T>(work: () => Promise<T>): Promise<T> {
    const turn = inTurn(this.parting(), () => (this.#gone === null ? work() : this.#ended));
    return Promise.race([this.#ended, turn]);
  }

  /** It and whom it will be bridged to when all that was asked for is done; from now on it will not. */
  private parting(): readonly FreeswitchEndpoint[] {
    const partner = this.#meant;
    this.#meant = null;
    if (partner === null) return [this];
    if (partner.#meant === this) partner.#meant = null;
    return [this, partner];
  }

  private async bridgeTo(other: FreeswitchEndpoint): Promise<void> {
    const gone = this.#gone ?? other.#gone;
    if (gone !== null) throw gone;
    if (this.#place.at === 'bridge' && this.#place.partner === other) return;
    await Promise.all([this.clear(), other.clear()]);
    const parked = [this.partLeft(), other.partLeft()];
    await this.wire.moved('CHANNEL_BRIDGE', 'uuid_bridge', this.raw.bridge(other.raw));
    await Promise.all(parked);
    this.#place = { at: 'bridge', partner: other };
    other.#place = { at: 'bridge', partner: this };
  }

  /** Ready for a bridge, which takes it out of another by itself. */
  private async clear(): Promise<void> {
    await this.stopSounds();
    if (this.#place.at === 'conference') await this.silence();
  }

  private async silence(): Promise<void> {
    await this.stopSounds();
    const { at } = this.#place;
    const parked = this.partLeft();
    if (at === 'bridge') await this.wire.moved('CHANNEL_PARK', 'leaving a bridge', this.raw.unbridge());
    await parked;
    if (at === 'conference')
      await this.wire.within(DEADLINES.command, 'leaving a conference', this.raw.unjoin());
  }

  /** Kept until they are over: lost on the way, they end with the endpoint. */
  private async stopSounds(): Promise<void> {
    await this.#playback?.stop();
    this.#playback = null;
    await this.#whisper?.stop();
    this.#whisper = null;
  }

  /** It goes from where it is. Resolves when a partner it leaves is in the park: before, nothing may be asked of that. */
  private async partLeft(): Promise<void> {
    const place = this.#place;
    this.#place = ALONE;
    if (place.at !== 'bridge') return;
    place.partner.#place = ALONE;
    await place.partner.wire.parked();
  }
}
