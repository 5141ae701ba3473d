import type { AppConnection, AppHandler } from './app-connection.js';
import { UacInvite } from './uac-invite.js';
import { ClientInvite } from './client-invite.js';
import { dialogIdOf, type Core } from './core.js';
import { inDialogRequest } from './in-dialog-request.js';
import { newRequest } from './new-request.js';
import { cancelHeaders } from './outgoing-headers.js';
import { Scanner } from './scanner.js';
import type { SipMessage } from './sip-message.js';
import { UNKNOWN_TRANSACTION } from './uas-invite.js';
import { sentRequestMeta } from './wire.js';

/** A message id is a UUID; nothing longer is echoed. */
const MAX_ID = 64;

export const VERSION = 'v0.9.10-embedded';

const VERBS = new Set(
  `invite register message options info notify subscribe publish refer update prack bye ack cancel
cdr:attempt cdr:start cdr:stop`.split(/\s+/),
);

/** Everything applications send us enters here (protocol section 4). */
export class Egress implements AppHandler {
  private readonly scanner = new Scanner({
    maxHeaderLine: 65_536,
    maxBlankRun: 65_536,
    maxHeaders: 1024,
    skipBadNames: true,
  });

  constructor(
    private readonly core: Core,
    private readonly hostPorts: string,
  ) {}

  onFrame(app: AppConnection, text: string, from: number, to: number): void {
    try {
      this.frame(app, text, from, to);
    } catch {
      // A caller without a reply would wait for ever (protocol 12.8).
      this.core.counters.faults++;
      app.respond(text.slice(from, from + MAX_ID).split('|')[0] ?? '', 'NOK|internal error');
    }
  }

  /** Protocol section 10: what of a lost application is not confirmed ends; the rest may have an heir. */
  onAppClosed(app: AppConnection): void {
    const { core } = this;
    for (const owner of [...core.uas.values()]) if (owner.app === app) owner.abandon();
    for (const client of [...core.clients.values()]) {
      if (client instanceof ClientInvite && client.owner instanceof UacInvite) client.owner.abandonFor(app);
    }
    for (const dialog of [...core.dialogs.values()]) if (dialog.app === app) core.orphans.leave(dialog);
  }

  private frame(app: AppConnection, text: string, from: number, to: number): void {
    const end = text.indexOf('\r\n', from);
    const eol = end < 0 || end > to ? to : end;
    const tokens = text.slice(from, eol).split('|');
    const requestId = (tokens[0] ?? '').slice(0, MAX_ID);
    const verb = tokens[1] ?? '';
    if (verb === 'authenticate') this.authenticate(app, requestId, tokens);
    else if (!app.authenticated) this.reject(app, requestId, 'not authenticated');
    else if (verb === 'sip') this.sip(app, requestId, tokens, text, Math.min(eol + 2, to), to);
    else if (verb === 'ping') app.respond(requestId, 'OK|pong');
    else if (verb === 'route' || verb === 'remove_route') this.route(app, requestId, verb, tokens[2] ?? '');
    else if (verb === 'proxy') app.respond(requestId, 'NOK|proxy is not supported by the embedded server');
    else this.reject(app, requestId, 'unknown message type');
  }

  private authenticate(app: AppConnection, requestId: string, tokens: readonly string[]): void {
    if (tokens[2] !== this.core.options.secret) {
      this.reject(app, requestId, 'incorrect secret');
      return;
    }
    app.trust();
    for (const tag of (tokens[3] ?? '').split(',')) if (tag !== '') app.tags.add(tag);
    app.respond(requestId, `OK|${this.hostPorts}|${VERSION}|${this.hostPorts}`);
  }

  private reject(app: AppConnection, requestId: string, reason: string): void {
    app.respond(requestId, `NO|${reason}`);
    app.close();
  }

  private route(app: AppConnection, requestId: string, action: string, verb: string): void {
    if (!VERBS.has(verb)) {
      this.reject(app, requestId, `unsupported route ${verb.slice(0, 40)}`);
      return;
    }
    // srf repeats every verb each time one is added: registering twice is the same as once.
    if (action === 'route') app.routes.add(verb);
    else app.routes.delete(verb);
    app.respond(requestId, 'OK');
  }

  private sip(
    app: AppConnection,
    requestId: string,
    tokens: readonly string[],
    text: string,
    from: number,
    to: number,
  ): void {
    const before = this.scanner.skipped;
    const message = this.scanner.scan(text, from, to);
    this.core.counters.droppedHeaders += this.scanner.skipped - before;
    const [, , txnId = '', dialogId = '', routeUrl = ''] = tokens;
    if (message === null) {
      app.respond(requestId, 'NOK|malformed SIP message');
      return;
    }
    // srf counts Content-Length in characters; the body is the rest of the frame (protocol section 4).
    message.end = to;
    if (
      message.defect !== '' &&
      !message.defect.startsWith('Body') &&
      !message.defect.endsWith('Content-Length')
    ) {
      app.respond(requestId, `NOK|malformed SIP message: ${message.defect}`);
      return;
    }
    if (!message.isRequest) this.response(app, requestId, txnId, message);
    else if (dialogId !== '') inDialogRequest(this.core, app, requestId, dialogId, message);
    else if (txnId !== '') this.cancel(app, requestId, txnId, message);
    else if (this.belongsToDialog(message)) {
      inDialogRequest(this.core, app, requestId, dialogIdOf(message.callId, message.fromTag), message);
    } else newRequest(this.core, app, requestId, message, routeUrl);
  }

  private belongsToDialog(message: SipMessage): boolean {
    return message.callId !== '' && this.core.dialogs.has(dialogIdOf(message.callId, message.fromTag));
  }

  private response(app: AppConnection, requestId: string, txnId: string, message: SipMessage): void {
    if (txnId === '') {
      this.reject(app, requestId, 'transaction id missing');
      return;
    }
    const owner = this.core.uas.get(txnId);
    if (owner === undefined) app.respond(requestId, UNKNOWN_TRANSACTION);
    else owner.respond(app, requestId, message);
  }

  private cancel(app: AppConnection, requestId: string, txnId: string, message: SipMessage): void {
    const invite = this.core.clients.get(txnId);
    if (
      message.method !== 'CANCEL' ||
      !(invite instanceof ClientInvite) ||
      !(invite.owner instanceof UacInvite)
    ) {
      app.respond(requestId, `NOK|unable to cancel unknown transaction id: ${txnId}`);
      return;
    }
    const { flow } = invite;
    const text = invite.owner.cancel(cancelHeaders(message, flow.face));
    if (text === '') app.respond(requestId, `NOK|unable to cancel unknown transaction id: ${txnId}`);
    else
      app.respond(
        requestId,
        `OK|${sentRequestMeta(flow, text.length)}|${this.core.ids.uuid()}|Msg sent:|\r\n${text}`,
      );
  }
}
