import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  BOT_PORT,
  byed,
  cancelled,
  hangsUp,
  ringing,
  talking,
  TARGET_PORT,
  verdict,
} from '../support/engine-flow.js';
import { sdp, SipPhone } from '../support/sip-phone/index.js';

describe('a transfer that fails leaves the caller with the bot', () => {
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

  /** The call goes on as if nothing had been, and ends cleanly. */
  async function stillTalking({
    caller,
    bot,
  }: {
    caller: Parameters<typeof hangsUp>[0];
    bot: Parameters<typeof hangsUp>[0];
  }): Promise<void> {
    await bench.events.next('transfer.returned');
    expect(caller.take('INVITE')).toBeUndefined();
    caller.bye();
    await caller.expect(200);
    await byed(bot);
    await bench.settled();
  }

  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [404, 'invalid_number'],
    [480, 'no_answer'],
    [488, 'media_incompatible'],
    [500, 'server_error'],
    [503, 'congestion'],
    [302, 'not_supported'],
    [401, 'auth_failed'],
  ])('%i -> %s', async (code, outcome) => {
    const call = await ringing(bench);
    call.target.respond(
      call.invite,
      code,
      code === 401 ? { headers: [['WWW-Authenticate', 'Digest realm="x", nonce="y"']] } : {},
    );
    await call.target.expect('ACK');
    expect(await verdict(bench, 'transfer.failed')).toEqual({
      outcome,
      status: 'FAIL',
      hangup: false,
      next: 'stay',
      by: 'far_end',
    });
    await stillTalking(call);
  });

  it('403 -> forbidden, after a second try with the business number', async () => {
    const call = await ringing(bench);
    call.target.respond(call.invite, 403);
    await call.target.expect('ACK');
    const again = await bench.target.expect('INVITE');
    expect(again.need('from')).not.toContain('sip:caller@');
    const second = bench.target.answering(again);
    second.respond(again, 403);
    await second.expect('ACK');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'forbidden', by: 'far_end' });
    await stillTalking(call);
  });

  it('no answer within the ring timeout: the target sees CANCEL', async () => {
    const call = await ringing(bench, { ringTimeoutMs: 300 });
    await cancelled(call.target, call.invite);
    expect(await verdict(bench, 'transfer.failed')).toEqual({
      outcome: 'no_answer',
      status: 'FAIL',
      hangup: false,
      next: 'stay',
      by: 'ring_timer',
    });
    await stillTalking(call);
  });

  it('nobody there: unreachable', async () => {
    const call = await talking(bench);
    const gone = await SipPhone.open({ user: 'gone' });
    const { uri } = gone;
    await gone.close();
    await bench.transfer(call.callId, { targets: [{ sipUri: uri }] });
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      outcome: 'unreachable',
      status: 'FAIL',
      by: 'transaction_timer',
    });
    await stillTalking(call);
  });

  it.each([
    ['no session description', undefined],
    ['a broken one', 'v=0\r\nthis is not SDP\r\n'],
  ])('200 with %s: media_incompatible, and the target is hung up on', async (_what, body) => {
    const call = await ringing(bench);
    call.target.respond(call.invite, 200, body === undefined ? {} : { body });
    await byed(call.target);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      outcome: 'media_incompatible',
      status: 'FAIL',
      hangup: false,
    });
    await stillTalking(call);
  });

  it("the caller refuses the target's media: media_incompatible, the caller is not touched", async () => {
    const call = await ringing(bench);
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT, codecs: [8] }) });
    await call.target.expect('ACK');
    const offer = await call.caller.expect('INVITE');
    call.caller.respond(offer, 488);
    await call.caller.expect('ACK');
    await byed(call.target);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      outcome: 'media_incompatible',
      status: 'FAIL',
      hangup: false,
    });
    await stillTalking(call);
  });

  it('cancel by the API', async () => {
    const call = await ringing(bench);
    const [{ transferId } = {}] = bench.engine.calls();
    await bench.engine.control.cancelTransfer(transferId!);
    await cancelled(call.target, call.invite);
    expect(await verdict(bench, 'transfer.cancelled')).toMatchObject({
      outcome: 'cancelled',
      status: 'FAIL',
      hangup: false,
      next: 'stay',
      by: 'api',
    });
    await stillTalking(call);
  });

  it('a second command while one is pending is refused and changes nothing', async () => {
    const call = await ringing(bench);
    await expect(bench.transfer(call.callId)).rejects.toMatchObject({ code: 'transfer_pending' });
    call.target.respond(call.invite, 486);
    await call.target.expect('ACK');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy' });
    await stillTalking(call);
  });

  it('the next target of the list is tried', async () => {
    const second = await SipPhone.open({ user: 'second' });
    const call = await ringing(bench, { targets: [{ sipUri: bench.target.uri }, { sipUri: second.uri }] });
    call.target.respond(call.invite, 486);
    const invite = await second.expect('INVITE');
    expect(invite.callId).not.toBe(call.invite.callId);
    const agent = second.answering(invite);
    agent.accept(invite, { body: sdp({ port: TARGET_PORT }) });
    await agent.expect('ACK');
    await accept(call.caller, 40000);
    await bench.events.next('transfer.bridged');
    await byed(call.bot);
    await hangsUp(call.caller);
    await byed(agent);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', hangup: true });
    await bench.settled();
    await second.close();
  });

  it('the caller is re-offered the bot when a target answers, takes the caller and is gone before the bridge', async () => {
    const call = await ringing(bench);
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
    await call.target.expect('ACK');
    const offer = await call.caller.expect('INVITE');
    await hangsUp(call.target);
    call.caller.accept(offer);
    await call.caller.expect('ACK');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'declined', hangup: false });
    expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${BOT_PORT}`);
    await stillTalking(call);
  });
});
