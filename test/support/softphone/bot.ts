import { createSocket, type Socket } from 'node:dgram';
import { until } from '../poll.js';
import { PhoneCall, sdp, SipPhone, type SipMessage } from '../sip-phone/index.js';

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** RFC 3264 6.1. */
const ANSWER: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** A SIP bot that takes every call, answers holds as such, and hears what is said to it. */
export class ListeningBot {
  /** How its call may send and hear right now, as last answered; `null` without a call. */
  direction: Direction | null = null;
  private heard = 0;
  private version = 0;

  private constructor(
    private readonly phone: SipPhone,
    private readonly ear: Socket,
  ) {
    ear.on('message', () => (this.heard += 1));
    phone.script((message) => this.take(message));
  }

  static async open(): Promise<ListeningBot> {
    const ear = createSocket('udp4');
    await new Promise<void>((resolve) => ear.bind(0, '127.0.0.1', resolve));
    return new ListeningBot(await SipPhone.open({ user: 'bot' }), ear);
  }

  get uri(): string {
    return this.phone.uri;
  }

  /** Waits for RTP sent from now on. */
  async hears(): Promise<void> {
    const before = this.heard;
    await until(() => this.heard > before + 5, 'RTP at the bot');
  }

  async is(direction: Direction | null): Promise<void> {
    await until(
      () => this.direction === direction,
      () => `the bot is ${String(this.direction)}, not ${String(direction)}`,
    );
  }

  async close(): Promise<void> {
    this.ear.close();
    await this.phone.close();
  }

  private take(message: SipMessage): boolean {
    if (message.method === '') return false;
    if (message.method === 'ACK') return true;
    const call = PhoneCall.incoming(this.phone, message, { localTag: 'bot' });
    if (message.method === 'INVITE') this.answer(call, message);
    else call.respond(message, 200);
    if (message.method === 'BYE') this.direction = null;
    return true;
  }

  private answer(call: PhoneCall, invite: SipMessage): void {
    this.direction = ANSWER[directionOf(invite.body)];
    this.version += 1;
    const { port } = this.ear.address();
    const body = sdp({ port, user: 'bot', version: this.version, direction: this.direction });
    call.accept(invite, { body });
  }
}

/** RFC 8866 6.7: without a line of its own, both ways. */
function directionOf(body: string): Direction {
  const line = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(body)?.[1];
  return line === undefined ? 'sendrecv' : (line as Direction);
}
