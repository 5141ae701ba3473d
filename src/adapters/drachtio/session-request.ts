import type { Request, Response } from 'drachtio-srf';
import { askInDialog, type InDialogRequest, type OurDialog } from './in-dialog-request.js';
import type { SessionContext } from './session-context.js';
import { SDP_TYPE, bodyOf, peerOf } from './wire.js';

export interface SessionRequest extends InDialogRequest {
  /** On the ladder; the method unless given. */
  readonly shown?: string;
  /** In place of the dialog's own. */
  readonly auth?: OurDialog['auth'];
}

/** As {@link askInDialog}'s, what a request does not care about left out. */
export interface SessionOutcome {
  sent?(req: Request): void;
  answered?(res: Response, ack: () => void): void;
  failed?(error: Error | null): void;
  wanted?(): boolean;
}

/** A request of ours in a confirmed dialog, on the ladder when the server has sent it: the order is the wire's. */
export function ask(on: SessionContext, request: SessionRequest, outcome: SessionOutcome): void {
  const { srf, dialog, voice, peer } = on;
  const { method, headers, shown = method, auth = on.auth } = request;
  const offers = headers['Content-Type'] === SDP_TYPE;
  askInDialog(srf, { id: dialog.id, socket: dialog.socket, auth }, request, {
    sent: (req) =>
      voice.safely(() => {
        voice.tap('out', shown, offers, peer);
        outcome.sent?.(req);
      }),
    received: (res) => {
      const answers = method === 'INVITE' && bodyOf(res) !== null;
      voice.tap('in', `${res.status} ${res.reason} (${method})`, answers, peerOf(res));
    },
    answered: (res, ack) => voice.safely(() => outcome.answered?.(res, ack)),
    failed: (error) => voice.safely(() => outcome.failed?.(error)),
    wanted: () => outcome.wanted?.() ?? true,
  });
}
