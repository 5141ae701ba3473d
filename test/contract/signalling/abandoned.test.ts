import { expect, it } from 'vitest';
import type { LegPort } from '../../../src/ports/signalling.js';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import type { PhoneCall } from '../../support/sip-phone/index.js';
import { Relay } from './relay.js';
import { Rig, type Told } from './rig.js';

interface Leg {
  readonly leg: LegPort;
  readonly told: Told;
  readonly call: PhoneCall;
}

const ROLES: readonly (readonly [string, (rig: Rig) => Promise<Leg>])[] = [
  ['a leg it dialled', (rig) => rig.talking()],
  ['a caller', (rig) => rig.answered()],
];

interface Taken {
  readonly leg: LegPort;
  readonly told: Told;
}

/** The leg in another process, whose session is not its own to refresh for a long time. */
async function taken(bench: Bench, { handle }: LegPort): Promise<Taken> {
  if (handle === null) throw new Error('the leg has no handle');
  const heir = await Rig.start(bench);
  const told = heir.told();
  const request = { handle, tap: told.tap, allows: heir.allows, auth: null };
  const leg = heir.signalling.resume(request, told.listener);
  await told.next('resumed');
  return { leg, told };
}

async function hangUp({ leg, told }: Taken, call: PhoneCall): Promise<void> {
  leg.bye([]);
  call.respond(await call.expect('BYE'), 200);
  await told.next('closed');
}

/** Legs of an engine that was only frozen: another one has taken them. */
describeServers('signalling: legs that another process has taken', (bench) => {
  it.each(ROLES)(
    '%s: is not hung up by whoever had it, whose link breaks and comes back',
    async (_what, up) => {
      const relay = await Relay.open(bench.backend.admin);
      const frozen = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
      const { leg, told, call } = await up(frozen);
      const heir = await taken(bench, leg);
      leg.abandon();
      relay.cut();
      await relay.mend();
      await until(() => frozen.links.includes('up'), 'the link is back');
      await sleep(200);
      expect(call.phone.received.filter(({ method }) => method === 'BYE')).toEqual([]);
      await hangUp(heir, call);
      await told.silent();
    },
  );

  it('is not refreshed by whoever had it (RFC 4028)', async () => {
    const rig = await Rig.start(bench, { sessionSecond: 5 });
    const { leg, told, invite, call } = await rig.called();
    const timer = [['Session-Expires', '90;refresher=uac'] as const, ['Require', 'timer'] as const];
    call.accept(invite, { headers: timer });
    await call.expect('ACK');
    await told.next('answered');
    const heir = await taken(bench, leg);
    leg.abandon();
    const before = call.phone.received.length;
    // Past the refresh, which comes after two fifths of the interval.
    await sleep(90 * 5);
    expect(call.phone.received).toHaveLength(before);
    await told.silent();
    await hangUp(heir, call);
  });

  it('a caller who rings: nothing is sent, nothing told', async () => {
    const rig = await Rig.start(bench, { provisional: 50 });
    const { leg, told, call } = await rig.calling();
    leg.abandon();
    const before = call.phone.received.length;
    await sleep(200);
    expect(call.phone.received).toHaveLength(before);
    expect(leg.handle).toBeNull();
    await told.silent();
    leg.reject(503, 'Service Unavailable', []);
    await sleep(50);
    expect(call.phone.received).toHaveLength(before);
  });
});
