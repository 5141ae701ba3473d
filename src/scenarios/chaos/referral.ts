import { setTimeout as sleep } from 'node:timers/promises';
import type { Leg } from './leg.js';
import type { Switches } from './switches.js';

/** How long after its own BYE the far end still sends the final NOTIFY; the other side waits for a second. */
const LATE_MS = 400;

/** What a referral needs of the far end; each promise is settled by the answer to what was sent. */
export interface ReferralWire {
  /** NOTIFY with a sipfrag of this status. */
  notify(leg: Leg, status: string, state: string): Promise<unknown>;
  bye(leg: Leg): Promise<unknown>;
  reinvite(leg: Leg): Promise<unknown>;
}

const ACTIVE = 'active;expires=60';
const OVER = 'terminated;reason=noresource';

/** What the far end does after it has accepted a REFER (RFC 3515 2.4), by the switches. */
export async function playReferral(leg: Leg, switches: Switches, wire: ReferralWire): Promise<void> {
  const crossing = switches.reinviteDuringTransfer ? wire.reinvite(leg) : Promise.resolve();
  if (switches.byeBeforeNotify) await wire.bye(leg);
  else if (switches.notifyTerminated100) await wire.notify(leg, '100 Trying', OVER);
  else if (!switches.silentAfter202) {
    await wire.notify(leg, '100 Trying', ACTIVE);
    await crossing;
    await reportTarget(leg, switches, wire);
  }
  await crossing;
}

/** How the target fared: busy, or answered, after which the caller is taken away from whoever referred it. */
async function reportTarget(leg: Leg, switches: Switches, wire: ReferralWire): Promise<void> {
  if (switches.busyAfter183) {
    await wire.notify(leg, '183 Session Progress', ACTIVE);
    await wire.notify(leg, '486 Busy Here', OVER);
    return;
  }
  await wire.notify(leg, '180 Ringing', ACTIVE);
  if (switches.lateNotify) {
    const bye = wire.bye(leg);
    await sleep(LATE_MS);
    await Promise.all([bye, wire.notify(leg, '200 OK', OVER)]);
    return;
  }
  await wire.notify(leg, '200 OK', OVER);
  await wire.bye(leg);
}
