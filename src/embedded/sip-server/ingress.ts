import type { Core } from './core.js';
import type { Flow, MessageSink } from './endpoint.js';
import { H } from './header-names.js';
import { BRANCH_COOKIE } from './ids.js';
import { InDialogIngress } from './in-dialog-ingress.js';
import { NewRequestIngress } from './new-request-ingress.js';
import { checkRequest, usableResponse } from './sanity.js';
import type { Scanner } from './scanner.js';
import { ServerInvite } from './server-invite.js';
import { serverKey } from './server-transaction.js';
import type { SipMessage } from './sip-message.js';
import { refuse, responseFlow } from './stateless.js';
import { parseVia, type Via } from './via.js';
import { stampVia } from './via-stamp.js';

/** Everything the network sends us enters here: sanity, transactions, then dialogs or new calls. */
export class Ingress implements MessageSink {
  private readonly inDialog: InDialogIngress;
  private readonly fresh: NewRequestIngress;

  constructor(
    private readonly core: Core,
    private readonly scanner: Scanner,
  ) {
    this.inDialog = new InDialogIngress(core);
    this.fresh = new NewRequestIngress(core);
  }

  onMessage(message: SipMessage, flow: Flow): void {
    this.core.counters.messagesIn++;
    try {
      if (message.isRequest) this.request(message, flow);
      else this.response(message, flow);
    } catch {
      // Whatever a stranger sends must not take the calls of others down.
      this.core.counters.faults++;
    }
  }

  private response(message: SipMessage, flow: Flow): void {
    const { core } = this;
    if (!usableResponse(message)) {
      core.counters.malformed++;
      return;
    }
    const branch = parseVia(message.value(H.Via))?.branch ?? '';
    const id = branch.startsWith(BRANCH_COOKIE) ? branch.slice(BRANCH_COOKIE.length) : '';
    const transaction = core.clients.get(message.cseqMethod === 'CANCEL' ? `${id}C` : id);
    if (transaction === undefined) core.counters.strays++;
    else transaction.receive(message, flow);
  }

  private request(received: SipMessage, flow: Flow): void {
    const via = parseVia(received.value(H.Via));
    if (via === undefined) {
      this.core.counters.malformed++;
      return;
    }
    const back = responseFlow(flow, via);
    if (received.defect === '') checkRequest(received);
    if (received.defect !== '') {
      this.core.counters.malformed++;
      if (this.isStranger(flow)) return;
      refuse(
        this.core,
        received,
        back,
        received.defectStatus,
        received.defectStatus === 400 ? `Bad Request: ${received.defect}` : '',
      );
      return;
    }
    const message = stampVia(received, via, flow, this.scanner);
    if (message.method === 'ACK') this.ack(message, via, flow);
    else if (message.method === 'CANCEL') this.cancel(message, via, flow, back);
    else this.transact(message, via, flow, back);
  }

  private transact(message: SipMessage, via: Via, flow: Flow, back: Flow): void {
    const { core } = this;
    const key = serverKey(message, via, message.method);
    const known = core.servers.get(key);
    if (known !== undefined) {
      known.retransmitted();
    } else if (core.servers.size >= core.limits.maxServerTransactions) {
      refuse(this.core, message, back, 503);
    } else if (message.toTag === '' || !this.inDialog.handle(message, key, flow, back)) {
      if (!this.isStranger(flow)) this.fresh.handle(message, key, flow, back);
    }
  }

  private isStranger(flow: Flow): boolean {
    const { sources, counters } = this.core;
    if (sources === null || sources.allows(flow.host)) return false;
    counters.strangers++;
    return true;
  }

  /** ACK of a failure belongs to its transaction, ACK of a 2xx to its dialog; neither is ever answered. */
  private ack(message: SipMessage, via: Via, flow: Flow): void {
    const transaction = this.core.servers.get(serverKey(message, via, 'ACK'));
    if (transaction instanceof ServerInvite && transaction.state !== 'accepted') transaction.acknowledge();
    else if (!this.inDialog.ack(message, flow)) this.core.counters.strays++;
  }

  /** RFC 3261 9.2: matched by branch, whatever a NAT did to sent-by in between. */
  private cancel(message: SipMessage, via: Via, flow: Flow, back: Flow): void {
    const { core } = this;
    const found = core.servers.get(serverKey(message, via, 'INVITE')) ?? this.byBranch(message, via);
    if (!(found instanceof ServerInvite) || found.state === 'accepted') {
      if (!this.isStranger(flow)) refuse(this.core, message, back, 481);
      return;
    }
    refuse(this.core, message, back, 200);
    if (found.owner === null) core.counters.retransmissionsIn++;
    else found.owner.cancel(message, flow);
  }

  /** Only for a CANCEL whose Via changed on the way: rare enough for a walk, and bounded by the calls that ring. */
  private byBranch(message: SipMessage, via: Via): ServerInvite | undefined {
    if (!via.branch.startsWith(BRANCH_COOKIE)) return undefined;
    const prefix = `${via.branch}|`;
    for (const owner of this.core.uas.values()) {
      const transaction = owner.invite;
      if (transaction?.key.startsWith(prefix) === true && owner.callId === message.callId) return transaction;
    }
    return undefined;
  }
}
