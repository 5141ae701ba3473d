import { PhoneCall, sdp, SipPhone, type Address, type SipMessage } from '../support/sip-phone/index.js';

/** Callers that do what they are asked to in their dialogs, and remember who was hung up on. */
export class FaultCallers {
  /** Calls that ended with a BYE of the engine or its SIP server, with the Reason. */
  readonly hungUpOn = new Map<string, string>();
  private readonly live = new Map<string, PhoneCall>();

  private constructor(private readonly phone: SipPhone) {}

  static async open(): Promise<FaultCallers> {
    const phone = await SipPhone.open({ user: 'caller', timeoutMs: 20_000 });
    const callers = new FaultCallers(phone);
    phone.script((message) => callers.take(message));
    return callers;
  }

  /** @returns a call that was answered, and after how many ms */
  async dial(server: Address, number: string): Promise<{ call: PhoneCall; ms: number }> {
    const call = this.phone.call(server, { to: number });
    this.live.set(call.callId, call);
    const since = performance.now();
    call.invite();
    call.ack(await call.expect(200));
    return { call, ms: Math.round(performance.now() - since) };
  }

  async hangUp(call: PhoneCall): Promise<void> {
    this.live.delete(call.callId);
    call.bye();
    await call.expect((message) => message.cseqMethod === 'BYE' && message.status >= 200);
  }

  close(): Promise<void> {
    return this.phone.close();
  }

  private take(message: SipMessage): boolean {
    if (!message.isRequest || message.method === 'ACK') return false;
    const call = this.live.get(message.callId);
    const here = call ?? PhoneCall.incoming(this.phone, message, {});
    if (call === undefined) here.respond(message, 481);
    else if (message.method === 'INVITE') here.accept(message, { body: sdp({ user: 'caller' }) });
    else here.respond(message, 200);
    if (message.method === 'BYE' && call !== undefined) {
      this.live.delete(message.callId);
      this.hungUpOn.set(message.callId, message.get('reason') ?? '');
    }
    return true;
  }
}
