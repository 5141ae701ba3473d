import type { BotEventType } from '../../src/domain/bot-event.js';
import type { Call, CallSetup } from '../../src/domain/call.js';
import type { CallEvent } from '../../src/domain/call-event.js';
import type { Effect, TimerName } from '../../src/domain/effect.js';
import { asCallId, asSessionId, asTransferId, type LegId } from '../../src/domain/ids.js';
import {
  PLAIN_SOUNDS,
  type ByeWay,
  type DialTarget,
  type InviteWay,
  type ReferWay,
  type Target,
  type TransferPlan,
  type TransferSounds,
  type Way,
} from '../../src/domain/plan.js';
import type { Leg } from '../../src/domain/leg.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { BotReply } from '../../src/domain/reply.js';
import type { ScriptSetup } from '../../src/domain/script-state.js';
import type { Sound } from '../../src/domain/sound.js';
import { open, openRouted, openScripted, step, type Step } from '../../src/domain/step.js';

const SETUP: CallSetup & { readonly bot: DialTarget } = {
  from: '+16120000001',
  to: '18000000000',
  trunk: 'carrier',
  bot: {
    label: 'bot',
    uri: 'sip:bot@127.0.0.1',
    route: null,
    trunk: 'carrier',
    from: { user: null, display: null, host: null },
    headers: [],
    postDial: null,
    auth: null,
  },
  answerTimeoutMs: 20_000,
  sdpSeed: 100,
  host: '127.0.0.1',
  statusMap: {},
  media: 'direct',
  script: null,
  consent: null,
};

/** Times of a bot that speaks by replies; its fallback hands the caller to somebody else. */
export const SCRIPT: ScriptSetup = {
  decisionTimeoutMs: 2000,
  noInputTimeoutMs: 10_000,
  digitTimeoutMs: 3000,
  maxDigits: 4,
  fallback: [
    { kind: 'say', message: { text: 'One moment, please.' } },
    {
      kind: 'switch',
      command: { targets: [{ queue: 'support' }], method: 'auto', headers: [], metadata: {} },
    },
  ],
};

export const say = (text: string): BotReply => ({ kind: 'say', message: { text } });

export const SWITCH: BotReply = {
  kind: 'switch',
  command: { targets: [{ sipUri: 'a@127.0.0.1' }], method: 'auto', headers: [], metadata: {} },
};

/** Of an anchored transfer, where a test says something else than {@link PLAIN_SOUNDS}. */
export const sounds = (change: Partial<TransferSounds> = {}): { sounds: TransferSounds } => ({
  sounds: { ...PLAIN_SOUNDS, ...change },
});

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A party's session description: what matters is its port, and what it wants to do there. */
export const sdp = (port: number, direction: Direction = 'sendrecv'): string =>
  `v=0\r\no=x 1 1 IN IP4 10.0.0.1\r\ns=x\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${direction}\r\n`;

/** Where each party wants its media unless a test says otherwise. */
export const PORT = { caller: 1000, bot: 2000, agent: 3000 } as const;

const portOf = (leg: LegId): number =>
  leg === 'caller' || leg === 'bot' ? PORT[leg] : PORT.agent + Number(leg.slice(6));

export const target = (label: string): DialTarget => ({
  label,
  uri: `sip:${label}@127.0.0.1`,
  route: null,
  trunk: 'carrier',
  from: { user: null, display: null, host: null },
  headers: [],
  postDial: null,
  auth: null,
});

/** A way of ringing these, all at once. */
export const byInvite = (first: string, ...more: readonly string[]): InviteWay => ({
  method: 'invite',
  after: null,
  trunk: 'carrier',
  branches: [target(first), ...more.map(target)],
});

export const byRefer = (label: string): ReferWay => ({
  method: 'refer',
  after: null,
  trunk: 'carrier',
  referTo: `<sip:${label}@127.0.0.1>`,
  referredBy: null,
  headers: [],
  auth: null,
});

export const BY_BYE: ByeWay = {
  method: 'bye',
  after: null,
  trunk: 'carrier',
  headers: [['X-Session', 's1']],
};

export const reached = (label: string, ...ways: readonly [Way, ...Way[]]): Target => ({ label, ways });

const asTarget = (to: string | Target): Target => (typeof to === 'string' ? reached(to, byInvite(to)) : to);

/** A transfer to `a`, with return to the bot, unless said otherwise. */
export function plan(
  change: Partial<Omit<TransferPlan, 'targets'>> & { to?: readonly (string | Target)[] } = {},
): TransferPlan {
  const { to = ['a'], ...rest } = change;
  const [first = 'a', ...more] = to;
  return {
    id: asTransferId('tr_1'),
    sessionId: asSessionId('agent_transfer:1:c:ch'),
    method: 'invite',
    targets: [asTarget(first), ...more.map(asTarget)],
    ringTimeoutMs: 30_000,
    refer: { responseMs: 32_000, firstNotifyMs: 10_000, totalMs: 60_000, departMs: 5_000 },
    returnToBot: true,
    onFailure: [],
    otherwise: 'stay',
    callerSilenceMs: 15_000,
    sounds: null,
    continueRecording: false,
    reason: null,
    metadata: {},
    ...rest,
  };
}

/** A call told as a story: who does what, and what the engine does about it. */
export class CallScript {
  call: Call;
  /** Effects of the last event. */
  last: readonly Effect[] = [];
  readonly all: Effect[] = [];
  /** Changes the media server has answered. */
  private readonly made = new Set<number>();

  constructor(offer: string | null = sdp(PORT.caller), first = open(asCallId('call_1'), SETUP, offer)) {
    this.call = first.next;
    this.take(first);
  }

  /** A call without a bot: its INVITE is the command. */
  static routed(
    change?: Parameters<typeof plan>[0],
    offer: string | null = sdp(PORT.caller),
    statusMap: Readonly<Record<string, number>> = {},
  ): CallScript {
    const setup = { ...SETUP, bot: null, statusMap };
    return new CallScript(offer, openRouted(asCallId('call_1'), setup, offer, plan(change)));
  }

  /** A caller of a trunk that wants these codes mapped; its bot is being dialled. */
  static mapped(statusMap: Readonly<Record<string, number>>): CallScript {
    const offer = sdp(PORT.caller);
    return new CallScript(offer, open(asCallId('call_1'), { ...SETUP, statusMap }, offer));
  }

  /** Caller and bot in conversation, by way of a media server. */
  static anchored(change: Partial<CallSetup> = {}, offer: string | null = sdp(PORT.caller)): CallScript {
    const setup = { ...SETUP, ...change, media: 'anchored' as const, bot: SETUP.bot };
    return new CallScript(offer, open(asCallId('call_1'), setup, offer)).answers('bot').makes();
  }

  /** The same call without a bot, ringing its target. */
  static anchoredRouted(
    change?: Parameters<typeof plan>[0],
    offer: string | null = sdp(PORT.caller),
  ): CallScript {
    const setup = { ...SETUP, media: 'anchored' as const, bot: null };
    return new CallScript(
      offer,
      openRouted(asCallId('call_1'), setup, offer, plan({ ...sounds(), ...change })),
    );
  }

  /** A caller whose bot speaks by replies, and has been asked what to say first. */
  static scripted(change: Partial<CallSetup> = {}): CallScript {
    const setup = { ...SETUP, script: SCRIPT, ...change, media: 'anchored' as const, bot: null };
    const offer = sdp(PORT.caller);
    return new CallScript(offer, openScripted(asCallId('call_1'), setup, offer));
  }

  /** Caller and bot in conversation. */
  static withBot(): CallScript {
    return new CallScript().answers('bot');
  }

  /** A transfer whose (first) target rings. */
  static ringing(change?: Parameters<typeof plan>[0]): CallScript {
    return CallScript.withBot().commands(change);
  }

  /** Caller and agent in conversation. */
  static bridged(change?: Parameters<typeof plan>[0]): CallScript {
    return CallScript.ringing(change).answers('agent-1').accepts('caller');
  }

  on(event: CallEvent): this {
    const result = step(this.call, event);
    this.call = result.next;
    this.take(result);
    return this;
  }

  rings = (leg: LegId, code = 180, early: string | null = null): this =>
    this.on({ type: 'progress', leg, code, reason: 'Ringing', sdp: early });
  answers = (leg: LegId, body: string | null = sdp(portOf(leg))): this =>
    this.on({ type: 'answered', leg, sdp: body });
  refuses(leg: LegId, code: number, q850: number | null = null, by: Refusal['by'] = 'far_end'): this {
    return this.on({ type: 'refused', leg, refusal: { code, reason: 'no', q850, retryAfterMs: null, by } });
  }
  hangsUp = (leg: LegId, q850: number | null = 16): this =>
    this.on({ type: 'hungUp', leg, q850, reason: null });
  closes = (leg: LegId, code: number | null = 200): this => this.on({ type: 'closed', leg, code });
  /** 2xx to our re-INVITE. */
  accepts = (leg: LegId, body: string | null = sdp(portOf(leg))): this =>
    this.on({ type: 'reofferAccepted', leg, sdp: body });
  /** Failure of our re-INVITE. */
  rejects(leg: LegId, code: number): this {
    const by = code === 408 ? 'local' : 'far_end';
    return this.on({
      type: 'reofferRefused',
      leg,
      refusal: { code, reason: 'no', q850: null, retryAfterMs: null, by },
    });
  }
  /** A re-INVITE of theirs. */
  offers = (leg: LegId, body: string | null, offerId = 1): this =>
    this.on({ type: 'offer', leg, offerId, sdp: body });
  acks = (leg: LegId, body = sdp(portOf(leg))): this => this.on({ type: 'acked', leg, sdp: body });
  fires = (timer: TimerName): this => this.on({ type: 'timerFired', timer });
  commands = (change?: Parameters<typeof plan>[0], from: LegId | null = null): this =>
    this.on({ type: 'transferCommanded', plan: plan(change), from });
  /** The far end's word on our REFER itself: 2xx, or a refusal. */
  takesRefer = (referral = 1): this =>
    this.on({ type: 'referAnswered', leg: 'caller', referral, refusal: null });
  refusesRefer(code: number, by: Refusal['by'] = 'far_end', referral = 1): this {
    const refusal = { code, reason: 'no', q850: null, retryAfterMs: null, by };
    return this.on({ type: 'referAnswered', leg: 'caller', referral, refusal });
  }
  /** NOTIFY with this status in its sipfrag, the last of them when it is final. */
  notifies(code: number | null, terminated = code !== null && code >= 200, referral = 1): this {
    const status = code === null ? null : { code, reason: 'so it goes' };
    return this.on({ type: 'notified', leg: 'caller', referral, status, terminated });
  }
  /** A party asks for the other one to be handed to somebody. */
  refers(leg: LegId, change: Parameters<typeof plan>[0], referId = 1): this {
    return this.on({ type: 'referred', leg, referId, verdict: { kind: 'plan', plan: plan(change) } });
  }
  /** An attended transfer: `party`, a leg of another call, becomes `as` here. */
  brings(leg: LegId, party: Leg, as: LegId, change?: Parameters<typeof plan>[0]): this {
    return this.on({ type: 'brought', leg, referId: 1, plan: plan(change), party, as });
  }
  /** INVITE with Replaces of `leg`'s dialog. */
  replaces = (leg: LegId, as: LegId, body: string | null = sdp(portOf(as))): this =>
    this.on({ type: 'replaced', leg, as, sdp: body });
  loses = (leg: LegId): this => this.on({ type: 'legTaken', leg });
  cancels = (): this => this.on({ type: 'cancelRequested', transferId: asTransferId('tr_1') });
  bringsBack = (transfer = 'tr_1'): this =>
    this.on({ type: 'returnRequested', transferId: asTransferId(transfer) });
  ordered = (by: 'api' | 'bot' | 'engine' = 'api'): this =>
    this.on({ type: 'hangupRequested', by, reason: 'ordered' });
  losesLink = (): this => this.on({ type: 'signallingLost' });

  /** The media server's answer to whatever it has been asked for. */
  makes(result: 'done' | 'lost' | Refusal = 'done'): this {
    for (;;) {
      const open = this.all.find((e) => 'change' in e && !this.made.has(e.change));
      if (open === undefined || !('change' in open)) return this;
      this.made.add(open.change);
      this.on({ type: 'changed', change: open.change, result });
      if (result !== 'done') return this;
    }
  }
  /** What plays to the leg is over. */
  ends(leg: LegId, ok = true): this {
    const played = this.all.findLast((e) => e.type === 'play' && e.leg === leg);
    if (played?.type !== 'play') throw new Error(`nothing was played to ${leg}`);
    return this.on({ type: 'played', leg, n: played.n, ok });
  }
  presses(leg: LegId, keys: string): this {
    for (const digit of keys) this.on({ type: 'digit', leg, digit });
    return this;
  }
  /** Another endpoint, on another media server. */
  resets = (leg: LegId): this => this.on({ type: 'mediaReset', leg });
  losesMedia = (leg: LegId): this => this.on({ type: 'mediaLost', leg, reason: 'no media server' });
  /** The script bot's answer to its last question, or to another one. */
  replies(replies: readonly BotReply[], question = this.question): this {
    return this.on({ type: 'replied', question, replies });
  }
  garbles = (question = this.question): this => this.on({ type: 'garbled', question, problem: 'not JSON' });

  /** Number of the last question. */
  get question(): number | null {
    return this.all.reduce<number | null>((q, e) => (e.type === 'tell' ? (e.question ?? q) : q), null);
  }

  /** The last event's sounds, bridges and conferences, and nothing else. */
  get heardNow(): readonly string[] {
    return this.last.filter((e) => MEDIA.has(e.type)).map(brief);
  }

  get phase(): string {
    return this.call.state.phase;
  }

  /** The last event's effects in short: `dial agent-1`, `start ring`, `tell transfer.failed`. */
  get did(): readonly string[] {
    return this.last.map(brief);
  }

  /** Everything the bot was told so far, by type. */
  get told(): readonly BotEventType[] {
    return this.all.flatMap((e) => (e.type === 'tell' ? [e.event.type] : []));
  }

  /** The last event of that type the bot was told. */
  heard(type: BotEventType): unknown {
    const found = this.all.findLast((e) => e.type === 'tell' && e.event.type === type);
    if (found?.type !== 'tell') throw new Error(`the bot was never told ${type}`);
    return found.event.data;
  }

  /** Whose port a leg was last sent, and in which direction: `3001 sendrecv`. */
  shown(leg: LegId): string {
    const body = this.all.reduce<string | null>(
      (text, e) => ('sdp' in e && e.leg === leg ? e.sdp : text),
      null,
    );
    const [, port, direction] = /m=audio (\d+)[^]*a=(\w+)/.exec(body ?? '') ?? [];
    return `${port ?? 'nothing'} ${direction ?? ''}`;
  }

  private take(result: Step): void {
    this.last = result.effects;
    this.all.push(...result.effects);
  }
}

function brief(effect: Effect): string {
  switch (effect.type) {
    case 'tell':
      return `tell ${effect.event.type}`;
    case 'startTimer':
      return `start ${effect.timer}`;
    case 'stopTimer':
      return `stop ${effect.timer}`;
    case 'done':
      return 'done';
    case 'refuseOffer':
      return `refuseOffer ${effect.leg} ${effect.code}`;
    case 'reject':
      return `reject ${effect.leg} ${effect.code}`;
    case 'swapLegs':
      return `swap ${effect.a} ${effect.b}`;
    case 'notifyRefer':
      return `notify ${effect.leg} ${effect.code}${effect.final ? ' final' : ''}`;
    case 'refuseRefer':
      return `refuseRefer ${effect.leg} ${effect.code}`;
    case 'learn':
      return `learn ${effect.trunk} ${effect.takesRefer}`;
    case 'command':
      return 'command';
    case 'bridge':
      return `bridge ${effect.leg} ${effect.with}`;
    case 'play':
      return `play ${effect.leg} ${soundOf(effect.sound)}`;
    default:
      return `${effect.type} ${effect.leg}`;
  }
}

const MEDIA: ReadonlySet<Effect['type']> = new Set(['bridge', 'join', 'play', 'hush']);

function soundOf(sound: Sound): string {
  if (sound.kind === 'ringback') return 'ringback';
  return sound.kind === 'music' ? sound.file : (sound.message.text ?? sound.message.file ?? '');
}
