import type Srf from 'drachtio-srf';
import type { Dialog } from 'drachtio-srf';
import { parseNameAddr } from '../../sip/name-addr.js';
import { requestInDialog } from './in-dialog-request.js';
import { rawHeaders, allHeaders } from './raw-headers.js';
import type { SessionContext } from './session-context.js';
import { splitOutsideQuotes } from './trunk-digest.js';
import { OF_A_CALL, TrunkCredentials } from './trunk-credentials.js';
import { isForgotten } from './refusal.js';

/**
 * Asks whether the server still knows a dialog, without a word to the far end: a body without a type is refused by
 * every server before it is sent, but behind the look for the dialog.
 */
export function probe(srf: Srf, dialog: Pick<Dialog, 'id' | 'socket'>, forgotten: () => void): void {
  const question = { method: 'OPTIONS', headers: {}, body: '?' } as const;
  requestInDialog(srf, dialog, question, (error) => {
    if (isForgotten(error)) forgotten();
  });
}

/** Above whatever the server has counted to in the dialog, as RFC 3261 12.2.2 wants it; below 2^31 by two (8.1.1.5). */
const LAST_CSEQ = 2 ** 31 - 2;

/**
 * BYE in a dialog that the server knows no more and its far end still does, put together from what made the dialog:
 * nobody is left in silence. What comes of it is of no consequence.
 */
export function sayGoodbye({ srf, dialog, voice, auth, peer }: SessionContext): void {
  const credentials = new TrunkCredentials(auth, OF_A_CALL);
  const { proxy, uri } = wayTo(dialog);
  const send = (cseq: number, signature: Record<string, string>): void => {
    const headers = { ...namesOf(dialog), CSeq: `${cseq} BYE`, ...signature };
    srf.request(uri, { method: 'BYE', headers, ...(proxy && { proxy }) }, (error, req) => {
      if (error !== null || req === undefined) return;
      req.on('response', (res) => {
        const challenged = credentials.learn({ status: res.status, lines: rawHeaders(res.raw) });
        if (challenged) send(cseq + 1, credentials.headers({ method: 'BYE', uri: req.uri }));
      });
    });
  };
  voice.tap('out', 'BYE', false, peer);
  voice.safely(() => send(LAST_CSEQ, {}));
}

/** Whose dialog it is (RFC 3261 12.2.1.1): in a dialog we called for, as its 2xx has it; else the other way round. */
function namesOf({ type, req, res, sip }: Dialog): Record<string, string> {
  const { from = '', to = '' } = type === 'uac' ? res.headers : req.headers;
  const names = { 'Call-ID': sip.callId };
  if (type === 'uac') return { ...names, From: from, To: to };
  return { ...names, From: `${to};tag=${sip.localTag}`, To: from };
}

/** The far end's Contact, by the first proxy that wants to see what is said in the dialog. */
function wayTo({ type, req, res, remote }: Dialog): { readonly uri: string; readonly proxy: string | null } {
  const recorded = allHeaders(rawHeaders((type === 'uac' ? res : req).raw), 'record-route');
  const routes = recorded.flatMap(splitOutsideQuotes);
  const first = type === 'uac' ? routes.at(-1) : routes.at(0);
  return { uri: remote.uri, proxy: first === undefined ? null : (parseNameAddr(first)?.uri ?? null) };
}
