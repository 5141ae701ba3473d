import type { AppConnection } from './app-connection.js';
import type { Dialog } from './dialog.js';
import { dialogIdOf } from './ids.js';
import type { SipMessage } from './sip-message.js';
import { Timer, type TimerWheel } from './timer-wheel.js';

class Departed extends Timer {
  constructor(
    readonly dialog: Dialog,
    private readonly forget: () => void,
  ) {
    super();
  }

  onTimer(): void {
    this.forget();
  }
}

/**
 * Dialogs the far end has left in which the application had sent a REFER: its subscription outlives the BYE (RFC 3515
 * 2.4.4, RFC 5057 4.1), and the last NOTIFY may come behind it. The real server has such a NOTIFY routed like one
 * outside of dialogs, to whichever application takes them; here it comes to the one that sent the REFER.
 */
export class DepartedDialogs {
  private readonly known = new Map<string, Departed>();

  constructor(
    private readonly wheel: TimerWheel,
    /** How long one is remembered. */
    private readonly lingerMs: number,
  ) {}

  remember(dialog: Dialog): void {
    const { id } = dialog;
    const departed = new Departed(dialog, () => this.known.delete(id));
    this.forget(id);
    this.known.set(id, departed);
    this.wheel.arm(departed, this.lingerMs);
  }

  /** Who is to be given this NOTIFY, when it belongs to one of them. */
  appOf({ method, callId, fromTag, toTag }: SipMessage): AppConnection | undefined {
    if (method !== 'NOTIFY' || this.known.size === 0) return undefined;
    const { dialog } =
      this.known.get(dialogIdOf(callId, fromTag)) ?? this.known.get(dialogIdOf(callId, toTag)) ?? {};
    if (dialog?.localTag !== toTag || dialog.remoteTag !== fromTag || dialog.app.closed) return undefined;
    return dialog.app;
  }

  private forget(id: string): void {
    const departed = this.known.get(id);
    if (departed === undefined) return;
    this.wheel.cancel(departed);
    this.known.delete(id);
  }
}
