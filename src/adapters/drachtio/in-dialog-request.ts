import type Srf from 'drachtio-srf';
import type { Dialog, Request, Response, SentHeaders } from 'drachtio-srf';
import { rawHeaders } from './raw-headers.js';
import { OF_A_CALL, TrunkCredentials } from './trunk-credentials.js';
import type { Credentials } from './trunk-digest.js';

export interface InDialogRequest {
  readonly method: 'INVITE' | 'ACK' | 'BYE' | 'OPTIONS' | 'REFER' | 'NOTIFY' | 'INFO';
  readonly headers: SentHeaders;
  readonly body?: string;
}

/** A dialog as the server knows it, and what we answer a challenge in it with. */
export interface OurDialog extends Pick<Dialog, 'id' | 'socket'> {
  readonly auth: Credentials | null;
}

/** What becomes of a request in a dialog. */
export interface Outcome {
  /** Each time it leaves: a second time with credentials. */
  sent?(req: Request): void;
  /** Every response, a challenge that is answered included. */
  received?(res: Response): void;
  /** Every response that is not answered with credentials. `ack` of a 2xx to an INVITE. */
  answered?(res: Response, ack: () => void): void;
  /** The server did not take it; also when it did not take it with credentials. */
  failed?(error: Error | null): void;
  /** Whether anybody still wants it when it is challenged. */
  wanted?(): boolean;
}

/**
 * A request inside a dialog. Not `dlg.request()` or `dlg.destroy()`: those show the request only together with its
 * response, too late to CANCEL it or to listen for an UPDATE crossing it, and `destroy` hides the BYE's response.
 * The callback is called once, also when srf throws.
 */
export function requestInDialog(
  srf: Srf,
  { id, socket }: Pick<Dialog, 'id' | 'socket'>,
  request: InDialogRequest,
  callback: (error: Error | null, req?: Request) => void,
): void {
  const { method, headers, body } = request;
  try {
    srf.request(
      'sip:placeholder',
      {
        method,
        // A copy: what srf is given it may write into.
        headers: { ...headers },
        stackDialogId: id,
        ...(body === undefined ? {} : { body }),
        ...(socket === undefined ? {} : { _socket: socket }),
      },
      callback,
    );
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * As {@link requestInDialog}; one challenge is answered with the credentials of the dialog (RFC 3261 22.2, 22.3). Not
 * by srf, which would sign its `sip:placeholder` instead of the URI on the wire, and with MD5 only (pitfall 22).
 */
export function askInDialog(srf: Srf, dialog: OurDialog, request: InDialogRequest, outcome: Outcome): void {
  const credentials = new TrunkCredentials(dialog.auth, OF_A_CALL);
  const ask = (uri: string | null): void => {
    const signature = uri === null ? {} : credentials.headers({ method: request.method, uri });
    const headers = { ...request.headers, ...signature };
    requestInDialog(srf, dialog, { ...request, headers }, (error, req) => {
      if (req === undefined || error !== null) return outcome.failed?.(error);
      outcome.sent?.(req);
      req.on('response', (res, ack) => {
        outcome.received?.(res);
        const wanted = outcome.wanted?.() ?? true;
        if (wanted && credentials.learn({ status: res.status, lines: rawHeaders(res.raw) })) ask(req.uri);
        else outcome.answered?.(res, ack);
      });
    });
  };
  ask(null);
}

/**
 * Dialogs that were lost with a link of the past: the server still has them and takes a BYE from any application, so
 * nobody is left in silence. What it has forgotten it refuses, which is as good.
 */
export function hangUpOrphans(srf: Srf, dialogs: readonly OurDialog[]): void {
  const headers = { Reason: 'SIP;cause=500;text="Signalling lost"' };
  for (const { id, auth } of dialogs) {
    askInDialog(srf, { id, auth, socket: undefined }, { method: 'BYE', headers }, {});
  }
}

/** BYE for a dialog nobody asks about any more: a late 200, a leg that was given up. */
export function discard(srf: Srf, dialog: Dialog, auth: Credentials | null): void {
  dialog.removeAllListeners();
  srf.removeDialog(dialog);
  const { id, socket } = dialog;
  askInDialog(srf, { id, socket, auth }, { method: 'BYE', headers: {} }, {});
}
