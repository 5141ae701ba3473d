import type { LossySocket } from './lossy-socket.js';
import type { Address, SipMessage } from './sip-message.js';

/** RFC 3261 17.1.1.1: first interval, longest interval of everything but an INVITE, and when one gives up. */
const T1_MS = 500;
const T2_MS = 4000;
const GIVE_UP_MS = 64 * T1_MS;

/** The same bytes again and again, at growing intervals, until stopped or given up. */
class Repetition {
  private timer: NodeJS.Timeout | undefined;
  private readonly end: NodeJS.Timeout;

  constructor(
    private readonly send: () => void,
    private readonly longestMs: number,
    gaveUp: () => void,
  ) {
    send();
    this.after(T1_MS);
    this.end = setTimeout(() => {
      this.stop();
      gaveUp();
    }, GIVE_UP_MS);
  }

  /** Said no more, but still waited for. */
  quiet(): void {
    clearTimeout(this.timer);
  }

  stop(): void {
    this.quiet();
    clearTimeout(this.end);
  }

  private after(ms: number): void {
    this.timer = setTimeout(() => {
      this.send();
      this.after(Math.min(2 * ms, this.longestMs));
    }, ms);
  }
}

interface Client {
  readonly method: string;
  readonly repetition: Repetition;
  readonly settle: (response: SipMessage | null) => void;
}

interface Server {
  readonly peer: Address;
  response: Buffer | null;
}

/** Transactions over UDP: requests and responses are repeated as RFC 3261 17 and 13.3.1.4 say, repetitions absorbed. */
export class Transactions {
  private readonly clients = new Map<string, Client>();
  private readonly servers = new Map<string, Server>();
  /** Final responses to INVITEs that wait for their ACK, by Call-ID and CSeq number. */
  private readonly unacknowledged = new Map<string, Repetition>();
  private readonly finished = new Map<string, Buffer>();

  constructor(private readonly socket: () => LossySocket) {}

  /** Sends a request; resolves with its final response, `null` when none came within 32 s. */
  request(request: SipMessage, to: Address): Promise<SipMessage | null> {
    const { branch, method } = request;
    return new Promise((settle) => {
      const send = (): void => this.socket().send(request.raw, to);
      const longest = method === 'INVITE' ? Infinity : T2_MS;
      const repetition = new Repetition(send, longest, () => {
        this.clients.delete(branch);
        settle(null);
      });
      this.clients.set(branch, { method, repetition, settle });
    });
  }

  /** A response that arrived; its transaction is told. Returns the ACK to repeat for a repeated 2xx, if there is one. */
  answered(response: SipMessage): void {
    const client = this.clients.get(response.branch);
    if (client?.method !== response.about) {
      const ack = response.about === 'INVITE' ? this.finished.get(keyOf(response)) : undefined;
      if (ack !== undefined && response.status >= 200) this.socket().send(ack, response.source);
      return;
    }
    if (response.status < 200 && client.method !== 'INVITE') return;
    if (response.status < 200) return client.repetition.quiet();
    client.repetition.stop();
    this.clients.delete(response.branch);
    client.settle(response);
  }

  /** The ACK of a final response, sent now and again for each repetition of that response. */
  acknowledge(response: SipMessage, ack: Buffer, to: Address): void {
    this.finished.set(keyOf(response), ack);
    this.socket().send(ack, to);
  }

  /** Whether this request is a new one; a repeated one gets its response again. */
  isNew(request: SipMessage): boolean {
    const key = `${request.branch} ${request.method}`;
    const known = this.servers.get(key);
    if (known === undefined) {
      this.servers.set(key, { peer: request.source, response: null });
      setTimeout(() => this.servers.delete(key), GIVE_UP_MS).unref();
      return true;
    }
    if (known.response !== null) this.socket().send(known.response, known.peer);
    return false;
  }

  /** Sends a response; a final one to an INVITE is repeated until its ACK. */
  respond(request: SipMessage, status: number, response: Buffer): void {
    const server = this.servers.get(`${request.branch} ${request.method}`);
    if (server !== undefined) server.response = response;
    const send = (): void => this.socket().send(response, request.source);
    if (request.method !== 'INVITE' || status < 200) send();
    else this.unacknowledged.set(keyOf(request), new Repetition(send, T2_MS, () => undefined));
  }

  /** An ACK that was seen. */
  acknowledged(ack: SipMessage): void {
    this.unacknowledged.get(keyOf(ack))?.stop();
  }

  /** The dialog is over: nothing of it is repeated any more. */
  forget(callId: string): void {
    for (const [key, repetition] of this.unacknowledged) if (key.startsWith(`${callId} `)) repetition.stop();
  }

  close(): void {
    for (const { repetition, settle } of this.clients.values()) {
      repetition.stop();
      settle(null);
    }
    for (const repetition of this.unacknowledged.values()) repetition.stop();
    this.clients.clear();
  }
}

const keyOf = (message: SipMessage): string => `${message.callId} ${message.cseq}`;
