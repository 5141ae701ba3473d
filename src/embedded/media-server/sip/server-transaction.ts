import { branchOf, type SipMessage } from './message.js';
import { responseTo, type ResponseParts } from './response.js';
import { Repeater, T1X64_MS } from './timers.js';
import type { Flow } from './transport.js';

/** Where transactions live; see {@link transactionKey}. */
export type TransactionTable = Map<string, ServerTransaction>;

/** RFC 3261 17.2.3; a CANCEL and the ACK of a refusal carry the branch of their INVITE. */
export function transactionKey(message: SipMessage, method = message.method): string {
  return `${branchOf(message)} ${method}`;
}

/** One request and what it was answered with, so that a request that comes again gets the same answer. */
export class ServerTransaction {
  /** The status last sent; 0 before any. */
  status = 0;
  private last = '';
  private repeater: Repeater | null = null;
  private lingering: NodeJS.Timeout | null = null;

  constructor(
    readonly request: SipMessage,
    readonly flow: Flow,
    private readonly table: TransactionTable,
  ) {
    table.set(transactionKey(request), this);
  }

  respond(status: number, reason: string, parts?: ResponseParts): void {
    if (this.status >= 200) return;
    this.status = status;
    this.last = responseTo(this.request, this.flow, status, reason, parts);
    this.flow.send(this.last);
    if (status < 200) return;
    this.lingering = setTimeout(() => this.drop(), T1X64_MS);
    // RFC 3261 17.2.1: a refused INVITE is repeated until the ACK; an accepted one is the dialog's business.
    if (this.request.method === 'INVITE' && status >= 300 && !this.flow.reliable)
      this.repeater = new Repeater(
        () => this.repeat(),
        () => this.drop(),
      );
  }

  repeat(): void {
    if (this.last !== '') this.flow.send(this.last);
  }

  /** The ACK of a refusal has come. */
  acknowledged(): void {
    this.repeater?.stop();
  }

  drop(): void {
    this.repeater?.stop();
    if (this.lingering !== null) clearTimeout(this.lingering);
    this.table.delete(transactionKey(this.request));
  }
}
