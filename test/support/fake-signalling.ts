import type { InfoBody } from '../../src/domain/effect.js';
import type { HeaderLine, ReferWay } from '../../src/domain/plan.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { LadderTap } from '../../src/ports/ladder.js';
import type {
  DialogHandle,
  DialRequest,
  IncomingOffer,
  IncomingRefer,
  LegEvent,
  LegListener,
  LegPort,
  ResumeRequest,
  ServerState,
  Signalling,
  SignallingHandler,
  SignallingInfo,
  Unwanted,
} from '../../src/ports/signalling.js';
import type { DialogIds } from '../../src/sip/replaces.js';

/** What the engine asked of a leg. */
export type LegCommand =
  | { readonly type: 'ring'; readonly code: number; readonly reason: string; readonly sdp: string | null }
  | { readonly type: 'answer'; readonly sdp: string }
  | {
      readonly type: 'reject';
      readonly code: number;
      readonly reason: string;
      readonly headers: readonly HeaderLine[];
    }
  | { readonly type: 'cancel'; readonly headers: readonly HeaderLine[] }
  | { readonly type: 'ack'; readonly sdp: string }
  | { readonly type: 'bye'; readonly headers: readonly HeaderLine[] }
  | { readonly type: 'reoffer'; readonly sdp: string }
  | { readonly type: 'acceptOffer'; readonly offerId: number; readonly sdp: string }
  | {
      readonly type: 'refuseOffer';
      readonly offerId: number;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly type: 'refer'; readonly referral: number; readonly request: ReferWay }
  | { readonly type: 'acceptRefer'; readonly referId: number }
  | {
      readonly type: 'refuseRefer';
      readonly referId: number;
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly type: 'notifyRefer';
      readonly referId: number;
      readonly code: number;
      readonly reason: string;
      readonly final: boolean;
    }
  | { readonly type: 'info'; readonly body: InfoBody };

export type CommandType = LegCommand['type'];
type CommandOf<T extends CommandType> = Extract<LegCommand, { type: T }>;

/** What the far end does about a command; runs in a microtask, as an adapter never answers within the call. */
export type Reaction<T extends CommandType> = (leg: FakeLeg, command: CommandOf<T>) => void;
export type Reactions = { readonly [T in CommandType]?: Reaction<T> };

/** A far end with manners: what is asked to end ends. Everything else waits for the test. */
export const POLITE: Reactions = {
  reject: (leg) => leg.closed(null),
  bye: (leg) => leg.closed(),
  cancel: (leg) => leg.refuse(487, { reason: 'Request Terminated' }),
};

const ENDS: ReadonlySet<LegEvent['type']> = new Set(['refused', 'hungUp', 'closed', 'lost']);

/** What a handle of the fake says. */
interface FakeDialog {
  readonly role: FakeLeg['role'];
  readonly sipCallId: string | null;
  /** `null`: an INVITE without an answer, which can only be ended. */
  readonly dialog: DialogIds | null;
  readonly reoffers: number;
}

/** One leg in the hands of a test: records what the engine asks, tells what the test says. */
export class FakeLeg implements LegPort {
  readonly commands: LegCommand[] = [];
  /** Asked after the leg's end: harmless, but worth a look. */
  readonly late: LegCommand[] = [];
  readonly told: LegEvent[] = [];
  /** REFERs the engine waits no more for word on. */
  readonly abandoned: number[] = [];
  /** Another process has it, as far as the engine knows. */
  isAbandoned = false;
  reactions: Reactions;
  /** Known from the answer on, in either role; a test may set it earlier or to something else. */
  dialog: DialogIds | null = null;
  /** Its dialog is there when {@link FakeLeg.confirmedLate} says so, as behind a SIP server; else with the answer. */
  answersLate = false;
  /** How it was resumed; `null`: it is a leg of this process from its beginning. */
  resumption: ResumeRequest | null = null;
  /** Of the dial, or of the engine's verdict on the offer. */
  allows: (address: string) => boolean;
  #listener: LegListener | null = null;
  #tap: LadderTap | null = null;
  #nextOfferId = 1;
  #nextReferId = 1;

  constructor(
    readonly role: 'caller' | 'dialled',
    public sipCallId: string | null,
    reactions: Reactions,
    /** What was dialled; `null` for a caller. */
    readonly request: DialRequest | null = null,
  ) {
    this.reactions = reactions;
    this.allows = request?.allows ?? (() => false);
  }

  /** The URI dialled. */
  get uri(): string {
    return this.request?.target.uri ?? '';
  }

  get ended(): boolean {
    return this.told.some((event) => ENDS.has(event.type));
  }

  /** What another {@link FakeSignalling} resumes it by; another one after each change, as an adapter's is. */
  get handle(): DialogHandle | null {
    if (this.ended) return null;
    const { role, sipCallId, dialog } = this;
    const state: FakeDialog = { role, sipCallId, dialog, reoffers: this.all('reoffer').length };
    return JSON.stringify(state) as DialogHandle;
  }

  /** Types of the commands so far, in order. */
  get asked(): readonly CommandType[] {
    return this.commands.map((command) => command.type);
  }

  /** Commands of one type, in order. */
  all<T extends CommandType>(type: T): CommandOf<T>[] {
    return this.commands.filter((command): command is CommandOf<T> => command.type === type);
  }

  /** The last command of one type; fails when there was none. */
  last<T extends CommandType>(type: T): CommandOf<T> {
    const command = this.all(type).at(-1);
    if (command === undefined) throw new Error(`no ${type} was asked; asked: ${this.asked.join(' ')}`);
    return command;
  }

  speaksFrom(address: string): boolean {
    return address === '127.0.0.1';
  }

  rebind(listener: LegListener, tap: LadderTap): void {
    this.#listener = listener;
    this.#tap = tap;
  }

  /** Tells the engine something; a test that breaks the port's promise of one end is itself broken. */
  emit(event: LegEvent): void {
    if (this.#listener === null) throw new Error(`nobody listens to this leg (${event.type})`);
    if (this.ended) throw new Error(`${event.type} after the leg's end (${this.told.at(-1)?.type ?? ''})`);
    this.told.push(event);
    this.#listener(event);
  }

  tap(direction: 'in' | 'out', text: string, sdp = false): void {
    this.#tap?.(direction, text, sdp, '127.0.0.1:5060');
  }

  progress(code = 180, sdp: string | null = null): void {
    this.emit({ type: 'progress', code, reason: code === 180 ? 'Ringing' : 'Session Progress', sdp });
  }

  answered(sdp: string | null = FAKE_SDP): void {
    this.confirm();
    this.emit({ type: 'answered', sdp });
  }

  refuse(code: number, refusal: Partial<Refusal> = {}): void {
    this.emit({ type: 'refused', refusal: fakeRefusal(code, refusal) });
  }

  hangUp(details: Partial<Omit<Extract<LegEvent, { type: 'hungUp' }>, 'type'>> = {}): void {
    this.emit({ type: 'hungUp', q850: 16, reason: null, headers: [], ...details });
  }

  /** The peer's re-INVITE; returns the id the engine answers it by. */
  offered(sdp: string | null = FAKE_SDP): number {
    const offerId = this.#nextOfferId++;
    this.emit({ type: 'offer', offerId, sdp });
    return offerId;
  }

  /** The SIP server has answered: the dialog is there, in its time. */
  confirmedLate(): void {
    this.confirm();
    this.emit({ type: 'handleChanged' });
  }

  /** Our own BYE or rejection is through. */
  closed(code: number | null = 200): void {
    this.emit({ type: 'closed', code });
  }

  /** The final response to a REFER of ours; the latest, unless told otherwise. */
  referAnswered(
    code = 202,
    refusal: Partial<Refusal> = {},
    referral: number = this.last('refer').referral,
  ): void {
    const refused = code >= 300 ? fakeRefusal(code, refusal) : null;
    this.emit({ type: 'referAnswered', referral, refusal: refused });
  }

  /** NOTIFY of a REFER of ours; a final status ends the subscription, unless told otherwise. */
  notified(
    code: number | null,
    {
      reason = 'Status',
      terminated = code !== null && code >= 200,
      referral = this.last('refer').referral,
    }: { readonly reason?: string; readonly terminated?: boolean; readonly referral?: number } = {},
  ): void {
    const status = code === null ? null : { code, reason };
    this.emit({ type: 'notified', referral, status, terminated });
  }

  /** The far end's REFER; returns the id the engine answers it by. */
  referred(referTo: string, request: Partial<Omit<IncomingRefer, 'referTo'>> = {}): number {
    const referId = this.#nextReferId++;
    const complete = { source: '127.0.0.1', referredBy: null, customHeaders: [], ...request, referTo };
    this.emit({ type: 'referred', referId, request: complete });
    return referId;
  }

  /** The far end's INFO. */
  informed(info: InfoBody): void {
    this.emit({ type: 'info', info });
  }

  reofferAccepted(sdp: string | null = FAKE_SDP): void {
    this.emit({ type: 'reofferAccepted', sdp });
  }

  reofferRefused(code: number, refusal: Partial<Refusal> = {}): void {
    this.emit({ type: 'reofferRefused', refusal: fakeRefusal(code, refusal) });
  }

  ring(code: number, reason: string, sdp: string | null): void {
    this.record({ type: 'ring', code, reason, sdp });
  }

  answer(sdp: string): void {
    if (!this.answersLate) this.confirm();
    this.record({ type: 'answer', sdp });
  }

  reject(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.record({ type: 'reject', code, reason, headers });
  }

  cancel(headers: readonly HeaderLine[]): void {
    this.record({ type: 'cancel', headers });
  }

  ack(sdp: string): void {
    this.record({ type: 'ack', sdp });
  }

  bye(headers: readonly HeaderLine[]): void {
    this.record({ type: 'bye', headers });
  }

  reoffer(sdp: string): void {
    this.record({ type: 'reoffer', sdp });
  }

  acceptOffer(offerId: number, sdp: string): void {
    this.record({ type: 'acceptOffer', offerId, sdp });
  }

  refuseOffer(offerId: number, code: number, reason: string): void {
    this.record({ type: 'refuseOffer', offerId, code, reason });
  }

  refer(referral: number, request: ReferWay): void {
    this.record({ type: 'refer', referral, request });
  }

  abandon(): void {
    this.isAbandoned = true;
  }

  abandonRefer(referral: number): void {
    this.abandoned.push(referral);
  }

  acceptRefer(referId: number): void {
    this.record({ type: 'acceptRefer', referId });
  }

  refuseRefer(referId: number, code: number, reason: string): void {
    this.record({ type: 'refuseRefer', referId, code, reason });
  }

  notifyRefer(referId: number, code: number, reason: string, final: boolean): void {
    this.record({ type: 'notifyRefer', referId, code, reason, final });
  }

  info(body: InfoBody): void {
    this.record({ type: 'info', body });
  }

  private confirm(): void {
    const callId = this.sipCallId;
    if (callId !== null) {
      this.dialog ??= { callId, localTag: `ours-of-${callId}`, remoteTag: `theirs-of-${callId}` };
    }
  }

  private record(command: LegCommand): void {
    if (this.ended) {
      this.late.push(command);
      return;
    }
    this.commands.push(command);
    const react = this.reactions[command.type] as Reaction<CommandType> | undefined;
    if (react === undefined) return;
    queueMicrotask(() => {
      if (!this.ended) react(this, command);
    });
  }
}

export interface FakeOfferInit extends Partial<Omit<IncomingOffer, 'header'>> {
  readonly headers?: readonly HeaderLine[];
}

/** What the engine said to an offer. */
export type Verdict =
  | { readonly at: 'accepted'; readonly leg: FakeLeg }
  | { readonly at: 'unwanted'; readonly leg: FakeLeg; readonly answer: Unwanted };

/** The signalling port without SIP: legs appear when the test offers them or the engine dials them. */
export class FakeSignalling implements Signalling {
  /** Every leg, in order of appearance. */
  readonly legs: FakeLeg[] = [];
  /** Reactions of legs to come. */
  reactions: Reactions = POLITE;
  /** Of callers to come. */
  answersLate = false;
  /** Runs in `dial`: a place to script the far end of a leg that has just appeared. */
  onDial: ((leg: FakeLeg) => void) | null = null;
  /** Whether the SIP server still has the dialog of a leg that is to be resumed; a test may wait with the answer. */
  onResume: (leg: FakeLeg) => void = (leg) => leg.emit({ type: 'resumed' });
  #handler: SignallingHandler | null = null;
  #state: 'stopped' | 'up' | 'down' = 'stopped';
  #count = 0;

  constructor(readonly info: SignallingInfo = { server: 'fake', listening: ['udp:127.0.0.1:5060'] }) {}

  get dialled(): readonly FakeLeg[] {
    return this.legs.filter((leg) => leg.role === 'dialled');
  }

  /** Legs of processes that are gone, in the order they were asked for. */
  get resumed(): readonly FakeLeg[] {
    return this.legs.filter((leg) => leg.resumption !== null);
  }

  get callers(): readonly FakeLeg[] {
    return this.legs.filter((leg) => leg.role === 'caller');
  }

  /** The leg most recently dialled. */
  get lastDialled(): FakeLeg {
    const leg = this.dialled.at(-1);
    if (leg === undefined) throw new Error('nothing was dialled');
    return leg;
  }

  /** Legs that have not ended: empty when the engine is done. */
  get open(): readonly FakeLeg[] {
    return this.legs.filter((leg) => !leg.ended);
  }

  start(handler: SignallingHandler): Promise<SignallingInfo> {
    this.#handler = handler;
    this.#state = 'up';
    return Promise.resolve(this.info);
  }

  /** New calls were declined. */
  declines = false;

  declineCalls(): void {
    this.declines = true;
  }

  servers(): readonly ServerState[] {
    return [{ name: 'fake', up: this.connected() }];
  }

  connected(): boolean {
    return this.#state === 'up';
  }

  stop(): Promise<void> {
    this.loseLegs();
    this.#state = 'stopped';
    return Promise.resolve();
  }

  /** An INVITE. */
  tryOffer(init: FakeOfferInit = {}): Verdict {
    if (this.#handler === null) throw new Error('the fake was not started');
    const offer = fakeOffer(`call-${++this.#count}@fake`, init);
    const leg = new FakeLeg('caller', offer.sipCallId, this.reactions);
    leg.answersLate = this.answersLate;
    const verdict = this.#handler.offered(offer, leg);
    if (verdict === 'ignore' || 'refuse' in verdict) return { at: 'unwanted', leg, answer: verdict };
    leg.allows = verdict.allows;
    leg.rebind(verdict.listener, verdict.tap);
    this.legs.push(leg);
    return { at: 'accepted', leg };
  }

  /** An INVITE the engine must take. */
  offer(init: FakeOfferInit = {}): FakeLeg {
    const verdict = this.tryOffer(init);
    if (verdict.at === 'accepted') return verdict.leg;
    throw new Error(`the engine did not take the call: ${JSON.stringify(verdict.answer)}`);
  }

  dial(request: DialRequest, listener: LegListener): LegPort {
    const leg = new FakeLeg('dialled', `dial-${++this.#count}@fake`, this.reactions, request);
    leg.rebind(listener, request.tap);
    this.legs.push(leg);
    if (this.#state === 'up') this.onDial?.(leg);
    else queueMicrotask(() => leg.refuse(503, { reason: 'The link to the SIP server is down', by: 'local' }));
    return leg;
  }

  resume(request: ResumeRequest, listener: LegListener): LegPort {
    const { role, sipCallId, dialog } = JSON.parse(request.handle) as FakeDialog;
    const leg = new FakeLeg(role, sipCallId, this.reactions);
    leg.dialog = dialog;
    leg.resumption = request;
    leg.allows = request.allows;
    leg.rebind(listener, request.tap);
    this.legs.push(leg);
    queueMicrotask(() => {
      if (leg.ended) return;
      if (this.#state !== 'up' || dialog === null) leg.emit({ type: 'lost' });
      else this.onResume(leg);
    });
    return leg;
  }

  /** The link breaks: the handler is told, every open leg is lost. */
  linkDown(): void {
    this.#state = 'down';
    this.loseLegs();
    this.#handler?.linkDown();
  }

  linkUp(): void {
    this.#state = 'up';
    this.#handler?.linkUp();
  }

  private loseLegs(): void {
    for (const leg of this.open) leg.emit({ type: 'lost' });
  }
}

export const FAKE_SDP = [
  'v=0',
  'o=fake 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
  '',
].join('\r\n');

export function fakeRefusal(code: number, refusal: Partial<Refusal> = {}): Refusal {
  return { code, reason: 'Refused', q850: null, retryAfterMs: null, by: 'far_end', ...refusal };
}

/** An INVITE of `+16125550100` for `18005550199`, unless told otherwise. */
export function fakeOffer(sipCallId: string, init: FakeOfferInit = {}): IncomingOffer {
  const { headers = [], ...rest } = init;
  const to = rest.requestUri ?? {
    user: '18005550199',
    host: '127.0.0.1',
    text: 'sip:18005550199@127.0.0.1',
  };
  return {
    sipCallId,
    requestUri: to,
    from: { user: '+16125550100', host: '127.0.0.1', display: null },
    to: { user: to.user, host: to.host },
    source: { address: '127.0.0.1', port: 5080, transport: 'udp' },
    sdp: FAKE_SDP,
    header: (name) => headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1],
    customHeaders: headers.filter(([name]) => name.toLowerCase().startsWith('x-')),
    ...rest,
  };
}
