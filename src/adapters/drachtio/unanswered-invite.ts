import type { Request } from 'drachtio-srf';
import Srf from 'drachtio-srf';
import type { RingingState } from './dialog-handle.js';
import { requestInDialog } from './in-dialog-request.js';
import type { LegContext } from './leg-context.js';
import { takeOver } from './take-over.js';

/** How often the server is asked whether a cancelled INVITE was answered after all. */
const ASK_MS = 1000;

/** Ends an INVITE of a process that is gone, which its server may have done already. */
export function endUnanswered(on: LegContext, state: RingingState): void {
  if (state.at === 'theirs') refuse(on, state);
  else cancel(on, state);
}

function cancel(on: LegContext, { id, transaction }: RingingState): void {
  const request = { method: 'CANCEL', headers: {}, stackTxnId: transaction } as const;
  on.link.srf.request('sip:placeholder', request, () => undefined);
  hangUpWhenAnswered(on, id, performance.now() + on.deadlines.cancelled);
}

/**
 * A 2xx that crosses the CANCEL, or came when nobody was there to ACK it, makes a dialog in the server all the same
 * (RFC 3261 13.2.2.4: it is owed ACK and BYE).
 */
function hangUpWhenAnswered(on: LegContext, id: string, until: number): void {
  const { link, deadlines } = on;
  takeOver(link.srf, id, (taken) => {
    if (taken !== 'gone') {
      for (const method of ['ACK', 'BYE'] as const)
        requestInDialog(link.srf, { id, socket: undefined }, { method, headers: {} }, () => undefined);
    } else if (link.up && performance.now() < until) {
      setTimeout(() => hangUpWhenAnswered(on, id, until), Math.min(ASK_MS, deadlines.cancelled)).unref();
    }
  });
}

/** The caller, or the proxy behind it, may try again: somebody else is there. */
function refuse({ link }: LegContext, state: RingingState): void {
  const agent = link.srf._app.client;
  const res = new Srf.SipResponse(agent);
  res.req = theirInvite(state);
  res.socket = [...agent.mapServer.keys()][0];
  res.send(503, 'Service Unavailable', { headers: { 'Retry-After': '1' } }, () => undefined);
}

/** As much of it as a response needs: the server has the rest. */
function theirInvite({ callId, transaction }: RingingState): Request {
  const message = new Srf.SipMessage(`INVITE sip:placeholder SIP/2.0\r\nCall-ID: ${callId}\r\n\r\n`);
  const came = { source: 'network', address: '', port: '', protocol: '', time: '' } as const;
  return new Srf.SipRequest(message, { ...came, transactionId: transaction });
}
