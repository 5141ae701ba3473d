import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  BOT_PORT,
  bridged,
  byed,
  hangsUp,
  ringing,
  talking,
  TARGET_PORT,
} from '../support/engine-flow.js';
import { at, EVERYBODY_MAY, picksUp, refers, rings, sipfrag, turnsDown } from '../support/refer-flow.js';
import { sdp, type PhoneCall, type SdpOptions } from '../support/sip-phone/index.js';

type Direction = NonNullable<SdpOptions['direction']>;

const ANSWERING: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** A party of the call, and the port its media comes to. */
interface Party {
  readonly call: PhoneCall;
  readonly port: number;
}

describeServers('hold, and REFER behind it', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, EVERYBODY_MAY);
  });

  afterEach(async () => {
    await bench.close();
  });

  /** `who` re-INVITEs with this direction; `whom` is told, answers, and its answer comes back. */
  async function turns(who: Party, whom: Party, direction: Direction, version: number): Promise<void> {
    who.call.send('INVITE', { body: sdp({ port: who.port, direction, version }) });
    const told = await whom.call.expect('INVITE');
    expect(told.body).toContain(`m=audio ${who.port}`);
    expect(told.body).toContain(`a=${direction}`);
    const answer = ANSWERING[direction];
    whom.call.accept(told, { body: sdp({ port: whom.port, direction: answer, version: told.cseq }) });
    await whom.call.expect('ACK');
    const agreed = await who.call.expect('200 INVITE');
    expect(agreed.body).toContain(`a=${answer}`);
    who.call.send('ACK', { cseq: agreed.cseq });
  }

  async function over(party: PhoneCall, other: PhoneCall): Promise<void> {
    await hangsUp(party);
    await byed(other);
    await bench.settled();
  }

  it('the bot holds its caller and refers it: the target and the caller hear each other in full', async () => {
    const { caller, bot } = await talking(bench);
    await turns({ call: bot, port: BOT_PORT }, { call: caller, port: 40000 }, 'sendonly', 2);
    await refers(bot, bench.target.uri);
    const rung = await rings(bench);
    expect(rung.invite.body).toContain('a=sendrecv');
    await picksUp(rung);
    const moved = await accept(caller, 40000);
    expect([moved.body.includes(`m=audio ${TARGET_PORT}`), moved.body.includes('a=sendrecv')]).toEqual([
      true,
      true,
    ]);
    await bench.events.next('transfer.bridged');
    expect([await sipfrag(bot), await sipfrag(bot)]).toEqual(['SIP/2.0 180 Ringing', 'SIP/2.0 200 OK']);
    await hangsUp(bot);
    await over(caller, rung.target);
  });

  it('the agent holds its caller and refers it', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    await turns({ call: agent, port: TARGET_PORT }, { call: caller, port: 40000 }, 'sendonly', 2);
    await refers(agent, at(bench, 'second'));
    const rung = await rings(bench);
    expect(rung.invite.body).toContain('a=sendrecv');
    await picksUp(rung, 61000);
    const moved = await accept(caller, 40000);
    expect([moved.body.includes('m=audio 61000'), moved.body.includes('a=sendrecv')]).toEqual([true, true]);
    await bench.events.next('transfer.bridged');
    await hangsUp(agent);
    await over(caller, rung.target);
  });

  it('the caller holds the bot and refers it: whoever it names sits in its place', async () => {
    const { caller, bot } = await talking(bench);
    await turns({ call: caller, port: 40000 }, { call: bot, port: BOT_PORT }, 'sendonly', 2);
    await refers(caller, bench.target.uri);
    const rung = await rings(bench);
    expect(rung.invite.body).toContain(`m=audio ${BOT_PORT}`);
    expect(rung.invite.body).toContain('a=sendrecv');
    await picksUp(rung);
    const moved = await accept(bot, BOT_PORT);
    expect([moved.body.includes(`m=audio ${TARGET_PORT}`), moved.body.includes('a=sendrecv')]).toEqual([
      true,
      true,
    ]);
    expect(await sipfrag(caller)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(caller)).toBe('SIP/2.0 200 OK');
    await hangsUp(caller);
    await over(rung.target, bot);
  });

  it('the caller holds its agent and refers it', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    await turns({ call: caller, port: 40000 }, { call: agent, port: TARGET_PORT }, 'inactive', 2);
    await refers(caller, at(bench, 'second'));
    const rung = await rings(bench);
    await picksUp(rung, 61000);
    const moved = await accept(agent, TARGET_PORT);
    expect([moved.body.includes('m=audio 61000'), moved.body.includes('a=sendrecv')]).toEqual([true, true]);
    expect(await sipfrag(caller)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(caller)).toBe('SIP/2.0 200 OK');
    await hangsUp(caller);
    await over(rung.target, agent);
  });

  it('a transfer behind a hold fails: the caller is still held, and taken off hold as if nothing had been', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const [holder, held] = [
      { call: agent, port: TARGET_PORT },
      { call: caller, port: 40000 },
    ];
    await turns(holder, held, 'sendonly', 2);
    await refers(agent, at(bench, 'second'));
    await turnsDown(await rings(bench), 486);
    expect(await sipfrag(agent)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(agent)).toBe('SIP/2.0 486 Busy Here');
    await bench.events.next('transfer.failed');
    expect(caller.take('INVITE')).toBeUndefined();
    await turns(holder, held, 'sendrecv', 3);
    await over(caller, agent);
  });

  it('right after the NOTIFY of the failure the referrer re-INVITEs', async () => {
    const { caller, bot } = await talking(bench);
    await refers(bot, bench.target.uri);
    const rung = await rings(bench);
    rung.target.respond(rung.invite, 486);
    expect(await sipfrag(bot)).toBe('SIP/2.0 180 Ringing');
    expect((await bot.expect('NOTIFY')).body).toContain('SIP/2.0 486');
    await turns({ call: bot, port: 51000 }, { call: caller, port: 40000 }, 'sendrecv', 2);
    await over(caller, bot);
  });

  it('the caller holds the bot while the target rings: it stays on hold with the target until it comes back', async () => {
    const call = await ringing(bench);
    const holding = { call: call.caller, port: 40000 };
    await turns(holding, { call: call.bot, port: BOT_PORT }, 'sendonly', 2);
    await picksUp(call);
    const moved = await call.caller.expect('INVITE');
    expect(moved.body).toContain(`m=audio ${TARGET_PORT}`);
    call.caller.accept(moved, { body: sdp({ port: 40000, direction: 'sendonly', version: 3 }) });
    await call.caller.expect('ACK');
    const told = await call.target.expect('INVITE');
    expect(told.body).toContain('a=sendonly');
    call.target.accept(told, { body: sdp({ port: TARGET_PORT, direction: 'recvonly', version: 2 }) });
    await call.target.expect('ACK');
    await bench.events.next('transfer.bridged');
    await byed(call.bot);
    await turns(holding, { call: call.target, port: TARGET_PORT }, 'sendrecv', 4);
    await over(call.caller, call.target);
  });

  it('hold as phones of old do it, with c=0.0.0.0, reaches the other side, and so does its end', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const oldHold = sdp({ port: 40000, version: 2 }).replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0');
    caller.invite({ body: oldHold });
    const told = await agent.expect('INVITE');
    expect(told.body).toMatch(/^c=IN IP4 0\.0\.0\.0/m);
    agent.accept(told, { body: sdp({ port: TARGET_PORT, direction: 'recvonly', version: 2 }) });
    await agent.expect('ACK');
    caller.ack(await caller.expect(200));
    await turns({ call: caller, port: 40000 }, { call: agent, port: TARGET_PORT }, 'sendrecv', 3);
    await over(caller, agent);
  });
});
