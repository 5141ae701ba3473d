import { randomBytes } from 'node:crypto';
import { cseqOf, header, headersOf, tagOf, uriOf, writeSip, type SipMessage } from './message.js';
import { ALLOW, USER_AGENT } from './response.js';
import type { ServerTransaction } from './server-transaction.js';
import { Repeater } from './timers.js';
import type { Flow } from './transport.js';

/** What an INVITE is answered with; a refusal carries no SDP. */
export type Answer =
  | { readonly status: 200; readonly sdp: string }
  | { readonly status: number; readonly reason: string; readonly sdp?: undefined };

/** Whoever a dialog belongs to. */
export interface LegOwner {
  /** The ACK of the INVITE or of a re-INVITE has come, with the answer in it where we had made the offer. */
  acknowledged(sdp: string): void;
  /** A re-INVITE or UPDATE; without SDP it asks for an offer. */
  offered(sdp: string): Answer;
  info(contentType: string, body: string): boolean;
  /** The far end hung up, or never acknowledged. */
  farEndGone(cause: string): void;
}

export interface LegHost {
  readonly contact: string;
  legEnded(leg: SipLeg): void;
  /** Sends a request of ours until it is answered or given up. */
  request(branch: string, text: string, flow: Flow, answered: () => void): void;
}

/** A dialog of ours: always the called side (RFC 3261 12.1.1). */
export class SipLeg {
  readonly localTag = randomBytes(8).toString('hex');
  readonly callId: string;
  owner: LegOwner | null = null;
  private readonly remote: string;
  private readonly local: string;
  private readonly routes: readonly string[];
  private target: string;
  private localSeq = 0;
  private remoteSeq: number;
  private unacknowledged: { seq: number; repeater: Repeater } | null = null;
  private over = false;

  constructor(
    invite: SipMessage,
    private flow: Flow,
    private readonly host: LegHost,
  ) {
    this.callId = header(invite, 'call-id');
    this.remote = header(invite, 'from');
    this.local = `${header(invite, 'to')};tag=${this.localTag}`;
    this.routes = headersOf(invite, 'record-route');
    this.target = uriOf(header(invite, 'contact')) || uriOf(this.remote);
    this.remoteSeq = cseqOf(invite).number;
  }

  get key(): string {
    return legKey(this.callId, this.localTag);
  }

  /** Answers the INVITE or re-INVITE, a 2xx again and again until its ACK (RFC 3261 13.3.1.4). */
  answer(transaction: ServerTransaction, answer: Answer): void {
    if (answer.sdp === undefined) {
      transaction.respond(answer.status, answer.reason, { toTag: this.localTag });
      return;
    }
    const headers = [
      ['Contact', `<${this.host.contact}>`],
      ['Allow', ALLOW],
    ] as const;
    transaction.respond(200, 'OK', { toTag: this.localTag, headers, body: answer.sdp });
    if (transaction.request.method !== 'INVITE') return;
    this.unacknowledged?.repeater.stop();
    const repeater = new Repeater(
      () => transaction.repeat(),
      () => this.hangUp('RECOVERY_ON_TIMER_EXPIRE'),
    );
    this.unacknowledged = { seq: cseqOf(transaction.request).number, repeater };
  }

  onAck(ack: SipMessage): void {
    if (this.unacknowledged?.seq !== cseqOf(ack).number) return;
    this.unacknowledged.repeater.stop();
    this.unacknowledged = null;
    this.owner?.acknowledged(ack.body);
  }

  /** A request inside the dialog. */
  onRequest(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const seq = cseqOf(request).number;
    // RFC 3261 12.2.2
    if (seq <= this.remoteSeq) {
      transaction.respond(500, 'Server Internal Error');
      return;
    }
    this.remoteSeq = seq;
    this.flow = flow;
    this.dispatch(transaction);
  }

  /** Ends the dialog from our side; `cause` is FreeSWITCH's name for it. */
  bye(cause: string, q850: number): void {
    if (this.over) return;
    this.finish();
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    const { transportName } = this;
    const text = writeSip(`BYE ${this.target} SIP/2.0`, [
      [
        'Via',
        `SIP/2.0/${transportName} ${this.host.contact.replace(/^sip:[^@]*@/, '')};rport;branch=${branch}`,
      ],
      ...this.routes.map((route) => ['Route', route] as const),
      ['Max-Forwards', '70'],
      ['From', this.local],
      ['To', this.remote],
      ['Call-ID', this.callId],
      ['CSeq', `${++this.localSeq} BYE`],
      ['User-Agent', USER_AGENT],
      ['Reason', `Q.850;cause=${q850};text="${cause}"`],
    ]);
    this.host.request(branch, text, this.flow, () => undefined);
  }

  /** Takes the dialog out of the tables; nothing is said to the far end. */
  finish(): void {
    if (this.over) return;
    this.over = true;
    this.unacknowledged?.repeater.stop();
    this.host.legEnded(this);
  }

  private get transportName(): string {
    return this.flow.reliable ? 'TCP' : 'UDP';
  }

  private dispatch(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        this.renegotiate(transaction);
        return;
      case 'BYE':
        transaction.respond(200, 'OK');
        this.finish();
        this.owner?.farEndGone('NORMAL_CLEARING');
        return;
      case 'INFO':
        if (this.owner?.info(header(request, 'content-type'), request.body) === true)
          transaction.respond(200, 'OK');
        else transaction.respond(415, 'Unsupported Media Type');
        return;
      case 'OPTIONS':
        transaction.respond(200, 'OK', { headers: [['Allow', ALLOW]] });
        return;
      default:
        transaction.respond(501, 'Not Implemented', { headers: [['Allow', ALLOW]] });
    }
  }

  private renegotiate(transaction: ServerTransaction): void {
    const { request } = transaction;
    // RFC 3261 14.2: one offer at a time; the ACK under way may carry the answer to the last one.
    if (this.unacknowledged !== null) {
      transaction.respond(500, 'Server Internal Error', { headers: [['Retry-After', '1']] });
      return;
    }
    const contact = uriOf(header(request, 'contact'));
    if (contact !== '') this.target = contact;
    if (request.method === 'UPDATE' && request.body === '') {
      transaction.respond(200, 'OK', { headers: [['Contact', `<${this.host.contact}>`]] });
      return;
    }
    const answer = this.owner?.offered(request.body) ?? { status: 481, reason: 'Call Does Not Exist' };
    this.answer(transaction, answer);
  }

  private hangUp(cause: string): void {
    // 102: recovery on timer expiry (Q.850).
    this.bye(cause, 102);
    this.owner?.farEndGone(cause);
  }
}

export const legKey = (callId: string, localTag: string): string => `${callId};${localTag}`;

/** The key of the dialog a request of the far end belongs to; null when it belongs to none yet. */
export function dialogOf(request: SipMessage): string | null {
  const tag = tagOf(header(request, 'to'));
  return tag === '' ? null : legKey(header(request, 'call-id'), tag);
}
