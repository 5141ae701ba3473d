import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  COLLEAGUE_PORT,
  consults,
  CONSULTING,
  dialogOf,
  letGo,
  replacing,
  talksTo,
} from '../support/consultation.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  BOT_PORT,
  bridged,
  byed,
  cancelled,
  hangsUp,
  verdict,
  type Ringing,
} from '../support/engine-flow.js';
import { picksUp, refers, sipfrag, turnsDown } from '../support/refer-flow.js';
import { sdp, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

describeServers('somebody hangs up in a routed call, or in an attended transfer', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, CONSULTING);
  });

  afterEach(async () => {
    await bench.close();
  });

  it('the caller of a routed call, ringing, by BYE in the early dialog', async () => {
    const { consulting, colleague } = await consults(bench, bench.caller);
    consulting.bye();
    const finalOf = (method: string): Promise<SipMessage> =>
      consulting.expect((m) => m.cseqMethod === method && m.status >= 200);
    const [bye, invite] = [await finalOf('BYE'), await finalOf('INVITE')];
    consulting.ack(invite);
    // RFC 3261 15.1.2. A drachtio-server answers by itself and tells nobody: it shows when the target answers.
    expect([bye.status, invite.status]).toEqual(server.real ? [481, 500] : [200, 487]);
    if (server.real) {
      await picksUp(colleague, COLLEAGUE_PORT);
      await byed(colleague.target);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', hangup: true });
    } else {
      await cancelled(colleague.target, colleague.invite);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({
        outcome: 'caller_hangup',
        hangup: true,
      });
    }
    await bench.settled();
  });

  it('the target of a routed call, ringing: the caller gets its refusal', async () => {
    const { consulting, colleague } = await consults(bench, bench.caller);
    await turnsDown(colleague, 480);
    consulting.ack(await consulting.expect('480 INVITE'));
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'no_answer', hangup: false });
    await bench.settled();
  });

  it('the caller of a routed call cancels in the moment the target answers: nobody keeps a leg', async () => {
    const { consulting, colleague } = await consults(bench, bench.caller);
    consulting.cancel();
    colleague.target.accept(colleague.invite, { body: sdp({ port: COLLEAGUE_PORT }) });
    const final = await consulting.expect((m) => m.cseqMethod === 'INVITE' && m.status >= 200);
    consulting.ack(final);
    // Whoever was first: 487 and no call, or 200 and a call the caller still has to end.
    if (final.status === 200) await hangsUp(consulting);
    await byed(colleague.target);
    await bench.settled();
  });

  for (const who of ['caller', 'target'] as const) {
    it(`the ${who} of a routed call, in conversation`, async () => {
      const consultation = await consults(bench, bench.caller);
      await talksTo(consultation);
      await bench.events.next('transfer.bridged');
      const { consulting, colleague } = consultation;
      const [leaves, stays] =
        who === 'caller' ? [consulting, colleague.target] : [colleague.target, consulting];
      await hangsUp(leaves);
      await byed(stays);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({
        outcome: 'answered',
        hangup: who === 'caller',
      });
      await bench.settled();
    });
  }

  interface Moving extends Ringing {
    readonly colleague: PhoneCall;
    /** The caller's re-INVITE towards the colleague. */
    readonly offer: SipMessage;
  }

  /** An agent has joined its two calls, and the caller has not answered its re-INVITE yet. */
  async function moving(returnToBot = false): Promise<Moving> {
    const call = await bridged(bench, returnToBot);
    const consultation = await consults(bench, bench.target);
    await talksTo(consultation);
    await refers(call.target, replacing(dialogOf(consultation.consulting)));
    await byed(consultation.consulting);
    const offer = await call.caller.expect('INVITE');
    expect(offer.body).toContain(`m=audio ${COLLEAGUE_PORT}`);
    return { ...call, colleague: consultation.colleague.target, offer };
  }

  const outcomesOf = ({ callId }: Ringing): unknown[] =>
    bench.events
      .of(callId)
      .flatMap((e) => ('transferStatus' in e.data && 'outcome' in e.data ? [[e.type, e.data.outcome]] : []));

  it('the caller, while it is joined with the colleague: everybody is let go and told', async () => {
    const call = await moving();
    await hangsUp(call.caller);
    await byed(call.colleague);
    expect(await sipfrag(call.target)).toMatch(/^SIP\/2\.0 [3-6]\d\d /);
    await byed(call.target);
    await bench.settled();
    expect(outcomesOf(call)).toEqual([
      ['transfer.failed', 'caller_hangup'],
      ['transfer.completed', 'answered'],
    ]);
  });

  it('the colleague, while the caller is joined with it: the agent is told, and has its caller again', async () => {
    const call = await moving();
    await hangsUp(call.colleague);
    call.caller.accept(call.offer, { body: sdp({ port: 40000, version: 2 }) });
    await call.caller.expect('ACK');
    expect((await accept(call.caller, 40000)).body).toContain('m=audio 60000');
    expect(await sipfrag(call.target)).toMatch(/^SIP\/2\.0 [3-6]\d\d /);
    await hangsUp(call.target);
    await byed(call.caller);
    await bench.settled();
    expect(outcomesOf(call)).toEqual([
      ['transfer.failed', 'declined'],
      ['transfer.completed', 'answered'],
    ]);
  });

  it('the agent, while it joins its two calls: they are joined all the same', async () => {
    const call = await moving();
    await hangsUp(call.target);
    call.caller.accept(call.offer, { body: sdp({ port: 40000, version: 2 }) });
    await call.caller.expect('ACK');
    await accept(call.colleague, COLLEAGUE_PORT);
    await hangsUp(call.caller);
    await byed(call.colleague);
    await bench.settled();
    expect(outcomesOf(call)).toEqual([
      ['transfer.completed', 'answered'],
      ['transfer.completed', 'answered'],
    ]);
  });

  it('the parked bot, while an agent joins its two calls: they are joined all the same', async () => {
    const call = await moving(true);
    await hangsUp(call.bot);
    call.caller.accept(call.offer, { body: sdp({ port: 40000, version: 2 }) });
    await call.caller.expect('ACK');
    await accept(call.colleague, COLLEAGUE_PORT);
    await bench.events.next('transfer.bridged');
    expect(await sipfrag(call.target)).toBe('SIP/2.0 200 OK');
    await hangsUp(call.target);
    await hangsUp(call.colleague);
    await byed(call.caller);
    await bench.settled();
  });

  it('agent and colleague, one after the other: the caller is back with the bot that is parked', async () => {
    const call = await moving(true);
    await hangsUp(call.target);
    await hangsUp(call.colleague);
    call.caller.accept(call.offer, { body: sdp({ port: 40000, version: 2 }) });
    await call.caller.expect('ACK');
    await accept(call.bot, BOT_PORT);
    expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${BOT_PORT}`);
    await bench.events.next('transfer.returned');
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('the caller, while the colleague of a blonde transfer rings: it is cancelled, the agent told', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.target);
    await refers(agent, replacing(dialogOf(consulting)));
    await letGo(consulting);
    await hangsUp(caller);
    await cancelled(colleague.target, colleague.invite);
    expect(await sipfrag(agent)).toMatch(/^SIP\/2\.0 [3-6]\d\d /);
    await byed(agent);
    await bench.settled();
  });

  it('the one who consults, before it joins anything: each of its calls goes on or ends by itself', async () => {
    const { caller, target: agent } = await bridged(bench, false);
    const { consulting, colleague } = await consults(bench, bench.target);
    await hangsUp(agent);
    await byed(caller);
    await picksUp(colleague, COLLEAGUE_PORT);
    consulting.ack(await consulting.expect('200 INVITE'));
    await hangsUp(consulting);
    await byed(colleague.target);
    await bench.settled();
  });
});
