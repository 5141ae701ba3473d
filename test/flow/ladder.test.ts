import { afterEach, expect, it } from 'vitest';
import type { LadderEntry } from '../../src/ports/ladder.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, bridged, byed, hangsUp, talking, type Talking } from '../support/engine-flow.js';
import { sdp } from '../support/sip-phone/index.js';

describeServers('the ladder of a call', (server) => {
  let bench: EngineBench;

  afterEach(async () => {
    await bench.close();
  });

  const ladder = async ({ callId }: Talking): Promise<readonly LadderEntry[]> =>
    (await bench.engine.control.ladder(callId)) ?? [];

  /** `> BYE` of one column, without what the server answers by itself. */
  const column = async (call: Talking, leg: string): Promise<string[]> =>
    (await ladder(call))
      .filter((entry) => entry.leg === leg && !entry.text.startsWith('100'))
      .map(({ direction, text }) => `${direction === 'in' ? '<' : '>'} ${text}`);

  it('has a column of its own for whoever takes over from the agent', async () => {
    bench = await startEngineBench(server.backend, { policy: { referFromNetwork: 'allow' } });
    const call = await bridged(bench, false);
    const { target } = call;
    const pickup = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
    const dialog = `${target.callId};to-tag=${target.remoteTag};from-tag=${target.localTag}`;
    pickup.invite({ headers: [['Replaces', dialog]], body: sdp({ port: 62000, user: 'pickup' }) });
    pickup.ack(await pickup.expect(200));
    await byed(target);
    await accept(call.caller, 40000);
    await hangsUp(pickup);
    await byed(call.caller);
    await bench.settled();
    expect(await column(call, 'agent-1')).toEqual([
      '> INVITE',
      '< 180 Ringing',
      '< 200 OK (INVITE)',
      '> ACK',
      '> BYE',
      '< 200 OK (BYE)',
    ]);
    expect(await column(call, 'agent-2')).toEqual([
      '< INVITE',
      '> 200 OK (INVITE)',
      '< ACK',
      '< BYE',
      '> 200 OK (BYE)',
    ]);
    for (const leg of ['caller', 'agent-1', 'agent-2']) {
      const peers = (await ladder(call))
        .filter((entry) => entry.leg === leg && entry.peer !== null)
        .map(({ peer }) => peer);
      expect(new Set(peers).size, `${leg}: ${peers.join(' ')}`).toBe(1);
    }
  });

  it('shows what a NOTIFY said', async () => {
    bench = await startEngineBench(server.backend);
    const call = await talking(bench);
    await bench.transfer(call.callId, { method: 'refer' });
    const refer = await call.caller.expect('REFER');
    call.caller.respond(refer, 202);
    call.caller.notify('SIP/2.0 100 Trying', 'active;expires=60');
    await call.caller.expect('200 NOTIFY');
    call.caller.notify('SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    await call.caller.expect('200 NOTIFY');
    await bench.events.next('transfer.failed');
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
    const shown = (await column(call, 'caller')).filter((line) => line.startsWith('< NOTIFY'));
    expect(shown).toEqual(['< NOTIFY (100)', '< NOTIFY (486)']);
  });
});
