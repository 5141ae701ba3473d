import type { Request, Response } from 'drachtio-srf';
import { CAPABILITIES, METHOD_NOT_ALLOWED, NO_SUCH_DIALOG, type Answer } from './capabilities.js';
import type { LegVoice } from './leg-voice.js';
import { peerOf, send } from './wire.js';

/** srf would answer all of these 200, a REFER included, which then nobody carries out (features 6). */
const ANSWERS: Readonly<Record<string, Answer>> = {
  INFO: { code: 200, reason: 'OK', headers: {} },
  OPTIONS: CAPABILITIES,
  // No subscription of ours is behind it (RFC 6665 4.1.3).
  NOTIFY: NO_SUCH_DIALOG,
  REFER: { code: 603, reason: 'Decline', headers: {} },
};

/** A request inside a dialog, or before it is confirmed, that changes nothing about the session. */
export function answerSideRequest(req: Request, res: Response, voice: LegVoice): void {
  const answer = ANSWERS[req.method] ?? METHOD_NOT_ALLOWED;
  voice.tap('in', req.method, false, peerOf(req));
  voice.tap('out', `${answer.code} ${answer.reason} (${req.method})`, false, peerOf(req));
  send(res, answer);
}
