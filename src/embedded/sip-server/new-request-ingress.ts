import type { AppConnection } from './app-connection.js';
import { dialogIdOf, type Core } from './core.js';
import type { Flow } from './endpoint.js';
import { ServerInvite } from './server-invite.js';
import { ServerRequest } from './server-request.js';
import type { SipMessage } from './sip-message.js';
import { refuse } from './stateless.js';
import { UasInvite } from './uas-invite.js';
import { UasRequest } from './uas-request.js';
import { ownResponse } from './uas-response.js';

/** Verbs an application may get outside a dialog; the real server silently discards all others, REFER among them. */
const DELIVERED = new Set([
  'INVITE',
  'REGISTER',
  'MESSAGE',
  'OPTIONS',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
]);
/** These exist only inside dialogs. */
const DIALOG_ONLY = new Set(['BYE', 'UPDATE', 'PRACK']);

/** Requests that belong to no dialog of ours (protocol 6.1). */
export class NewRequestIngress {
  constructor(private readonly core: Core) {}

  handle(message: SipMessage, key: string, flow: Flow, back: Flow): void {
    const { core } = this;
    const { method } = message;
    const departed = message.toTag === '' ? undefined : core.departed.appOf(message);
    if (departed !== undefined) return this.deliver(departed, message, key, flow, back);
    const early = message.toTag !== '' && this.inEarlyDialog(message);
    if (DIALOG_ONLY.has(method) || (message.toTag !== '' && !early && DELIVERED.has(method))) {
      refuse(this.core, message, back, 481);
      return;
    }
    if (!DELIVERED.has(method)) {
      core.counters.strays++;
      return;
    }
    const app = core.apps.pick(method.toLowerCase());
    if (app === undefined) {
      refuse(this.core, message, back, 503);
      return;
    }
    if (method !== 'INVITE') {
      this.deliver(app, message, key, flow, back);
      return;
    }
    // RFC 3261 8.2.2.2: the same call by another path would share our dialog id.
    if (core.dialogs.has(dialogIdOf(message.callId, message.fromTag))) {
      refuse(this.core, message, back, 482, 'Loop Detected');
      return;
    }
    const transaction = new ServerInvite(core, key, back);
    transaction.respond(ownResponse(message, 100, '', core.serverLine), 100);
    new UasInvite(core, transaction, message, flow, app, core.ids.uuid(), null).deliver();
  }

  private deliver(app: AppConnection, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    const transaction = new ServerRequest(this.core, key, back);
    new UasRequest(this.core, transaction, message, flow, app, this.core.ids.uuid(), null, true).deliver();
  }

  private inEarlyDialog(message: SipMessage): boolean {
    const { dialogs } = this.core;
    const theirs = dialogs.get(dialogIdOf(message.callId, message.fromTag));
    const ours = dialogs.get(dialogIdOf(message.callId, message.toTag));
    return theirs?.state === 'early' || ours?.state === 'early';
  }
}
