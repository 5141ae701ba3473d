import type { BlockList } from 'node:net';
import { dialogOf, SipLeg, type Answer, type LegHost } from './leg.js';
import { branchOf, header, tagOf, type SipMessage } from './message.js';
import { ALLOW, responseTo } from './response.js';
import { ServerTransaction, transactionKey, type TransactionTable } from './server-transaction.js';
import { Repeater } from './timers.js';
import type { Flow, SipTransport } from './transport.js';

export interface CallHandler {
  /** A new call. When it is accepted, the handler has made itself the leg's owner. Never rejects. */
  incoming(leg: SipLeg, invite: SipMessage): Promise<Answer>;
}

/** The SIP side FreeSWITCH shows: a user agent that only takes calls. */
export class SipUas implements LegHost {
  private readonly transactions: TransactionTable = new Map();
  private readonly legs = new Map<string, SipLeg>();
  /** Our own requests that wait for an answer, by branch. */
  private readonly asked = new Map<string, { repeater: Repeater; answered: () => void }>();

  /** @param contact the URI calls are answered with */
  constructor(
    private readonly transport: SipTransport,
    readonly contact: string,
    private readonly handler: CallHandler,
  ) {}

  get sizes(): { transactions: number; dialogs: number } {
    return { transactions: this.transactions.size + this.asked.size, dialogs: this.legs.size };
  }

  start(allow: BlockList | null): void {
    this.transport.start((message, flow) => this.receive(message, flow), allow);
  }

  /** Waits shortly for the answers to BYEs that are under way. */
  async close(waitMs: number): Promise<void> {
    const end = performance.now() + waitMs;
    while (this.asked.size > 0 && performance.now() < end) await new Promise((r) => setTimeout(r, 10));
    for (const { repeater } of this.asked.values()) repeater.stop();
    for (const transaction of [...this.transactions.values()]) transaction.drop();
    for (const leg of [...this.legs.values()]) leg.finish();
    await this.transport.close();
  }

  legEnded(leg: SipLeg): void {
    this.legs.delete(leg.key);
  }

  request(branch: string, text: string, flow: Flow, answered: () => void): void {
    const settle = (): void => {
      this.asked.delete(branch);
      answered();
    };
    flow.send(text);
    const repeater = new Repeater(() => flow.send(text), settle, !flow.reliable);
    this.asked.set(branch, { repeater, answered: settle });
  }

  private receive(message: SipMessage, flow: Flow): void {
    if (message.status > 0) this.onResponse(message);
    else if (message.method === 'ACK') this.onAck(message);
    else this.onRequest(message, flow);
  }

  private onResponse(response: SipMessage): void {
    const waiting = this.asked.get(branchOf(response));
    if (waiting === undefined || response.status < 200) return;
    waiting.repeater.stop();
    waiting.answered();
  }

  private onAck(ack: SipMessage): void {
    const refused = this.transactions.get(transactionKey(ack, 'INVITE'));
    if (refused !== undefined && refused.status >= 300) {
      refused.acknowledged();
      return;
    }
    const key = dialogOf(ack);
    if (key !== null) this.legs.get(key)?.onAck(ack);
  }

  private onRequest(request: SipMessage, flow: Flow): void {
    const known = this.transactions.get(transactionKey(request));
    if (known !== undefined) {
      known.repeat();
      return;
    }
    const transaction = new ServerTransaction(request, flow, this.transactions);
    const key = dialogOf(request);
    if (request.method === 'CANCEL') this.cancel(transaction);
    else if (key !== null) this.inDialog(key, transaction);
    else this.outOfDialog(transaction);
  }

  private inDialog(key: string, transaction: ServerTransaction): void {
    const leg = this.legs.get(key);
    if (leg === undefined) transaction.respond(481, 'Call/Transaction Does Not Exist');
    else leg.onRequest(transaction);
  }

  private outOfDialog(transaction: ServerTransaction): void {
    const { request } = transaction;
    const required = header(request, 'require');
    if (required !== '') {
      transaction.respond(420, 'Bad Extension', { headers: [['Unsupported', required]] });
    } else if (request.method === 'INVITE') {
      void this.invite(transaction);
    } else if (request.method === 'OPTIONS') {
      const accept = ['Accept', 'application/sdp'] as const;
      transaction.respond(200, 'OK', { headers: [['Allow', ALLOW], accept] });
    } else {
      const unknown = ['BYE', 'INFO', 'UPDATE'].includes(request.method);
      if (unknown) transaction.respond(481, 'Call/Transaction Does Not Exist');
      else transaction.respond(501, 'Not Implemented', { headers: [['Allow', ALLOW]] });
    }
  }

  private async invite(transaction: ServerTransaction): Promise<void> {
    const { request, flow } = transaction;
    flow.send(responseTo(request, flow, 100, 'Trying'));
    const leg = new SipLeg(request, flow, this);
    this.legs.set(leg.key, leg);
    const answer = await this.handler.incoming(leg, request);
    if (transaction.status >= 200) {
      // Cancelled while the answer was being made.
      leg.finish();
      leg.owner?.farEndGone('ORIGINATOR_CANCEL');
      return;
    }
    leg.answer(transaction, answer);
    if (answer.sdp === undefined) leg.finish();
  }

  private cancel(transaction: ServerTransaction): void {
    const invite = this.transactions.get(transactionKey(transaction.request, 'INVITE'));
    if (invite === undefined) {
      transaction.respond(481, 'Call/Transaction Does Not Exist');
      return;
    }
    transaction.respond(200, 'OK', { toTag: tagOf(header(invite.request, 'to')) });
    // Too late is no error (RFC 3261 9.2): an answered INVITE stays answered.
    if (invite.status < 200) invite.respond(487, 'Request Terminated');
  }
}
