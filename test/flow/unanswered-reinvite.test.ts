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
  verdict,
  type Ringing,
} from '../support/engine-flow.js';
import { picksUp } from '../support/refer-flow.js';
import { sdp, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

/** How long the engine waits for the answer to a re-INVITE of its own. */
const GUARD_MS = 600;

/** With a 100 nothing but the engine's own guard ends the wait; without one the server's timer B may be first. */
const SILENCES = [
  ['not a word', false],
  ['100 Trying, then not a word', true],
] as const;

describeServers('a party that never answers a re-INVITE', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, { deadlines: { reoffer: GUARD_MS } });
  });

  afterEach(async () => {
    await bench.close();
  });

  /** The party gets its re-INVITE and says no more than 100. */
  async function ignores(party: PhoneCall, trying: boolean): Promise<SipMessage> {
    const offer = await party.expect('INVITE');
    if (trying) party.respond(offer, 100);
    return offer;
  }

  /** ... is given up, cancelled where that is possible, and hung up on. */
  async function givenUp(party: PhoneCall, offer: SipMessage, trying: boolean): Promise<void> {
    if (trying) {
      party.respond(await party.expect('CANCEL'), 200);
      party.respond(offer, 487);
    }
    await byed(party);
  }

  async function answered(returnToBot = false): Promise<Ringing> {
    const call = await ringing(bench, { returnToBot });
    await picksUp(call);
    return call;
  }

  for (const [silence, trying] of SILENCES) {
    it(`the caller on its way to the target, ${silence}: the call is over for everybody, and the transfer failed`, async () => {
      const call = await answered();
      const offer = await ignores(call.caller, trying);
      await givenUp(call.caller, offer, trying);
      await byed(call.target);
      await byed(call.bot);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({
        outcome: 'caller_hangup',
        status: 'FAIL',
        hangup: true,
      });
      await bench.settled();
    });

    it(`the bot that is to be parked, ${silence}: it is let go, caller and target talk on`, async () => {
      const call = await answered(true);
      await accept(call.caller, 40000);
      await bench.events.next('transfer.bridged');
      const offer = await ignores(call.bot, trying);
      await givenUp(call.bot, offer, trying);
      await hangsUp(call.target);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', next: 'end' });
      await bench.settled();
    });

    it(`the bot its caller comes back to, ${silence}: the call ends, nobody is left in silence`, async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.target);
      const offer = await ignores(call.bot, trying);
      await givenUp(call.bot, offer, trying);
      await byed(call.caller);
      expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'bot' });
      await bench.settled();
    });

    it(`the caller on its way back to the bot, ${silence}: it is hung up on, and so is the bot`, async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.target);
      await accept(call.bot, BOT_PORT);
      const offer = await ignores(call.caller, trying);
      await givenUp(call.caller, offer, trying);
      await byed(call.bot);
      expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'caller' });
      await bench.settled();
    });

    it(`the agent, asked to hold, ${silence}: the caller is told no and goes back to its bot`, async () => {
      const call = await bridged(bench, true);
      call.caller.invite({ body: sdp({ port: 40000, direction: 'sendonly', version: 5 }) });
      const offer = await ignores(call.target, trying);
      const refused = await call.caller.expect('480 INVITE');
      call.caller.ack(refused);
      await givenUp(call.target, offer, trying);
      await accept(call.bot, BOT_PORT);
      expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${BOT_PORT}`);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
      await bench.events.next('transfer.returned');
      await hangsUp(call.caller);
      await byed(call.bot);
      await bench.settled();
    });

    it(`the bot, asked to hold, ${silence}: the caller is told no, and hung up on, for nobody is left`, async () => {
      const { caller, bot } = await talking(bench);
      caller.invite({ body: sdp({ port: 40000, direction: 'sendonly', version: 5 }) });
      const offer = await ignores(bot, trying);
      caller.ack(await caller.expect('480 INVITE'));
      await givenUp(bot, offer, trying);
      await byed(caller);
      expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'bot' });
      await bench.settled();
    });
  }

  it('an answer that comes after all, when it has been given up: the dialog is ended all the same', async () => {
    const call = await answered();
    const offer = await ignores(call.caller, false);
    const bye = await call.caller.expect('BYE');
    call.caller.accept(offer, { body: sdp({ port: 40000, version: 2 }) });
    // A drachtio-server has nobody to show it to any more.
    if (!server.real) await call.caller.expect('ACK');
    call.caller.respond(bye, 200);
    await byed(call.target);
    await byed(call.bot);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'caller_hangup' });
    await bench.settled();
  });

  it('a target that neither takes the caller nor says no: the caller stays with its bot', async () => {
    const call = await answered();
    const moved = await call.caller.expect('INVITE');
    expect(moved.body).toContain(`m=audio ${TARGET_PORT}`);
    // Other media than the target was offered: the target has to be shown it before the two are connected.
    call.caller.accept(moved, { body: sdp({ port: 48000, version: 2 }) });
    await call.caller.expect('ACK');
    const offer = await ignores(call.target, true);
    await givenUp(call.target, offer, true);
    expect((await accept(call.caller, 48000)).body).toContain(`m=audio ${BOT_PORT}`);
    expect((await accept(call.bot, BOT_PORT)).body).toContain('m=audio 48000');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      status: 'FAIL',
      hangup: false,
      next: 'stay',
    });
    await bench.events.next('transfer.returned');
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });
});
