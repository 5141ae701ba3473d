import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, bridged, byed, hangsUp, ringing, talking, TARGET_PORT } from '../support/engine-flow.js';
import { sdp, type PhoneCall } from '../support/sip-phone/index.js';

describe('re-INVITEs that meet', () => {
  let backend: Backend;
  let bench: EngineBench;

  beforeEach(async () => {
    backend = await startEmbedded();
    bench = await startEngineBench(backend);
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  async function goodbye(caller: PhoneCall, ...others: PhoneCall[]): Promise<void> {
    await hangsUp(caller);
    for (const party of others) await byed(party);
    await bench.settled();
  }

  it("a caller's own re-INVITE meets the one that moves it: 491 both ways, and the bridge comes about (caller owns the Call-ID: we wait 0-2 s)", async () => {
    const call = await ringing(bench);
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
    await call.target.expect('ACK');
    const ours = await call.caller.expect('INVITE');
    const theirs = call.caller.invite({ body: sdp({ port: 41000, version: 2 }) });
    const refused = await call.caller.expect(491);
    expect(refused.cseq).toBe(theirs.cseq);
    call.caller.ack(refused);
    call.caller.respond(ours, 491);
    await call.caller.expect('ACK');

    const again = await call.caller.expect('INVITE', 4000);
    expect(again.body).toContain(`m=audio ${TARGET_PORT}`);
    call.caller.accept(again, { body: sdp({ port: 40000 }) });
    await call.caller.expect('ACK');
    await bench.events.next('transfer.bridged');
    await byed(call.bot);
    await goodbye(call.caller, call.target);
  });

  it('the caller moves its media while we back off: it is heard, and the target is told the new address', async () => {
    const call = await ringing(bench);
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
    await call.target.expect('ACK');
    call.caller.respond(await call.caller.expect('INVITE'), 491);
    await call.caller.expect('ACK');
    call.caller.invite({ body: sdp({ port: 44000, version: 2 }) });
    call.caller.ack(await call.caller.expect(200));
    const again = await call.caller.expect('INVITE', 4000);
    call.caller.accept(again, { body: sdp({ port: 44000, version: 3 }) });
    await call.caller.expect('ACK');
    expect((await accept(call.target, TARGET_PORT)).body).toContain('m=audio 44000');
    await bench.events.next('transfer.bridged');
    await byed(call.bot);
    await goodbye(call.caller, call.target);
  });

  it('the parked bot refuses with 491: as owner of the Call-ID we wait 2.1-4 s, then park it', async () => {
    const call = await ringing(bench, { returnToBot: true });
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
    await call.target.expect('ACK');
    await accept(call.caller, 40000);
    const park = await call.bot.expect('INVITE');
    call.bot.respond(park, 491);
    await call.bot.expect('ACK');
    const started = performance.now();
    const again = await call.bot.expect('INVITE', 6000);
    // RFC 3261 14.1; a timer may fire a moment early, never much.
    expect(performance.now() - started).toBeGreaterThan(2050);
    expect(again.body).toContain('a=inactive');
    call.bot.accept(again, { body: sdp({ port: 50000, direction: 'inactive', version: 2 }) });
    await call.bot.expect('ACK');
    await goodbye(call.caller, call.target, call.bot);
  });

  it('hold and resume of the caller pass through to whom it talks to, with the current session descriptions', async () => {
    const call = await bridged(bench, true);
    call.caller.invite({ body: sdp({ port: 40000, direction: 'sendonly', version: 5 }) });
    const held = await call.target.expect('INVITE');
    expect(held.body).toContain('a=sendonly');
    call.target.accept(held, { body: sdp({ port: TARGET_PORT, direction: 'recvonly', version: 2 }) });
    const answer = await call.caller.expect(200);
    call.caller.ack(answer);
    await call.target.expect('ACK');
    expect(answer.body).toContain('a=recvonly');
    expect(answer.body).toContain(`m=audio ${TARGET_PORT}`);

    call.caller.invite({ body: sdp({ port: 42000, version: 6 }) });
    const resumed = await call.target.expect('INVITE');
    expect(resumed.body).toContain('m=audio 42000');
    call.target.accept(resumed, { body: sdp({ port: TARGET_PORT, version: 3 }) });
    call.caller.ack(await call.caller.expect(200));
    await call.target.expect('ACK');
    await goodbye(call.caller, call.target, call.bot);
  });

  it('a session refresh is answered here and disturbs nobody', async () => {
    const call = await talking(bench);
    const before = bench.bot.received.length;
    call.caller.invite({ body: sdp({ host: '127.0.0.1', user: 'caller', version: 2 }) });
    const answer = await call.caller.expect(200);
    call.caller.ack(answer);
    expect(answer.body).toContain('m=audio 50000');
    await goodbye(call.caller, call.bot);
    expect(bench.bot.received.slice(before).map((m) => m.method)).toEqual(['BYE']);
  });

  it('both parties of a bridge re-INVITE at once: both get 491', async () => {
    const call = await bridged(bench, true);
    call.caller.invite({ body: sdp({ port: 43000, version: 7 }) });
    call.target.send('INVITE', { body: sdp({ port: 61000, version: 7 }) });
    const relayed = await call.target.expect('INVITE');
    call.target.respond(relayed, 491);
    await call.target.expect('ACK');
    const refused = await call.caller.expect(491);
    call.caller.ack(refused);
    call.target.ack(await call.target.expect(491));
    await goodbye(call.caller, call.target, call.bot);
  });

  it('an offerless re-INVITE gets an offer, and its answer in the ACK reaches the other side', async () => {
    const call = await talking(bench);
    call.caller.invite({ body: '' });
    const offer = await call.caller.expect(200);
    expect(offer.body).toContain('m=audio 50000');
    call.caller.ack(offer, { body: sdp({ port: 45000, version: 3 }) });
    expect((await accept(call.bot, 50000)).body).toContain('m=audio 45000');
    await goodbye(call.caller, call.bot);
  });

  it('a caller without an offer: the bot offers, the ACK answers', async () => {
    const caller = bench.caller.call(backend.sip(), { to: '18005550100' });
    caller.invite({ body: '' });
    const invite = await bench.bot.expect('INVITE');
    expect(invite.body).toBe('');
    const bot = bench.bot.answering(invite);
    bot.accept(invite, { body: sdp({ port: 50000, user: 'bot' }) });
    const offer = await caller.expect(200);
    expect(offer.body).toContain('m=audio 50000');
    caller.ack(offer, { body: sdp({ port: 46000 }) });
    const ack = await bot.expect('ACK');
    expect(ack.body).toContain('m=audio 46000');
    await goodbye(caller, bot);
  });
});
