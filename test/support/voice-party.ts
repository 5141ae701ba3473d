import { RtpPhone } from './media-phone.js';
import { SipPhone, type Address, type PhoneCall, type SipMessage } from './sip-phone/index.js';

/** A phone with a mouth and ears: SIP in the test's hands, a tone of its own that it says all the time. */
export class VoiceParty {
  private constructor(
    readonly sip: SipPhone,
    readonly rtp: RtpPhone,
    /** Hz. */
    readonly tone: number,
  ) {}

  static async open(user: string, tone: number, codec: 0 | 8 = 0): Promise<VoiceParty> {
    const [sip, rtp] = await Promise.all([SipPhone.open({ user, timeoutMs: 10_000 }), RtpPhone.open(codec)]);
    // A hang-up is answered by itself; who waits for it finds it among what was received.
    sip.script((message, phone) => {
      if (message.method !== 'BYE') return false;
      phone.answering(message).respond(message, 200);
      return true;
    });
    rtp.say(tone);
    return new VoiceParty(sip, rtp, tone);
  }

  get uri(): string {
    return this.sip.uri;
  }

  /** Calls, and talks as soon as it is answered. */
  async calls(server: Address, number: string): Promise<PhoneCall> {
    const call = this.sip.call(server, { to: number });
    call.invite({ body: this.rtp.sdp() });
    const answer = await call.expect((m) => m.status >= 200);
    if (answer.status !== 200) throw new Error(`${this.sip.user}: ${answer.status}`);
    call.ack(answer);
    this.rtp.follow(answer.body);
    return call;
  }

  /** The next call that comes in, not answered yet. */
  async rings(): Promise<{ call: PhoneCall; invite: SipMessage }> {
    const invite = await this.sip.expect('INVITE');
    const call = this.sip.answering(invite);
    call.respond(invite, 180);
    return { call, invite };
  }

  /** Picks up. */
  async picksUp({ call, invite }: { call: PhoneCall; invite: SipMessage }): Promise<PhoneCall> {
    this.rtp.follow(invite.body);
    call.accept(invite, { body: this.rtp.sdp() });
    await call.expect('ACK');
    return call;
  }

  async answers(): Promise<PhoneCall> {
    return this.picksUp(await this.rings());
  }

  /** BYEs that came. */
  get byes(): readonly SipMessage[] {
    return this.sip.received.filter((m) => m.method === 'BYE');
  }

  async close(): Promise<void> {
    await Promise.all([this.sip.close(), this.rtp.close()]);
  }
}
