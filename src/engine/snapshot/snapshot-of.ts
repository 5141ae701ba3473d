import type { LiveCall } from '../registry.js';
import type { WrittenSoFar } from '../sessions/call-records.js';
import type { SavedLeg, Snapshot } from './snapshot.js';

/** A live call as it is now, for whoever may have to go on with it. */
export function snapshotOf(live: LiveCall, written: WrittenSoFar): Snapshot {
  const { runner, channel, caller, trunk, seq, transfer, memory } = live;
  const { call, startedAt, maxForwards } = runner;
  const timers = runner.timers.due;
  // One that has had its last word is nobody's to go on with, or to end.
  const open = runner.legs.all().filter(({ name }) => call.legs.has(name));
  const legs = open.map(({ name, column, trunk: own, counted, port, anchor }): SavedLeg => {
    const endpoint = anchor?.anchor.handle ?? null;
    return { name, column, trunk: own, counted, handle: port.handle, endpoint };
  });
  return {
    ...{ call, channel: channel.id, caller, trunk, seq, transfer },
    ...{ startedAt, maxForwards, timers, legs, written, memory },
  };
}
