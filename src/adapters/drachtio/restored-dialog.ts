import type { Dialog, MadeResponse, Request, SipMessage } from 'drachtio-srf';
import Srf from 'drachtio-srf';
import type { TalkingState } from './dialog-handle.js';

/**
 * srf's dialog once more, in a process that has not seen the messages which made it: from messages that say what srf,
 * and we, read in them. Requests of the far end reach it as soon as it is returned.
 */
export function restoreDialog(srf: Srf, state: TalkingState): Dialog {
  const dialog = state.type === 'uac' ? calling(srf, state) : called(srf, state);
  srf.addDialog(dialog);
  return dialog;
}

function calling(srf: Srf, state: TalkingState): Dialog {
  const { from, to, callId, localContact, localSdp, remoteUri, routes } = state;
  const req = request({ uri: remoteUri, from, to, callId, contact: localContact, body: localSdp });
  const ok = message('SIP/2.0 200 OK', { from, to, callId, contact: `<${remoteUri}>`, routes });
  return new Srf.Dialog(srf, 'uac', { req, res: response(state, req, ok) });
}

function called(srf: Srf, state: TalkingState): Dialog {
  const { from, to, callId, localTag, localContact, localSdp, remoteUri, routes } = state;
  const req = request({ uri: localContact, from, to, callId, contact: `<${remoteUri}>`, routes });
  const sent = message('SIP/2.0 200 OK', {
    ...{ from, to: `${to};tag=${localTag}`, callId },
    ...{ contact: localContact, body: localSdp },
  });
  return new Srf.Dialog(srf, 'uas', { req, res: response(state, req, sent), sent });
}

interface Written {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly contact: string;
  readonly routes?: readonly string[];
  readonly body?: string;
}

function message(
  startLine: string,
  { from, to, callId, contact, routes = [], body = '' }: Written,
): SipMessage {
  const lines = [
    startLine,
    ...[`From: ${from}`, `To: ${to}`, `Call-ID: ${callId}`, 'CSeq: 1 INVITE', `Contact: ${contact}`],
    ...routes.map((route) => `Record-Route: ${route}`),
  ];
  return new Srf.SipMessage(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function request(written: Written & { readonly uri: string }): Request {
  return new Srf.SipRequest(message(`INVITE ${written.uri} SIP/2.0`, written), NOWHERE);
}

function response({ id }: TalkingState, req: Request, msg: SipMessage): MadeResponse {
  const res = new Srf.SipResponse();
  res.msg = msg;
  res.req = req;
  res.meta = { ...NOWHERE, dialogId: id };
  return res;
}

/** It came by no packet. */
const NOWHERE = {
  source: 'network',
  address: '',
  port: '',
  protocol: '',
  time: '',
  transactionId: '',
} as const;
