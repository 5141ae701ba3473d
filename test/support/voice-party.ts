import { hasTone } from './media-tones.js';
import { RtpPhone } from './media-phone.js';
import {
  SipPhone,
  type Address,
  type PhoneCall,
  type SdpOptions,
  type SipMessage,
} from './sip-phone/index.js';
import { lastHeard, timeline, type Stretch } from './voice-timeline.js';

/** A call that came in and is not answered. */
export interface Ringing {
  readonly call: PhoneCall;
  readonly invite: SipMessage;
}

/** What is heard now: the last packets, unless they are older than this. */
const NOW_MS = 200;

/** A phone with a mouth and ears: SIP in the test's hands, a tone of its own that it says all the time. */
export class VoiceParty {
  private readonly ringing = new Map<string, Ringing>();

  private constructor(
    readonly sip: SipPhone,
    private ears: RtpPhone,
    /** Hz. */
    readonly tone: number,
  ) {}

  static async open(user: string, tone: number, codec: 0 | 8 = 0): Promise<VoiceParty> {
    const [sip, rtp] = await Promise.all([SipPhone.open({ user, timeoutMs: 10_000 }), RtpPhone.open(codec)]);
    rtp.say(tone);
    const party = new VoiceParty(sip, rtp, tone);
    sip.script((message) => party.answersByItself(message));
    return party;
  }

  /** A hang-up, and the end of ringing; who waits for them finds them among what was received. */
  private answersByItself(message: SipMessage): boolean {
    if (message.method !== 'BYE' && message.method !== 'CANCEL') return false;
    const ringing = this.ringing.get(message.callId);
    (ringing?.call ?? this.sip.answering(message)).respond(message, 200);
    if (message.method === 'CANCEL') ringing?.call.respond(ringing.invite, 487);
    return true;
  }

  get rtp(): RtpPhone {
    return this.ears;
  }

  get uri(): string {
    return this.sip.uri;
  }

  /** As it was before its first call. */
  async renew(codec: 0 | 8 = 0): Promise<void> {
    await this.ears.close();
    this.ears = await RtpPhone.open(codec);
    this.ears.say(this.tone);
    this.ringing.clear();
    this.sip.forget();
    this.sip.received.length = 0;
  }

  /** Calls, and talks as soon as it is answered. */
  async calls(server: Address, number: string): Promise<PhoneCall> {
    const call = this.dials(server, number);
    await this.isAnswered(call);
    return call;
  }

  /** @param body its offer; `''` for none */
  dials(server: Address, number: string, body = this.rtp.sdp()): PhoneCall {
    const call = this.sip.call(server, { to: number });
    call.invite({ body });
    return call;
  }

  /** The 200 to its INVITE, which it acknowledges, with an answer where the offer was not its own. */
  async isAnswered(call: PhoneCall, withinMs?: number): Promise<SipMessage> {
    const answer = await call.expect((m) => m.status >= 200, withinMs);
    if (answer.status !== 200) throw new Error(`${this.sip.user}: ${answer.status}`);
    const offered = call.lastInvite?.body !== '';
    call.ack(answer, offered ? {} : { body: this.rtp.sdp() });
    this.rtp.follow(answer.body);
    return answer;
  }

  /** A re-INVITE of its own. @returns the answer */
  async reoffers(call: PhoneCall, options: SdpOptions): Promise<string> {
    call.invite({ body: this.rtp.sdp({ version: call.cseq + 1, ...options }) });
    const answer = await call.expect((m) => m.status >= 200 && m.cseq === call.cseq);
    call.ack(answer);
    if (answer.status !== 200) throw new Error(`${this.sip.user}: re-INVITE ${answer.status}`);
    return answer.body;
  }

  /** The next call that comes in, not answered yet. */
  async rings(code = 180, body = ''): Promise<Ringing> {
    const invite = await this.sip.expect('INVITE');
    const call = this.sip.answering(invite);
    if (body !== '') this.rtp.follow(invite.body);
    call.respond(invite, code, { body });
    this.ringing.set(invite.callId, { call, invite });
    return { call, invite };
  }

  /** Picks up. */
  async picksUp({ call, invite }: Ringing, body = this.rtp.sdp()): Promise<PhoneCall> {
    this.ringing.delete(invite.callId);
    this.rtp.follow(invite.body);
    call.accept(invite, { body });
    await call.expect('ACK');
    return call;
  }

  async answers(): Promise<PhoneCall> {
    return this.picksUp(await this.rings());
  }

  /** Does not take the call. */
  async refuses({ call, invite }: Ringing, code: number): Promise<void> {
    this.ringing.delete(invite.callId);
    call.respond(invite, code);
    await call.expect('ACK');
  }

  /**
   * What it hears now: a voice, a sound, several joined by `+` in the order of the lists; empty for silence or when
   * nothing comes, `undefined` while that changes.
   */
  get hearing(): string | undefined {
    const recent = this.rtp.packets.filter(({ at }) => at >= performance.now() - NOW_MS);
    return lastHeard(recent);
  }

  /** All it has heard so far, in order. */
  get stretches(): readonly Stretch[] {
    return timeline(this.rtp.packets);
  }

  get heard(): readonly string[] {
    return this.stretches.map(({ what }) => what);
  }

  /** Milliseconds from the last packet with one tone to the first with another, which came after `from`. */
  gap(before: number, after: number, from = 0): number | undefined {
    const next = this.rtp.firstHeard(after, from);
    if (next === undefined) return undefined;
    const last = this.rtp.packets.findLast(({ at, samples }) => at < next && hasTone(samples, before));
    return last === undefined ? undefined : next - last.at;
  }

  /** When packets with this tone came. */
  times(tone: number): readonly number[] {
    return this.rtp.packets.filter(({ samples }) => hasTone(samples, tone)).map(({ at }) => at);
  }

  /** What came with this method. */
  requests(method: string): readonly SipMessage[] {
    return this.sip.received.filter((m) => m.method === method);
  }

  /** BYEs that came. */
  get byes(): readonly SipMessage[] {
    return this.requests('BYE');
  }

  async close(): Promise<void> {
    await Promise.all([this.sip.close(), this.rtp.close()]);
  }
}
