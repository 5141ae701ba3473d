import { PhoneCall, sdp, SipPhone, type SipMessage } from '../support/sip-phone/index.js';

/** How an agent behaves, in the user part of its address: `busy-40`, `answers-120-400`, `silent`. */
export type Manner =
  | { readonly does: 'busy'; readonly afterMs: number }
  | { readonly does: 'answers'; readonly afterMs: number; readonly talksMs: number }
  | { readonly does: 'silent' };

export function userOf(manner: Manner): string {
  if (manner.does === 'silent') return 'silent';
  if (manner.does === 'busy') return `busy-${manner.afterMs}`;
  return `answers-${manner.afterMs}-${manner.talksMs}`;
}

function mannerOf(user: string): Manner {
  const [does, after = '0', talks = '0'] = user.split('-');
  if (does === 'busy') return { does, afterMs: Number(after) };
  if (does === 'answers') return { does, afterMs: Number(after), talksMs: Number(talks) };
  return { does: 'silent' };
}

const userIn = (uri: string): string => /^sip:([^@]*)@/.exec(uri)?.[1] ?? '';

/** What a dialog at a phone has come to. */
interface Line {
  readonly call: PhoneCall;
  /** `left`: its own BYE is out. */
  state: 'ringing' | 'up' | 'left' | 'over';
  invite: SipMessage;
}

/** A phone with any number of dialogs that answers for itself, whatever comes when. */
export class BusyPhone {
  private readonly lines = new Map<string, Line>();
  private readonly timers = new Set<NodeJS.Timeout>();

  private constructor(
    readonly phone: SipPhone,
    private readonly rings: (phone: BusyPhone, line: Line) => void,
  ) {}

  /** Answers at once. */
  static bot(): Promise<BusyPhone> {
    return BusyPhone.open('bot', (phone, line) => phone.pickUp(line));
  }

  static agent(): Promise<BusyPhone> {
    return BusyPhone.open('agent', (phone, line) => {
      const manner = mannerOf(userIn(line.invite.uri));
      line.call.respond(line.invite, 180);
      if (manner.does === 'silent') return;
      phone.after(manner.afterMs, () => {
        if (line.state !== 'ringing') return;
        if (manner.does === 'busy') phone.refuse(line, 486);
        else phone.pickUp(line);
      });
      if (manner.does === 'answers')
        phone.after(manner.afterMs + manner.talksMs, () => phone.hangUp(line.call.callId));
    });
  }

  private static async open(user: string, rings: (phone: BusyPhone, line: Line) => void): Promise<BusyPhone> {
    const phone = await SipPhone.open({ user, record: false });
    const busy = new BusyPhone(phone, rings);
    phone.script((message) => busy.take(message));
    return busy;
  }

  /** Dialogs nobody has ended. */
  get open(): readonly string[] {
    return [...this.lines.values()]
      .filter(({ state }) => state === 'up' || state === 'ringing')
      .map(({ state, call }) => `${this.phone.user} ${state} ${call.callId}`);
  }

  uri(user: string): string {
    return `sip:${user}@${this.phone.hostPort}`;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    await this.phone.close();
  }

  hangUp(callId: string): void {
    const line = this.lines.get(callId);
    if (line?.state !== 'up') return;
    line.state = 'left';
    line.call.bye();
  }

  private take(message: SipMessage): boolean {
    const line = this.lines.get(message.callId);
    switch (message.method) {
      case 'INVITE':
        this.invited(message, line);
        return true;
      case 'CANCEL':
        line?.call.respond(message, 200);
        if (line?.state === 'ringing') this.refuse(line, 487);
        return true;
      case 'BYE':
        (line?.call ?? PhoneCall.incoming(this.phone, message, {})).respond(
          message,
          line === undefined ? 481 : 200,
        );
        if (line !== undefined) line.state = 'over';
        return true;
      case 'OPTIONS':
        line?.call.respond(message, line.state === 'up' ? 200 : 481);
        return true;
      default:
        // ACKs, and answers to its own BYEs: one that meets nobody any more ends the dialog just as well.
        if (message.cseqMethod === 'BYE' && line !== undefined) line.state = 'over';
        return true;
    }
  }

  private invited(message: SipMessage, line: Line | undefined): void {
    if (line === undefined) {
      const call = PhoneCall.incoming(this.phone, message, {});
      const fresh: Line = { call, state: 'ringing', invite: message };
      this.lines.set(message.callId, fresh);
      this.rings(this, fresh);
    } else if (line.state === 'up') line.call.accept(message, { body: this.sdp });
    else if (line.state !== 'ringing') line.call.respond(message, 481);
  }

  private pickUp(line: Line): void {
    line.state = 'up';
    line.call.accept(line.invite, { body: this.sdp });
  }

  private refuse(line: Line, code: number): void {
    line.state = 'over';
    line.call.respond(line.invite, code);
  }

  private get sdp(): string {
    return sdp({ user: this.phone.user });
  }

  private after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }
}
