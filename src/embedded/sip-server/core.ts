import type { AppConnection } from './app-connection.js';
import type { AppServer } from './app-server.js';
import type { ClientTransaction } from './client-transaction.js';
import { Counters } from './counters.js';
import { DepartedDialogs } from './departed.js';
import type { Dialog } from './dialog.js';
import type { Endpoints } from './endpoints.js';
import { Ids } from './ids.js';
import { DEFAULT_ORPHAN_MS, type SipLimits, type SipServerOptions, type SipTimers } from './options.js';
import { Reachability } from './reachability.js';
import { Orphans } from './orphans.js';
import type { ServerInvite } from './server-invite.js';
import type { ServerTransaction } from './server-transaction.js';
import type { SipMessage } from './sip-message.js';
import { Sources } from './sources.js';
import type { Stack } from './stack.js';
import type { TimerWheel } from './timer-wheel.js';

export { dialogIdOf } from './ids.js';

/** A request of the network that waits for an answer of the application, by transaction id. */
export interface UasOwner {
  readonly app: AppConnection;
  readonly callId: string;
  /** The transaction of an INVITE; null for anything else. */
  readonly invite: ServerInvite | null;
  respond(app: AppConnection, requestId: string, response: SipMessage): void;
  /** The application is gone. */
  abandon(): void;
}

/** The tables and services that calls share. One per server; nothing here is global. */
export class Core implements Stack {
  readonly counters = new Counters();
  readonly reachability = new Reachability();
  readonly ids = new Ids();
  readonly clients = new Map<string, ClientTransaction>();
  readonly servers = new Map<string, ServerTransaction>();
  readonly dialogs = new Map<string, Dialog>();
  readonly uas = new Map<string, UasOwner>();
  readonly departed: DepartedDialogs;
  readonly orphans: Orphans;
  /** Whom new requests are taken from; null: anybody. */
  readonly sources: Sources | null;
  /** `Server:` line of responses made by the server itself, or nothing at all. */
  readonly serverLine: string;

  constructor(
    readonly wheel: TimerWheel,
    readonly timers: SipTimers,
    readonly limits: SipLimits,
    readonly endpoints: Endpoints,
    readonly apps: AppServer,
    readonly options: SipServerOptions,
  ) {
    this.orphans = new Orphans(this, options.orphanMs ?? DEFAULT_ORPHAN_MS);
    this.departed = new DepartedDialogs(wheel, timers.t1x64);
    this.sources = options.allow === undefined ? null : new Sources(options.allow);
    this.serverLine = options.serverHeader === undefined ? '' : `Server: ${options.serverHeader}\r\n`;
  }

  addDialog(dialog: Dialog): void {
    this.dialogs.set(dialog.id, dialog);
  }

  /** The far end has left it. */
  leaveDialog(dialog: Dialog): void {
    for (const invite of dialog.invites) invite.acknowledgeOrphan();
    if (dialog.referred) this.departed.remember(dialog);
    this.endDialog(dialog);
  }

  /** Takes the dialog out of all tables, stops its timers and answers what its application left unanswered. */
  endDialog(dialog: Dialog): void {
    if (dialog.state === 'ended') return;
    dialog.state = 'ended';
    if (this.dialogs.get(dialog.id) === dialog) this.dialogs.delete(dialog.id);
    this.orphans.forget(dialog);
    dialog.awaiting?.stop();
    dialog.session?.stop();
    dialog.subscription?.cancel();
    const bye = dialog.heldBye;
    dialog.heldBye = null;
    for (const request of dialog.open.splice(0)) request.onDialogEnded();
    bye?.();
  }
}
