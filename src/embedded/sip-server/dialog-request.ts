import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import type { Flow } from './endpoint.js';
import { hopOf } from './endpoints.js';
import { BRANCH_COOKIE } from './ids.js';
import { uriOf } from './name-addr.js';
import { parseSipUri } from './sip-uri.js';

/** Finds where requests of this dialog go: at once for literal addresses, later for names; null when unreachable. */
export function routeDialog(core: Core, dialog: Dialog, done: (flow: Flow | null) => void): void {
  const known = dialog.hopFlow;
  if (known !== null && !(known.connection?.closed ?? false)) {
    done(known);
    return;
  }
  const hop = hopOf(dialog.nextHopUri);
  if (hop === undefined) {
    done(null);
    return;
  }
  core.endpoints.route(hop, (flow) => {
    dialog.hopFlow = flow;
    done(flow);
  });
}

export interface DialogRequest {
  readonly method: string;
  readonly cseq: number;
  readonly txnId: string;
  /** Empty, or the value of our Contact. */
  readonly contact: string;
  /** Complete header lines. */
  readonly headers: string;
  /** From Content-Type or Content-Length to the end. */
  readonly body: string;
  /** Request-URI given by the application; empty for the remote target. */
  readonly uri: string;
}

/** RFC 3261 12.2.1.1: Request-URI and Route of an in-dialog request, loose or strict. */
function routing(dialog: Dialog, uri: string): { uri: string; route: string } {
  const target = uri === '' ? dialog.target : uri;
  const first = dialog.routeSet[0];
  if (first === undefined) return { uri: target, route: '' };
  const firstUri = uriOf(first);
  if (parseSipUri(firstUri)?.loose ?? true)
    return { uri: target, route: `Route: ${dialog.routeSet.join(', ')}\r\n` };
  const rest = [...dialog.routeSet.slice(1), `<${target}>`];
  return { uri: firstUri, route: `Route: ${rest.join(', ')}\r\n` };
}

export function dialogRequestText(dialog: Dialog, flow: Flow, request: DialogRequest): string {
  const { uri, route } = routing(dialog, request.uri);
  const contact = request.contact === '' ? '' : `Contact: ${request.contact}\r\n`;
  return (
    `${request.method} ${uri} SIP/2.0\r\n${flow.face.via}${BRANCH_COOKIE}${request.txnId}\r\n${route}Max-Forwards: 70\r\n` +
    `From: ${dialog.local}\r\nTo: ${dialog.remote}\r\nCall-ID: ${dialog.callId}\r\nCSeq: ${request.cseq} ${request.method}\r\n` +
    `${contact}${request.headers}${request.body}`
  );
}

export const NO_BODY = 'Content-Length: 0\r\n\r\n';
