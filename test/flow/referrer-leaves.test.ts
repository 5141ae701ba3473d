import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, bridged, byed, hangsUp, talking, verdict } from '../support/engine-flow.js';
import { at, EVERYBODY_MAY, picksUp, refers, rings, sipfrag, turnsDown } from '../support/refer-flow.js';
import type { PhoneCall } from '../support/sip-phone/index.js';

const SECOND_PORT = 61000;

interface Party {
  readonly caller: PhoneCall;
  readonly referrer: PhoneCall;
}

describeServers('the referrer hangs up', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, EVERYBODY_MAY);
  });

  afterEach(async () => {
    await bench.close();
  });

  const parties: readonly (readonly [string, () => Promise<Party>])[] = [
    [
      'the bot',
      async () => {
        const { caller, bot } = await talking(bench);
        return { caller, referrer: bot };
      },
    ],
    [
      'an agent',
      async () => {
        const { caller, target } = await bridged(bench, false);
        return { caller, referrer: target };
      },
    ],
  ];

  const outcomes = (): string[] =>
    bench.events.all.flatMap((e) =>
      'transferStatus' in e.data && 'outcome' in e.data ? [e.data.outcome] : [],
    );

  for (const [who, start] of parties) {
    // The numbers of the field study: at once, as phones do, and long after.
    for (const ms of [0, 280, 5000]) {
      it(`${who}, ${ms} ms behind the 202: the target still gets the caller, who is never alone for longer than it rings`, async () => {
        const { caller, referrer } = await start();
        await refers(referrer, at(bench, 'second'));
        const rung = await rings(bench);
        await wait(ms);
        await hangsUp(referrer);
        await picksUp(rung, SECOND_PORT);
        expect((await accept(caller, 40000)).body).toContain(`m=audio ${SECOND_PORT}`);
        await bench.events.next('transfer.bridged');
        await hangsUp(rung.target);
        await byed(caller);
        await bench.settled();
        expect(new Set(outcomes())).toEqual(new Set(['answered']));
      });
    }

    it(`${who}, before its REFER has been answered: both arrive at once, the target still gets the caller`, async () => {
      const { caller, referrer } = await start();
      const refer = referrer.refer(`<${at(bench, 'second')}>`);
      const bye = referrer.bye();
      const answerTo = async (cseq: number): Promise<number> =>
        (await referrer.expect((m) => m.cseq === cseq && m.status >= 200)).status;
      expect(await answerTo(bye.cseq)).toBe(200);
      // A drachtio-server answers what is open when the dialog ends with 500 of its own: the transfer goes on all the same.
      expect(await answerTo(refer.cseq)).toBe(server.real ? 500 : 202);
      const rung = await rings(bench);
      await picksUp(rung, SECOND_PORT);
      await accept(caller, 40000);
      await bench.events.next('transfer.bridged');
      await hangsUp(caller);
      await byed(rung.target);
      await bench.settled();
    });

    it(`${who}, its BYE overtakes its REFER: the call ends, nobody is called`, async () => {
      const { caller, referrer } = await start();
      const before = bench.target.count('INVITE');
      const refer = referrer.build('REFER', { headers: [['Refer-To', `<${at(bench, 'second')}>`]] });
      await hangsUp(referrer);
      // A drachtio-server leaves a REFER without a dialog unanswered, and shows it to nobody; so does ours.
      referrer.resend(refer);
      await byed(caller);
      await bench.settled();
      expect(bench.target.count('INVITE')).toBe(before);
    });

    it(`${who}, and the target refuses: nobody is left for the caller, who is hung up on`, async () => {
      const { caller, referrer } = await start();
      await refers(referrer, at(bench, 'second'));
      const rung = await rings(bench);
      await hangsUp(referrer);
      await turnsDown(rung, 486);
      await byed(caller);
      const failed = await bench.events.next('transfer.failed');
      expect(failed.data).toMatchObject({ outcome: 'busy', transferStatus: { hangup: false } });
      await bench.settled();
    });

    it(`${who}, in the moment the target answers: it is told 200 or nothing, the caller has its target`, async () => {
      const { caller, referrer } = await start();
      await refers(referrer, at(bench, 'second'));
      const rung = await rings(bench);
      expect(await sipfrag(referrer)).toBe('SIP/2.0 180 Ringing');
      await picksUp(rung, SECOND_PORT);
      const moved = await caller.expect('INVITE');
      expect(moved.body).toContain(`m=audio ${SECOND_PORT}`);
      await hangsUp(referrer);
      caller.accept(moved);
      await caller.expect('ACK');
      await bench.events.next('transfer.bridged');
      await hangsUp(caller);
      await byed(rung.target);
      await bench.settled();
    });
  }

  it('an agent of a bot that is parked, and the target refuses: the caller is back with the bot', async () => {
    const { caller, bot, target: agent } = await bridged(bench, true);
    await refers(agent, at(bench, 'second'));
    const rung = await rings(bench);
    await hangsUp(agent);
    await accept(bot, 50000);
    await accept(caller, 40000);
    await turnsDown(rung, 486);
    expect((await bench.events.next('transfer.failed')).data).toMatchObject({ outcome: 'busy' });
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
  });

  it('the caller that is handed on hangs up: the target is cancelled, the referrer told and let go', async () => {
    const { caller, bot } = await talking(bench);
    await refers(bot, bench.target.uri);
    const { target, invite } = await rings(bench);
    expect(await sipfrag(bot)).toBe('SIP/2.0 180 Ringing');
    await hangsUp(caller);
    target.respond(await target.expect('CANCEL'), 200);
    target.respond(invite, 487);
    await target.expect('ACK');
    expect(await sipfrag(bot)).toMatch(/^SIP\/2\.0 [3-6]\d\d /);
    await byed(bot);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'caller_hangup', hangup: true });
    await bench.settled();
  });
});
