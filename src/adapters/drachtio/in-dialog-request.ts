import type Srf from 'drachtio-srf';
import type { Dialog, Request, SentHeaders } from 'drachtio-srf';

interface InDialogRequest {
  readonly method: 'INVITE' | 'BYE' | 'OPTIONS' | 'REFER' | 'NOTIFY' | 'INFO';
  readonly headers: SentHeaders;
  readonly body?: string;
}

/**
 * A request inside a dialog. Not `dlg.request()` or `dlg.destroy()`: those show the request only together with its
 * response, too late to CANCEL it or to listen for an UPDATE crossing it, and `destroy` hides the BYE's response.
 * The callback is called once, also when srf throws.
 */
export function requestInDialog(
  srf: Srf,
  dialog: Pick<Dialog, 'id' | 'auth' | 'socket'>,
  request: InDialogRequest,
  callback: (error: Error | null, req?: Request) => void,
): void {
  try {
    srf.request(
      'sip:placeholder',
      {
        method: request.method,
        headers: request.headers,
        stackDialogId: dialog.id,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(dialog.auth === undefined ? {} : { auth: dialog.auth }),
        ...(dialog.socket === undefined ? {} : { _socket: dialog.socket }),
      },
      callback,
    );
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * Dialogs that were lost with a link of the past: the server still has them and takes a BYE from any application, so
 * nobody is left in silence. What it has forgotten it refuses, which is as good.
 */
export function hangUpOrphans(srf: Srf, dialogIds: readonly string[]): void {
  const headers = { Reason: 'SIP;cause=500;text="Signalling lost"' };
  for (const id of dialogIds) {
    const dialog = { id, auth: undefined, socket: undefined };
    requestInDialog(srf, dialog, { method: 'BYE', headers }, () => undefined);
  }
}

/** BYE for a dialog nobody asks about any more: a late 200, a leg that was given up. */
export function discard(srf: Srf, dialog: Dialog): void {
  dialog.removeAllListeners();
  srf.removeDialog(dialog);
  requestInDialog(srf, dialog, { method: 'BYE', headers: {} }, () => undefined);
}
