import type { AppConnection } from './app-connection.js';
import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import { serverBye } from './server-bye.js';
import { Timer } from './timer-wheel.js';

/** What came in a dialog while it had no application. */
interface Waiting {
  readonly hand: () => void;
  readonly refuse: () => void;
}

/** A confirmed dialog whose application is gone, until another one takes it or the wait is over. */
export class Orphan extends Timer {
  private waiting: Waiting[] = [];

  constructor(private readonly hangUp: () => void) {
    super();
  }

  add(waiting: Waiting): void {
    this.waiting.push(waiting);
  }

  /** In the order they came. */
  takeWaiting(): readonly Waiting[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  onTimer(): void {
    this.hangUp();
  }
}

/**
 * Calls of applications that are gone. The real server keeps their dialogs, lets any application send in them, and
 * answers 481 to whatever the far end says there: it would look for another application of the same name, and names
 * none. Here such a dialog waits for an application which shares a tag with the one that is gone, and is hung up when
 * none comes.
 */
export class Orphans {
  private closing = false;

  constructor(
    private readonly core: Core,
    private readonly keepMs: number,
  ) {}

  /** The dialog's application is gone. */
  leave(dialog: Dialog): void {
    const { core } = this;
    const unacknowledged = dialog.invites.filter((invite) => invite.awaitsAck);
    // Its 2xx is owed an ACK whoever sends it (RFC 3261 13.2.2.4).
    for (const invite of unacknowledged) invite.acknowledgeOrphan();
    if (dialog.state !== 'confirmed' || dialog.kind !== 'INVITE') return core.endDialog(dialog);
    // Of a call whose answer nobody has looked at, nobody knows what was agreed.
    const settled = unacknowledged.every((invite) => invite.again);
    if (!settled || this.closing || this.keepMs === 0 || dialog.app.tags.size === 0)
      return hangUp(core, dialog);
    dialog.orphan = new Orphan(() => hangUp(core, dialog));
    core.wheel.arm(dialog.orphan, this.keepMs);
  }

  mayTake(dialog: Dialog, app: AppConnection): boolean {
    return dialog.app === app || (dialog.state === 'confirmed' && app.sharesTagWith(dialog.app));
  }

  /** Makes the dialog this application's, which is handed what has come meanwhile. */
  take(dialog: Dialog, app: AppConnection): void {
    if (!this.mayTake(dialog, app)) return;
    dialog.app = app;
    const { orphan } = dialog;
    dialog.orphan = null;
    if (orphan === null) return;
    this.core.wheel.cancel(orphan);
    for (const { hand } of orphan.takeWaiting()) hand();
  }

  /** Hands it to the dialog's application, now or when there is one again. */
  whenTaken(dialog: Dialog, hand: () => void, refuse: () => void): void {
    if (dialog.orphan === null) hand();
    else dialog.orphan.add({ hand, refuse });
  }

  /** The dialog is over. */
  forget(dialog: Dialog): void {
    const { orphan } = dialog;
    dialog.orphan = null;
    if (orphan === null) return;
    this.core.wheel.cancel(orphan);
    for (const { refuse } of orphan.takeWaiting()) refuse();
  }

  /** The server ends: from now on nobody is waited for. */
  close(): void {
    this.closing = true;
    for (const dialog of [...this.core.dialogs.values()])
      if (dialog.orphan !== null) hangUp(this.core, dialog);
  }
}

/** The real server leaves the phones in silence until a timer of theirs; here they get a BYE. */
function hangUp(core: Core, dialog: Dialog): void {
  serverBye(core, dialog, 'application lost', 500);
}
