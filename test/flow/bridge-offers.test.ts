import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  bridged,
  BOT_PORT,
  byed,
  hangsUp,
  ringing,
  TARGET_PORT,
  type Ringing,
} from '../support/engine-flow.js';
import { picksUp } from '../support/refer-flow.js';
import { sdp, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

const CALLER_PORT = 40000;

type Side = 'caller' | 'target';

const OTHER: Readonly<Record<Side, Side>> = { caller: 'target', target: 'caller' };
const PORT: Readonly<Record<Side, number>> = { caller: CALLER_PORT, target: TARGET_PORT };

describeServers('offers inside a bridge', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend);
  });

  afterEach(async () => {
    await bench.close();
  });

  const finalTo = (party: PhoneCall, request: SipMessage): Promise<SipMessage> =>
    party.expect((m) => m.status >= 200 && m.cseq === request.cseq && m.cseqMethod === request.method);

  const acknowledges = (party: PhoneCall, final: SipMessage, body = ''): void => {
    party.send('ACK', { cseq: final.cseq, body });
  };

  async function over({ caller, target }: Ringing): Promise<void> {
    await hangsUp(caller);
    await byed(target);
    await bench.settled();
  }

  for (const side of ['caller', 'target'] as const) {
    it(`${side}: a late offer gets the other side's media, and what its ACK answers is told the other side`, async () => {
      const call = await bridged(bench, false);
      const [party, other] = [call[side], call[OTHER[side]]];
      const offerless = party.send('INVITE', { body: '' });
      const offer = await finalTo(party, offerless);
      expect([offer.status, offer.body.includes(`m=audio ${PORT[OTHER[side]]}`)]).toEqual([200, true]);
      acknowledges(party, offer, sdp({ port: 47000, version: 2 }));
      expect((await accept(other, PORT[OTHER[side]])).body).toContain('m=audio 47000');
      await over(call);
    });

    it(`${side}: UPDATE with an offer is carried to the other side, its answer comes back`, async () => {
      const call = await bridged(bench, false);
      const [party, other] = [call[side], call[OTHER[side]]];
      const update = party.send('UPDATE', { body: sdp({ port: 47000, direction: 'sendonly', version: 2 }) });
      const told = await other.expect('INVITE');
      expect([told.body.includes('m=audio 47000'), told.body.includes('a=sendonly')]).toEqual([true, true]);
      const answer = sdp({ port: PORT[OTHER[side]], direction: 'recvonly', version: 2 });
      other.accept(told, { body: answer });
      await other.expect('ACK');
      const agreed = await finalTo(party, update);
      expect([agreed.status, agreed.body.includes('a=recvonly')]).toEqual([200, true]);
      expect(agreed.body).toContain(`m=audio ${PORT[OTHER[side]]}`);
      await over(call);
    });

    it(`${side}: UPDATE the other side refuses is refused alike, and nothing has changed`, async () => {
      const call = await bridged(bench, false);
      const [party, other] = [call[side], call[OTHER[side]]];
      const update = party.send('UPDATE', { body: sdp({ port: 47000, codecs: [8], version: 2 }) });
      const told = await other.expect('INVITE');
      other.respond(told, 488);
      await other.expect('ACK');
      expect((await finalTo(party, update)).status).toBe(488);
      const refresh = party.send('UPDATE');
      expect((await finalTo(party, refresh)).status).toBe(200);
      await over(call);
      expect(other.take('INVITE')).toBeUndefined();
    });
  }

  it('UPDATEs of both sides at once: one goes on at most, and the bridge works on', async () => {
    const call = await bridged(bench, false);
    const { caller, target } = call;
    const first = caller.send('UPDATE', { body: sdp({ port: 47000, version: 2 }) });
    const second = target.send('UPDATE', { body: sdp({ port: 62000, version: 2 }) });
    const relayed = await target.expect('INVITE');
    expect(relayed.body).toContain('m=audio 47000');
    expect((await finalTo(target, second)).status).toBe(491);
    target.accept(relayed, { body: sdp({ port: TARGET_PORT, version: 3 }) });
    await target.expect('ACK');
    expect((await finalTo(caller, first)).status).toBe(200);
    const again = target.send('UPDATE', { body: sdp({ port: 62000, version: 4 }) });
    expect((await accept(caller, 47000)).body).toContain('m=audio 62000');
    expect((await finalTo(target, again)).status).toBe(200);
    await over(call);
  });

  it('UPDATE crosses the re-INVITE that moves the caller: 491, and the caller is moved', async () => {
    const call = await ringing(bench);
    await picksUp(call);
    const ours = await call.caller.expect('INVITE');
    const update = call.caller.send('UPDATE', { body: sdp({ port: 47000, version: 2 }) });
    expect((await finalTo(call.caller, update)).status).toBe(491);
    call.caller.accept(ours, { body: sdp({ port: CALLER_PORT, version: 2 }) });
    await call.caller.expect('ACK');
    await bench.events.next('transfer.bridged');
    await byed(call.bot);
    await over(call);
  });

  for (const [what, method, body] of [
    ['re-INVITE', 'INVITE', sdp({ user: 'caller' })],
    ['UPDATE', 'UPDATE', ''],
  ] as const) {
    it(`a session refresh by ${what} while the target rings disturbs nobody`, async () => {
      const call = await ringing(bench);
      const before = [bench.bot.received.length, bench.target.received.length];
      for (const party of [call.caller, call.bot]) {
        const own = party === call.bot ? sdp({ port: BOT_PORT, user: 'bot' }) : body;
        const refresh = party.send(method, { body: body === '' ? '' : own });
        const answer = await finalTo(party, refresh);
        expect(answer.status).toBe(200);
        if (method === 'INVITE') acknowledges(party, answer);
      }
      const heard = bench.bot.received.slice(before[0]).filter((m) => m.isRequest);
      expect([heard, bench.target.received.slice(before[1])]).toEqual([[], []]);
      await picksUp(call);
      expect((await accept(call.caller, CALLER_PORT)).body).toContain(`m=audio ${TARGET_PORT}`);
      await bench.events.next('transfer.bridged');
      await byed(call.bot);
      await over(call);
    });
  }

  it('a re-INVITE that crosses our BYE: 481, and the dialog ends', async () => {
    const call = await bridged(bench, false);
    await hangsUp(call.target);
    const bye = await call.caller.expect('BYE');
    const reinvite = call.caller.invite({ body: sdp({ port: 47000, version: 2 }) });
    const refused = await finalTo(call.caller, reinvite);
    expect(refused.status).toBe(481);
    call.caller.ack(refused);
    call.caller.respond(bye, 200);
    await bench.settled();
  });

  it("the caller's BYE crosses the re-INVITE that moves it, which it still answers: nobody is left", async () => {
    const call = await ringing(bench);
    await picksUp(call);
    const ours = await call.caller.expect('INVITE');
    call.caller.bye();
    call.caller.accept(ours, { body: sdp({ port: CALLER_PORT, version: 2 }) });
    await call.caller.expect('200 BYE');
    await byed(call.target);
    await byed(call.bot);
    const failed = await bench.events.next('transfer.failed');
    expect(failed.data).toMatchObject({ outcome: 'caller_hangup', transferStatus: { hangup: true } });
    await bench.settled();
  });

  it('the ACK of a re-INVITE of theirs is lost: the bridge stands, and what comes behind it is heard', async () => {
    const call = await bridged(bench, false);
    const hold = call.caller.invite({ body: sdp({ port: CALLER_PORT, direction: 'sendonly', version: 2 }) });
    await accept(call.target, TARGET_PORT);
    const held = await finalTo(call.caller, hold);
    // A drachtio-server sends the 2xx of a re-INVITE once; ours repeats it (RFC 3261 13.3.1.4).
    if (!server.real) expect((await finalTo(call.caller, hold)).raw.equals(held.raw)).toBe(true);
    const resume = call.caller.invite({ body: sdp({ port: 47000, version: 3 }) });
    expect((await accept(call.target, TARGET_PORT)).body).toContain('m=audio 47000');
    const resumed = await finalTo(call.caller, resume);
    acknowledges(call.caller, held);
    acknowledges(call.caller, resumed);
    await over(call);
  });
});
