import { PhoneCall, type CallOptions } from './call.js';
import { Mailbox, predicate, type Matcher } from './mailbox.js';
import { bracketed, SipMessage, type Address } from './message.js';
import { openTcp, openUdp, type PhoneTransport } from './transport.js';

export interface PhoneOptions {
  readonly proto?: 'udp' | 'tcp';
  /** Loopback address to bind: `127.0.0.1` (default) or `::1`. */
  readonly host?: string;
  readonly user?: string;
  /** How long `expect` waits when the test does not say. */
  readonly timeoutMs?: number;
  /** Keep every message in {@link SipPhone.received} (default). Off for runs of many thousands of calls. */
  readonly record?: boolean;
}

/** Answers a message by itself; true when it took the message, which is then not queued. */
export type Script = (message: SipMessage, phone: SipPhone) => boolean;

/**
 * A SIP user agent that does nothing unless it is told to: no retransmission, no automatic answer, no
 * transaction state. What arrives is recorded and queued until the test asks for it.
 */
export class SipPhone {
  /** Everything that arrived, in order, asked for or not. */
  readonly received: SipMessage[] = [];
  readonly user: string;
  private readonly mailbox: Mailbox;
  private readonly scripts: Script[] = [];
  private readonly timeoutMs: number;
  private wire!: PhoneTransport;

  private constructor(private readonly options: PhoneOptions) {
    this.user = options.user ?? 'phone';
    this.timeoutMs = options.timeoutMs ?? 3000;
    this.mailbox = new Mailbox(this.user);
  }

  static async open(options: PhoneOptions = {}): Promise<SipPhone> {
    const phone = new SipPhone(options);
    const open = options.proto === 'tcp' ? openTcp : openUdp;
    phone.wire = await open(options.host ?? '127.0.0.1', (raw, source, connection) =>
      phone.arrived(new SipMessage(raw, source, connection)),
    );
    return phone;
  }

  get address(): Address {
    return this.wire.local;
  }

  /** `host:port` as it stands in a Via or a URI. */
  get hostPort(): string {
    return `${bracketed(this.address.host)}:${this.address.port}`;
  }

  /** The URI others reach this phone at; also its Contact. */
  get uri(): string {
    return `sip:${this.user}@${this.hostPort}${this.address.proto === 'tcp' ? ';transport=tcp' : ''}`;
  }

  /** Puts bytes on the wire exactly as they are. */
  send(bytes: Buffer | string, to: Address, connection: number | null = null): void {
    this.wire.send(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, to, connection);
  }

  /** The next message that matches and nobody took yet; resolves at once when it has arrived already. */
  expect(matcher: Matcher, timeoutMs = this.timeoutMs, callId: string | null = null): Promise<SipMessage> {
    return this.mailbox.expect(matcher, timeoutMs, callId);
  }

  /** A queued message, or undefined: never waits. */
  take(matcher: Matcher, callId: string | null = null): SipMessage | undefined {
    return this.mailbox.take(matcher, callId);
  }

  /** How many messages have matched so far, taken or not. */
  count(matcher: Matcher): number {
    return this.received.filter(predicate(matcher)).length;
  }

  /** Drops queued messages (of one call). */
  forget(callId: string | null = null): void {
    this.mailbox.forget(callId);
  }

  /** A call this phone places to the server at `server`. */
  call(server: Address, options: CallOptions = {}): PhoneCall {
    return PhoneCall.outgoing(this, server, options);
  }

  /** The called side of an INVITE (or other dialog-creating request) that arrived. */
  answering(invite: SipMessage, options: CallOptions = {}): PhoneCall {
    return PhoneCall.incoming(this, invite, options);
  }

  /** Adds an automatic answer; scripts are asked in the order they were added. */
  script(...scripts: Script[]): this {
    this.scripts.push(...scripts);
    return this;
  }

  close(): Promise<void> {
    this.mailbox.close(new Error(`${this.user}: phone closed`));
    return this.wire.close();
  }

  private arrived(message: SipMessage): void {
    if (this.options.record !== false) this.received.push(message);
    if (this.scripts.some((script) => script(message, this))) return;
    this.mailbox.push(message);
  }
}
