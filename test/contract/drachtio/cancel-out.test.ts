import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent, sleep, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import type { SrfRequest } from '../../support/srf.js';
import { callOut, dial, hangUp, refusal } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('CANCEL by the application', (bench) => {
  it('while it rings: CANCEL on the wire, 487 to the application', async () => {
    const { app, dialog, invite, call, phone, provisional, cancel } = await dial(bench);
    call.respond(invite, 180);
    await until(() => provisional.length > 0, 'the 180');
    cancel();
    const sent = await call.expect('CANCEL');
    expect([sent.branch, sent.cseq, sent.uri]).toEqual([invite.branch, invite.cseq, invite.uri]);
    expect([sent.get('from'), sent.get('to')]).toEqual([invite.get('from'), invite.get('to')]);
    call.respond(sent, 200);
    call.respond(invite, 487);
    expect(await refusal(dialog)).toBe(487);
    await call.expect('ACK');
    expect(phone.count('BYE')).toBe(0);
    expect(app.arrivals).toEqual([]);
  });

  it('passes Reason and X- headers', async () => {
    let request: SrfRequest | undefined;
    const { dialog, invite, call, provisional } = await dial(bench, {
      progress: { cbRequest: (_error, req) => (request = req) },
    });
    call.respond(invite, 180);
    await until(() => provisional.length > 0, 'the 180');
    request?.cancel({ headers: { Reason: 'SIP;cause=200', 'X-Why': 'busy' } }, () => undefined);
    const sent = await call.expect('CANCEL');
    expect([sent.get('reason'), sent.get('x-why')]).toEqual(['SIP;cause=200', 'busy']);
    call.respond(sent, 200);
    call.respond(invite, 487);
    expect(await refusal(dialog)).toBe(487);
  });

  it('is held until a provisional response came', async () => {
    const { dialog, invite, call, phone, cancel } = await dial(bench);
    cancel();
    // Nothing may be sent before the first 1xx; a retransmitted INVITE proves that time has passed.
    await call.expect('INVITE');
    expect(phone.count('CANCEL')).toBe(0);
    call.respond(invite, 100);
    const sent = await call.expect('CANCEL');
    call.respond(sent, 200);
    call.respond(invite, 487);
    expect(await refusal(dialog)).toBe(487);
  });

  it('is not sent at all when the call was refused first', async () => {
    const { dialog, invite, call, phone, cancel } = await dial(bench);
    cancel();
    await call.expect('INVITE');
    call.respond(invite, 486);
    expect(await refusal(dialog)).toBe(486);
    await call.expect('ACK');
    expect(phone.count('CANCEL')).toBe(0);
  });

  it.each([
    ['481, behind the 200', true],
    ['200, before the 200 to the INVITE', false],
  ])('crosses the 200: hangs the call up, CANCEL answered with %s', async (_when, blind) => {
    const { dialog, invite, call, provisional, cancel } = await dial(bench);
    call.respond(invite, 180);
    await until(() => provisional.length > 0, 'the 180');
    cancel();
    const sent = await call.expect('CANCEL');
    if (blind) call.accept(invite);
    call.respond(sent, blind ? 481 : 200);
    if (!blind) call.accept(invite);
    // srf resolves: the application must cope with a dialog it has cancelled.
    const dlg = await dialog;
    const ended = nextEvent(dlg, 'destroy');
    await call.expect('ACK');
    const bye = await call.expect('BYE');
    call.respond(bye, 200);
    expect(bye.get('reason')).toMatch(/cancel race/);
    const [, reason] = await ended;
    expect(reason).toBe('ACK-BYE due to cancel race condition');
  });

  it('of an answered call fails and leaves the call up', async () => {
    const frames = await bench.frames();
    const phone = await bench.phone();
    const sent = await frames.ask(`sip||\r\nINVITE ${phone.uri} SIP/2.0\r\n\r\n${sdp()}`);
    const invite = await phone.expect('INVITE');
    const call = phone.answering(invite);
    call.accept(invite);
    const dialogId = `${invite.callId};from-tag=${invite.fromTag}`;
    await frames.expect((f) => f.sip.startsWith('SIP/2.0 200'));
    await frames.ask(`sip||${dialogId}\r\nACK ${phone.uri} SIP/2.0\r\n\r\n`);
    await call.expect('ACK');
    const reply = await frames.ask(`sip|${sent.tokens[10] ?? ''}|\r\nCANCEL ${phone.uri} SIP/2.0\r\n\r\n`);
    expect(reply.tokens.slice(3)).toEqual([
      'NOK',
      expect.stringMatching(/unable to cancel unknown transaction/),
    ]);
    await frames.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    call.respond(await call.expect('BYE'), 200);
    await frames.expect((f) => f.sip.startsWith('SIP/2.0 200') && f.sip.includes(' BYE'));
    expect(phone.count('CANCEL')).toBe(0);
  });

  it('of a transaction nobody knows is refused', async () => {
    const frames = await bench.frames();
    const reply = await frames.ask(
      'sip|11111111-2222-3333-4444-555555555555|\r\nCANCEL sip:x@127.0.0.1 SIP/2.0\r\n\r\n',
    );
    expect(reply.tokens.slice(3)).toEqual([
      'NOK',
      expect.stringMatching(/unable to cancel unknown transaction/),
    ]);
  });

  // The real server either forgets the call and never tells the application, as the reference says, or makes a
  // 408 up 32 s after the CANCEL whatever its SIP timers are; both were seen with the same messages.
  it.each([
    ['an answered', true],
    ['an unanswered', false],
  ])(
    'without any final response after %s CANCEL: one is made up',
    async (_what, answered) => {
      const { dialog, invite, call, provisional, cancel } = await dial(bench);
      call.respond(invite, 180);
      await until(() => provisional.length > 0, 'the 180');
      cancel();
      const sent = await call.expect('CANCEL');
      if (answered) call.respond(sent, 200);
      if (knownBug(bench, 'noFinalAfterCancel')) {
        const never = sleep(40_000).then(() => 'never');
        expect(await Promise.race([refusal(dialog), never])).toBeOneOf([408, 'never']);
        return;
      }
      // Long before timer C, which would make a 487 up as well.
      const late = sleep(4 * bench.timers.t1x64 + 3000).then(() => 'late');
      expect(await Promise.race([refusal(dialog), late])).toBe(487);
    },
    90_000,
  );

  it('does not disturb the next call', async () => {
    const { app, dialog, invite, call, phone, provisional, cancel } = await dial(bench);
    call.respond(invite, 180);
    await until(() => provisional.length > 0, 'the 180');
    cancel();
    call.respond(await call.expect('CANCEL'), 200);
    call.respond(invite, 487);
    expect(await refusal(dialog)).toBe(487);
    await hangUp(await callOut(bench, { app }));
    expect(phone.count('CANCEL')).toBeGreaterThan(0);
  });
});
