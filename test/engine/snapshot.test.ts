import { describe, expect, it } from 'vitest';
import { NOTHING_TOLD } from '../../src/domain/call-memory.js';
import type { Call } from '../../src/domain/call.js';
import type { DialTarget, TransferPlan } from '../../src/domain/plan.js';
import { decodeSnapshot, encodeSnapshot } from '../../src/engine/snapshot/codec.js';
import type { EndpointHandle } from '../../src/ports/media.js';
import type { DialogHandle } from '../../src/ports/signalling.js';
import type { Snapshot } from '../../src/engine/snapshot/snapshot.js';
import { randomPlan } from '../simulation/plans.js';
import { Prng } from '../simulation/prng.js';
import { play } from '../simulation/schedule.js';
import { REAL } from '../simulation/world.js';

const AUTH = { username: 'user', password: 's3cret' };
const authOf = (trunk: string | null): DialTarget['auth'] => (trunk === 'carrier' ? AUTH : null);

const snapshotOf = (call: Call): Snapshot => ({
  ...{ call, channel: 'line', trunk: 'carrier', seq: 7, transfer: null, startedAt: 12, maxForwards: 69 },
  caller: { user: '+1612', display: null, dialled: '1800', hidden: true },
  timers: [{ timer: 'ring', at: 1_700_000_000_000 }],
  legs: [
    {
      ...{ name: 'bot', column: 'agent-1', trunk: null, counted: false },
      ...{ handle: 'h' as DialogHandle, endpoint: 'e' as EndpointHandle },
    },
  ],
  written: { account: null, transfers: { records: [], missed: [] } },
  memory: NOTHING_TOLD,
});

/** Every call the simulation came by, in every phase. */
function callsOf(seeds: number): Call[] {
  const calls: Call[] = [];
  const step: typeof REAL.step = (call, event) => {
    const result = REAL.step(call, event);
    calls.push(result.next);
    return result;
  };
  for (let seed = 1; seed <= seeds; seed += 1) play(seed, { ...REAL, step });
  return calls;
}

const dialling = (): Call => {
  const call = callsOf(300).find(({ state }) => state.phase === 'dialling');
  if (call?.state.phase !== 'dialling') throw new Error('no call dials in 300 schedules');
  const plan = withAuth(randomPlan(new Prng(3), 1, 'direct'));
  return { ...call, state: { ...call.state, transfer: { ...call.state.transfer, plan } } };
};

/** As the planner makes it: every request by a trunk with that trunk's credentials. */
const withAuth = (plan: TransferPlan): TransferPlan =>
  JSON.parse(
    JSON.stringify(plan, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && 'auth' in value && 'trunk' in value
        ? { ...value, auth: authOf(value.trunk as string | null) }
        : value,
    ),
  ) as TransferPlan; // the same shape, written and read

describe('a snapshot', () => {
  it('is read as it was written, whatever the call is like', () => {
    const calls = callsOf(400);
    expect(new Set(calls.map(({ state }) => state.phase)).size).toBeGreaterThan(11);
    for (const call of calls) {
      const read = decodeSnapshot(encodeSnapshot(snapshotOf(call)), () => null);
      expect(read).toEqual({ readable: true, snapshot: snapshotOf(call) });
    }
  });

  it('has no credentials of a trunk in it, and gets them back from the configuration', () => {
    const snapshot = snapshotOf(dialling());
    const text = encodeSnapshot(snapshot);
    expect(text).not.toContain(AUTH.password);
    expect(JSON.stringify(snapshot.call.state)).toContain(AUTH.password);
    expect(decodeSnapshot(text, authOf)).toEqual({ readable: true, snapshot });
  });

  it('of another version says who was told, and up to which event', () => {
    const text = encodeSnapshot(snapshotOf(dialling())).replace('"version":1', '"version":2');
    expect(decodeSnapshot(text, authOf)).toEqual({
      readable: false,
      remains: { channel: 'line', seq: 7, handles: ['h'], endpoints: ['e'] },
    });
  });

  it.each(['', 'null', '[]', '{"version":0}', '{"version":1', '"text"'])(
    'that is %j is no snapshot',
    (text) => {
      expect(decodeSnapshot(text, authOf)).toEqual({
        readable: false,
        remains: { channel: null, seq: null, handles: [], endpoints: [] },
      });
    },
  );
});
