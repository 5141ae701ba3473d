import { afterEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import {
  channelOf,
  startEngineBench,
  type EngineBench,
  type EngineBenchOptions,
} from '../support/engine-bench.js';
import {
  accept,
  bridged,
  byed,
  hangsUp,
  talking,
  TARGET_PORT,
  verdict,
  type Talking,
} from '../support/engine-flow.js';
import { sdp, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

const ALLOWED: EngineBenchOptions = { policy: { referFromNetwork: 'allow' } };

describeServers('transfer asked for by REFER, BYE or Replaces', (server) => {
  let bench: EngineBench;
  const start = async (options: EngineBenchOptions = {}): Promise<void> => {
    bench = await startEngineBench(server.backend, options);
  };

  afterEach(async () => {
    await bench.close();
  });

  /** Sends REFER and takes the 202 and the first NOTIFY. */
  async function refers(party: PhoneCall, to = `<${bench.target.uri}>`): Promise<void> {
    party.refer(to);
    await party.expect(202);
    expect(await sipfrag(party)).toBe('SIP/2.0 100 Trying');
  }

  /** The next NOTIFY, answered. */
  async function sipfrag(party: PhoneCall): Promise<string> {
    const notify = await party.fresh('NOTIFY');
    party.respond(notify, 200);
    return notify.body.split('\r\n')[0] ?? '';
  }

  async function rings(): Promise<{ target: PhoneCall; invite: SipMessage }> {
    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.respond(invite, 180);
    return { target, invite };
  }

  async function answers({ caller }: Pick<Talking, 'caller'>, port = TARGET_PORT): Promise<PhoneCall> {
    const { target, invite } = await rings();
    target.accept(invite, { body: sdp({ port, user: 'target' }) });
    await target.expect('ACK');
    expect((await accept(caller, 40000)).body).toContain(`m=audio ${port}`);
    return target;
  }

  it('the bot: 202 at once, NOTIFY 180 and 200, then it leaves and the caller has the target', async () => {
    await start();
    const call = await talking(bench);
    await refers(call.bot);
    const { target, invite } = await rings();
    expect(await sipfrag(call.bot)).toBe('SIP/2.0 180 Ringing');
    target.accept(invite, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
    await target.expect('ACK');
    await accept(call.caller, 40000);
    await bench.events.next('transfer.bridged');
    expect(await sipfrag(call.bot)).toBe('SIP/2.0 200 OK');
    await hangsUp(call.bot);
    await hangsUp(target);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await byed(call.caller);
    await bench.settled();
  });

  it('a referrer that never hangs up is hung up on', async () => {
    await start();
    const call = await talking(bench);
    await refers(call.bot);
    const target = await answers(call);
    await sipfrag(call.bot);
    await sipfrag(call.bot);
    await byed(call.bot);
    await hangsUp(call.caller);
    await byed(target);
    await bench.settled();
  });

  it('busy: the last NOTIFY says so, and the caller is still with the bot', async () => {
    await start();
    const call = await talking(bench);
    await refers(call.bot);
    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.respond(invite, 486);
    await target.expect('ACK');
    const last = await call.bot.expect('NOTIFY');
    call.bot.respond(last, 200);
    expect(last.body).toContain('SIP/2.0 486 Busy Here');
    expect(last.need('subscription-state')).toMatch(/^terminated/);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy', next: 'stay' });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('the bot hangs up right behind its REFER: the target is dialled through', async () => {
    await start();
    const call = await talking(bench);
    call.bot.refer(`<${bench.target.uri}>`);
    call.bot.bye();
    const target = await answers(call);
    await bench.events.next('transfer.bridged');
    await hangsUp(call.caller);
    await byed(target);
    await bench.settled();
  });

  it('a BYE with X-Transfer-To is a transfer, its other X- headers travel on', async () => {
    await start();
    const call = await talking(bench);
    const headers = [
      ['X-Transfer-To', `<${bench.target.uri}>`],
      ['X-Ticket', '4711'],
    ] as const;
    call.bot.bye({ headers });
    await call.bot.expect(200);
    const { target, invite } = await rings();
    expect(invite.need('x-ticket')).toBe('4711');
    expect(invite.get('x-transfer-to')).toBeUndefined();
    target.accept(invite, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
    await target.expect('ACK');
    await accept(call.caller, 40000);
    await bench.events.next('transfer.bridged');
    await hangsUp(call.caller);
    await byed(target);
    await bench.settled();
  });

  it('an agent may not by default: 603, and nothing leaves', async () => {
    await start();
    const call = await bridged(bench, false);
    call.target.refer('<sip:other@127.0.0.1:9>');
    await call.target.expect(603);
    await hangsUp(call.caller);
    await byed(call.target);
    await bench.settled();
    expect(bench.events.types().filter((t) => t === 'transfer.requested')).toHaveLength(1);
  });

  it('an agent passes its caller on: two transfers, two verdicts', async () => {
    await start(ALLOWED);
    const call = await bridged(bench, false);
    await refers(call.target, `<${bench.target.uri.replace('target@', 'second@')}>`);
    const second = await answers(call, 63000);
    expect(await sipfrag(call.target)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(call.target)).toBe('SIP/2.0 200 OK');
    await bench.events.next('transfer.completed');
    await hangsUp(call.target);
    await hangsUp(call.caller);
    await byed(second);
    await bench.settled();
    expect(bench.events.types().filter((t) => t === 'transfer.completed')).toHaveLength(2);
  });

  it('an agent that fails to pass its caller on keeps it', async () => {
    await start(ALLOWED);
    const call = await bridged(bench, false);
    await refers(call.target, `<${bench.target.uri.replace('target@', 'second@')}>`);
    const { target, invite } = await rings();
    target.respond(invite, 603);
    await target.expect('ACK');
    expect(await sipfrag(call.target)).toBe('SIP/2.0 180 Ringing');
    expect(await sipfrag(call.target)).toBe('SIP/2.0 603 Status');
    await bench.events.next('transfer.failed');
    await hangsUp(call.target);
    await bench.events.next('transfer.completed');
    await byed(call.caller);
    await bench.settled();
  });

  it('attended: an agent with the caller here and a colleague there joins the two', async () => {
    const consult = { ...channelOf('consult'), match: { trunk: 'carrier', did: ['77'] } };
    await start({
      ...ALLOWED,
      channels: [{ ...consult, answer: { by: 'route', to: 'requestUri' } }],
    });
    const call = await bridged(bench, false);
    const { consulting, colleague } = await consults();
    const replaces = `${consulting.callId};to-tag=${consulting.remoteTag};from-tag=${consulting.localTag}`;
    call.target.refer(`<sip:77@127.0.0.1?Replaces=${encodeURIComponent(replaces)}>`);
    await call.target.expect(202);
    await sipfrag(call.target);
    await byed(consulting);
    expect((await accept(call.caller, 40000)).body).toContain('m=audio 61000');
    expect((await accept(colleague, 61000)).body).toContain('m=audio 40000');
    expect(await sipfrag(call.target)).toBe('SIP/2.0 200 OK');
    await hangsUp(call.target);
    await hangsUp(colleague);
    await byed(call.caller);
    await bench.settled();
  });

  it('Replaces of a dialog that is not there: 481', async () => {
    await start(ALLOWED);
    const call = await bridged(bench, false);
    const invite = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
    invite.invite({ headers: [['Replaces', 'nobody@nowhere;to-tag=1;from-tag=2']] });
    invite.ack(await invite.expect(481));
    await hangsUp(call.caller);
    await byed(call.target);
    await bench.settled();
  });

  it('INVITE with Replaces takes over from the agent', async () => {
    await start(ALLOWED);
    const call = await bridged(bench, false);
    const pickup = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
    const { target } = call;
    const dialog = `${target.callId};to-tag=${target.remoteTag};from-tag=${target.localTag}`;
    pickup.invite({ headers: [['Replaces', dialog]], body: sdp({ port: 62000, user: 'pickup' }) });
    const answer = await pickup.expect(200);
    expect(answer.body).toContain('m=audio 40000');
    pickup.ack(answer);
    await byed(target);
    expect((await accept(call.caller, 40000)).body).toContain('m=audio 62000');
    await hangsUp(pickup);
    await byed(call.caller);
    await bench.settled();
  });

  /** The agent rings a colleague through us, who answers. */
  async function consults(): Promise<{ consulting: PhoneCall; colleague: PhoneCall }> {
    const consulting = bench.target.call(bench.backend.sip(), { to: '77' });
    consulting.invite({ body: sdp({ port: 60500, user: 'agent' }) });
    const invite = await bench.target.expect('INVITE');
    const colleague = bench.target.answering(invite);
    colleague.accept(invite, { body: sdp({ port: 61000, user: 'colleague' }) });
    await colleague.expect('ACK');
    const answer = await consulting.expect(200);
    expect(answer.body).toContain('m=audio 61000');
    consulting.ack(answer);
    return { consulting, colleague };
  }
});
