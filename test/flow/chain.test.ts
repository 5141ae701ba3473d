import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, BOT_PORT, bridged, byed, hangsUp } from '../support/engine-flow.js';
import { at, connects, EVERYBODY_MAY, refers, rings, sipfrag, turnsDown } from '../support/refer-flow.js';
import type { PhoneCall } from '../support/sip-phone/index.js';

describeServers('a caller handed on again and again', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, EVERYBODY_MAY);
  });

  afterEach(async () => {
    await bench.close();
  });

  /** `from` has the caller, and hands it on to `user`. */
  async function handsOn(from: PhoneCall, user: string, caller: PhoneCall, port: number): Promise<PhoneCall> {
    await refers(from, at(bench, user));
    const next = await connects(bench, caller, port);
    expect(await sipfrag(from)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(from)).toBe('SIP/2.0 200 OK');
    await hangsUp(from);
    return next;
  }

  it('three hand-overs work, the fourth is a loop: the last NOTIFY is 482 and the third agent keeps the caller', async () => {
    const { caller, target: first } = await bridged(bench, false);
    const second = await handsOn(first, 'second', caller, 61000);
    const third = await handsOn(second, 'third', caller, 62000);
    const calledBefore = bench.target.count('INVITE');

    await refers(third, at(bench, 'fourth'));
    const last = await third.expect('NOTIFY');
    third.respond(last, 200);
    expect(last.body).toContain('SIP/2.0 482 Loop Detected');
    expect(last.need('subscription-state')).toMatch(/^terminated/);
    const failed = await bench.events.next('transfer.failed');
    expect(failed.data).toMatchObject({ outcome: 'loop', evidence: { decidedBy: 'policy', attempt: 0 } });
    expect(bench.target.count('INVITE')).toBe(calledBefore);

    await hangsUp(third);
    await byed(caller);
    await bench.settled();
    const outcomes = bench.events.all.flatMap((e) => ('transferStatus' in e.data ? [e.type] : []));
    expect(outcomes.toSorted()).toEqual([...Array<string>(3).fill('transfer.completed'), 'transfer.failed']);
  });

  it('the bot in between begins a new count', async () => {
    const { caller, bot, callId, target: first } = await bridged(bench, true);
    const second = await handsOn(first, 'second', caller, 61000);
    const third = await handsOn(second, 'third', caller, 62000);
    await hangsUp(third);
    await accept(bot, BOT_PORT);
    await accept(caller, 40000);
    await bench.events.next('transfer.returned');

    await bench.transfer(callId, { returnToBot: false });
    const fourth = await connects(bench, caller, 63000);
    await byed(bot);
    const fifth = await handsOn(fourth, 'fifth', caller, 64000);
    await hangsUp(caller);
    await byed(fifth);
    await bench.settled();
  });

  it('Referred-By goes with the transfer it came with, and never with the next one', async () => {
    const { caller, target: first } = await bridged(bench, false);
    const said = '<sip:first@agents.example>';
    await refers(first, at(bench, 'second'), { headers: [['Referred-By', said]] });
    const toSecond = await rings(bench);
    expect(toSecond.invite.need('referred-by')).toContain('sip:first@agents.example');
    await turnsDown(toSecond, 486);
    await bench.events.next('transfer.failed');
    expect([await sipfrag(first), await sipfrag(first)]).toEqual([
      'SIP/2.0 180 Ringing',
      'SIP/2.0 486 Busy Here',
    ]);

    await refers(first, at(bench, 'third'));
    const toThird = await rings(bench);
    expect(toThird.invite.get('referred-by')).toBeUndefined();
    await turnsDown(toThird, 486);
    expect(await bench.events.next('transfer.failed')).toMatchObject({ data: { outcome: 'busy' } });
    await hangsUp(caller);
    await byed(first);
    await bench.settled();
  });

  it('nor is it left over for the agent it led to', async () => {
    const { caller, target: first } = await bridged(bench, false);
    const headers = [['Referred-By', '<sip:first@agents.example>']] as const;
    await refers(first, at(bench, 'second'), { headers });
    const second = await connects(bench, caller, 61000);
    await bench.events.next('transfer.bridged');
    await hangsUp(first);

    await refers(second, at(bench, 'third'));
    const toThird = await rings(bench);
    expect(toThird.invite.get('referred-by')).toBeUndefined();
    await turnsDown(toThird, 603);
    await bench.events.next('transfer.failed');
    await hangsUp(caller);
    await byed(second);
    await bench.settled();
  });
});
