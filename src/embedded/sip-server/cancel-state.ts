import type { ClientInvite } from './client-invite.js';
import { ClientRequest } from './client-request.js';
import type { Core } from './core.js';
import { cancelFor } from './derived-requests.js';

/**
 * CANCEL of an INVITE of ours (RFC 3261 9.1).
 *
 *   idle --request, provisional seen--> sent
 *     |                                   ^
 *     +--request, nothing heard--> held --+ first provisional
 */
export class CancelState {
  private text = '';
  private sent = false;

  constructor(
    private readonly core: Core,
    private readonly invite: ClientInvite,
    private readonly txnId: string,
  ) {}

  get requested(): boolean {
    return this.text !== '';
  }

  /** The CANCEL as it goes, or will go, on the wire; empty when the INVITE has its final answer already. */
  request(extraHeaders: string): string {
    if (!this.invite.pending) return '';
    if (this.text !== '') return this.text;
    this.text = cancelFor(this.invite.request, extraHeaders);
    if (this.invite.state === 'proceeding') this.release();
    return this.text;
  }

  /** RFC 3261 9.1: nothing may be cancelled before the first provisional response. */
  release(): void {
    if (this.text === '' || this.sent) return;
    this.sent = true;
    const { core, invite } = this;
    new ClientRequest(core, `${this.txnId}C`, invite.flow, this.text, null).start();
    invite.expectFinal(core.timers.t1x64);
  }
}
