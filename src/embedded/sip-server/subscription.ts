import { H } from './header-names.js';
import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import type { SipMessage } from './sip-message.js';
import { Timer } from './timer-wheel.js';

/** RFC 6665 leaves the default to the event package; most use an hour. */
const DEFAULT_EXPIRES = 3600;

class SubscriptionTimer extends Timer {
  constructor(
    private readonly core: Core,
    private readonly dialog: Dialog,
  ) {
    super();
  }

  cancel(): void {
    this.core.wheel.cancel(this);
    this.dialog.subscription = null;
  }

  onTimer(): void {
    this.core.endDialog(this.dialog);
  }
}

/** A subscription nobody refreshes ends by itself, timer N later (RFC 6665 4.1.2.4), so that its dialog cannot stay for ever. */
export function watchSubscription(core: Core, dialog: Dialog, message: SipMessage): void {
  if (dialog.kind !== 'SUBSCRIBE' || dialog.state === 'ended') return;
  dialog.subscription?.cancel();
  const expires = parseInt(message.value(H.Expires), 10);
  const seconds = Number.isFinite(expires) && expires >= 0 ? Math.min(expires, 86_400) : DEFAULT_EXPIRES;
  const timer = new SubscriptionTimer(core, dialog);
  dialog.subscription = timer;
  core.wheel.arm(timer, seconds * core.timers.sessionSecond + core.timers.t1x64);
}

/** True for a NOTIFY that ends the subscription. */
export function endsSubscription(notify: SipMessage): boolean {
  return notify.value(H.SubscriptionState).trim().toLowerCase().startsWith('terminated');
}
