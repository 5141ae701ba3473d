import type { Request, Response } from 'drachtio-srf';
import type { IncomingOffer, SignallingHandler } from '../../ports/signalling.js';
import { parseNameAddr } from '../../sip/name-addr.js';
import { CallerLeg } from './caller-leg.js';
import {
  CAPABILITIES,
  METHOD_NOT_ALLOWED,
  NO_SUCH_DIALOG,
  OK,
  unacceptable,
  type Answer,
} from './capabilities.js';
import { sentHeaders } from './header-lines.js';
import { incomingOffer } from './incoming-offer.js';
import type { LegContext } from './leg-context.js';
import { dialogIdOf, type Link } from './link.js';
import { send } from './wire.js';

const refusal = (code: number, reason: string): Answer => ({ code, reason, headers: {} });

/** A request that belongs to no dialog srf knows. Runs in the tick of its frame (pitfall 5). */
export function received(on: LegContext, handler: SignallingHandler, req: Request, res: Response): void {
  if (req.method === 'ACK') return;
  // Whoever waits for it has been told (provisionals.ts).
  if (req.method === 'PRACK') return send(res, OK);
  const from = parseNameAddr(req.headers['from'] ?? '');
  const to = parseNameAddr(req.headers['to'] ?? '');
  if (from === null || to === null) return send(res, refusal(400, 'Bad Request'));
  const callId = req.headers['call-id'] ?? '';
  const dialogId = dialogIdOf(callId, from.tag ?? '');
  if (to.tag !== null) return inDialog(on.link, req, res, [dialogId, dialogIdOf(callId, to.tag)]);
  if (req.method === 'OPTIONS') return send(res, CAPABILITIES);
  if (req.method !== 'INVITE') return send(res, METHOD_NOT_ALLOWED);
  const problem = screen(req) ?? merged(on.link, dialogId);
  if (problem !== null) return send(res, problem);
  offer(on, handler, new CallerLeg(on, req, res, dialogId), incomingOffer(req, from, to));
}

function offer(on: LegContext, handler: SignallingHandler, leg: CallerLeg, call: IncomingOffer): void {
  try {
    const verdict = handler.offered(call, leg);
    if (verdict === 'ignore') leg.ignore();
    else if ('listener' in verdict) leg.accept(verdict);
    else {
      const { code, reason, headers = [] } = verdict.refuse;
      leg.turnAway({ code, reason, headers: sentHeaders(headers) });
    }
  } catch (error) {
    on.log.error('the engine failed on an INVITE', { error });
    leg.turnAway(refusal(500, 'Server Internal Error'));
  }
}

/**
 * An early dialog of ours, or one that is gone. The server says which only while it knows it; else it goes by the tag
 * of whoever sent the INVITE: them, or us.
 */
function inDialog(link: Link, req: Request, res: Response, byTags: readonly string[]): void {
  const ids = req.stackDialogId === undefined || req.stackDialogId === '' ? byTags : [req.stackDialogId];
  const [leg] = ids.flatMap((id) => link.legs.get(id) ?? []);
  if (leg?.stray(req, res) !== true) send(res, NO_SUCH_DIALOG);
}

function screen(req: Request): Answer | null {
  const contact = parseNameAddr(req.headers['contact'] ?? '');
  // RFC 3261 8.1.1.8. createUAS would reject it and send 200 all the same (pitfall 15).
  if (contact === null) return refusal(400, 'Missing Contact');
  if (req.headers['max-forwards']?.trim() === '0') return refusal(483, 'Too Many Hops');
  return unacceptable(req.headers['require'], req.headers['content-type'], req.body);
}

/** RFC 3261 8.2.2.2: the same request on another path; its dialog id would take the first one's place (pitfall 20). */
function merged(link: Link, dialogId: string): Answer | null {
  return link.legs.has(dialogId) ? refusal(482, 'Loop Detected') : null;
}
