import type { Request, Response } from 'drachtio-srf';
import { CAPABILITIES, METHOD_NOT_ALLOWED, NO_SUCH_DIALOG, OK, type Answer } from './capabilities.js';
import type { LegVoice } from './leg-voice.js';
import { firstHeader, rawHeaders } from './raw-headers.js';
import { bodyOf, peerOf, send } from './wire.js';

/** srf would answer all of these 200, a REFER included, which then nobody carries out (features 6). */
const ANSWERS: Readonly<Record<string, Answer>> = {
  OPTIONS: CAPABILITIES,
  // No subscription of ours is behind it (RFC 6665 4.1.3).
  NOTIFY: NO_SUCH_DIALOG,
  // Only before the dialog is confirmed: who has not been answered cannot be handed on.
  REFER: { code: 603, reason: 'Decline', headers: {} },
};

/** A request inside a dialog, or before it is confirmed, that changes nothing about the session. */
export function answerSideRequest(req: Request, res: Response, voice: LegVoice): void {
  if (req.method === 'INFO') informed(req, res, voice);
  else answer(req, res, ANSWERS[req.method] ?? METHOD_NOT_ALLOWED, voice);
}

/** RFC 6086 (and the INFO before it, RFC 2976): the answer says it has arrived, not what came of it. */
function informed(req: Request, res: Response, voice: LegVoice): void {
  answer(req, res, OK, voice);
  const body = bodyOf(req);
  if (body === null) return;
  const contentType = firstHeader(rawHeaders(req.raw), 'content-type') ?? 'application/octet-stream';
  voice.tell({ type: 'info', info: { contentType, body } });
}

/** The ladder's line, and the response. */
export function answer(req: Request, res: Response, reply: Answer, voice: LegVoice): void {
  tapRequest(req, voice);
  respond(req, res, reply, voice);
}

/** As {@link answer}, for a request that was shown when it came. */
export function respond(req: Request, res: Response, reply: Answer, voice: LegVoice): void {
  voice.tap('out', `${reply.code} ${reply.reason} (${req.method})`, false, peerOf(req));
  send(res, reply);
}

export const tapRequest = (req: Request, voice: LegVoice): void =>
  voice.tap('in', req.method, false, peerOf(req));
