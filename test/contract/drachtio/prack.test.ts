import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { nextEvent, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { dial, hangUp, phoneHangsUp } from './flows.js';

describeServers('reliable provisional responses', (bench) => {
  it('to the caller: RSeq, repeated until PRACK, then the 200', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'alice' });
    const call = phone.call(bench.sip());
    const invite = call.invite({ headers: [['Supported', '100rel']] });
    const { req, res } = await app.next();
    res.send(183, { body: sdp({ port: 5100 }), headers: { Require: '100rel' } });
    const reliable = await call.expect('183 INVITE');
    expect(reliable.get('require')).toBe('100rel');
    expect(Number(reliable.need('rseq'))).toBeGreaterThan(0);
    expect(reliable.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    const again = await call.expect('183 INVITE');
    expect(again.get('rseq')).toBe(reliable.get('rseq'));
    call.prack(reliable);
    await call.expect('200 PRACK');
    const answered = app.srf.createUAS(req, res, { localSdp: sdp({ port: 5100 }) });
    const ok = await call.expect('200 INVITE');
    expect(ok.toTag).toBe(reliable.toTag);
    const dialog = await answered;
    const acked = nextEvent(dialog, 'ack');
    call.ack(ok);
    await acked;
    await phoneHangsUp({ app, phone, call, dialog, invite });
  });

  // By frames: srf answers a PRACK with 501 once createUAS has made a Dialog, on either server.
  it('to the caller: a 200 behind an unacknowledged 183 with SDP is held back', async () => {
    const frames = await bench.frames({ routes: ['invite'] });
    const phone = await bench.phone({ user: 'alice' });
    const call = phone.call(bench.sip());
    call.invite({ headers: [['Supported', '100rel']] });
    const arrived = await frames.expect(sipFrame('INVITE '));
    const txn = arrived.tokens[8] ?? '';
    frames.send(`sip|${txn}|\r\nSIP/2.0 183 Session Progress\r\nRequire: 100rel\r\n\r\n${sdp()}`);
    const reliable = await call.expect('183 INVITE');
    frames.send(`sip|${txn}|\r\nSIP/2.0 200 OK\r\n\r\n${sdp()}`);
    await call.expect('183 INVITE');
    expect(phone.count('200 INVITE')).toBe(0);
    call.prack(reliable);
    const prack = await frames.expect(sipFrame('PRACK '));
    expect(prack.tokens[9]).toBe(`${call.callId};from-tag=${call.localTag}`);
    frames.send(`sip|${prack.tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await call.expect('200 PRACK');
    call.ack(await call.expect('200 INVITE'));
    await frames.expect(sipFrame('ACK '));
    call.bye();
    const bye = await frames.expect(sipFrame('BYE '));
    frames.send(`sip|${bye.tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await call.expect('200 BYE');
  });

  it('to the caller: a second one waits for the PRACK of the first, with the next RSeq', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'alice' });
    const call = phone.call(bench.sip());
    const invite = call.invite({ headers: [['Supported', '100rel']] });
    const { req, res } = await app.next();
    res.send(180, { headers: { Require: '100rel' } });
    res.send(183, { headers: { Require: '100rel' }, body: sdp() });
    const first = await call.expect('180 INVITE');
    await call.expect('180 INVITE');
    expect(phone.count('183 INVITE')).toBe(0);
    call.prack(first);
    await call.expect('200 PRACK');
    const second = await call.expect('183 INVITE');
    expect(Number(second.need('rseq'))).toBe(Number(first.need('rseq')) + 1);
    call.prack(second);
    await call.expect('200 PRACK');
    const answered = app.srf.createUAS(req, res, { localSdp: sdp() });
    const ok = await call.expect('200 INVITE');
    call.ack(ok);
    await hangUp({ app, phone, call, dialog: await answered, invite });
  });

  it('to a caller who cannot: refused', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { res } = await app.next();
    const error = await new Promise((resolve) =>
      res.send(183, { headers: { Require: '100rel' } }, (reason) => resolve(reason)),
    );
    expect(error).toMatch(/does not support 100rel/);
    res.send(486);
    call.ack(await call.expect('486 INVITE'));
  });

  it('to the caller: CANCEL while unacknowledged', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite({ headers: [['Supported', '100rel']] });
    const arrival = await app.next();
    arrival.res.send(183, { headers: { Require: '100rel' }, body: sdp() });
    await call.expect('183 INVITE');
    call.cancel();
    await call.expect('200 CANCEL');
    call.ack(await call.expect('487 INVITE'));
    await until(() => arrival.cancel !== null, 'the cancel event');
  });

  it('from the called: srf acknowledges with PRACK', async () => {
    const { app, dialog, phone, invite, call, provisional } = await dial(bench, {
      options: { headers: { Supported: '100rel' } },
    });
    call.respond(invite, 183, {
      body: sdp(),
      headers: [
        ['Require', '100rel'],
        ['RSeq', '77'],
      ],
    });
    const prack = await call.fresh('PRACK');
    expect(prack.get('rack')).toBe(`77 ${invite.cseq} INVITE`);
    expect([prack.uri, prack.toTag]).toEqual([phone.uri, call.localTag]);
    expect(prack.cseq).toBe(invite.cseq + 1);
    call.respond(prack, 200);
    call.accept(invite);
    const ack = await call.expect('ACK');
    expect(ack.cseq).toBe(invite.cseq);
    expect(provisional).toEqual([183]);
    await hangUp({ app, phone, call, dialog: await dialog, invite });
  });

  it('from the called: two in a row', async () => {
    const { app, dialog, phone, invite, call } = await dial(bench, {
      options: { headers: { Supported: '100rel' } },
    });
    for (const rseq of ['10', '11']) {
      call.respond(invite, 183, {
        headers: [
          ['Require', '100rel'],
          ['RSeq', rseq],
        ],
      });
      const prack = await call.fresh('PRACK');
      expect(prack.get('rack')).toBe(`${rseq} ${invite.cseq} INVITE`);
      call.respond(prack, 200);
    }
    call.accept(invite);
    await call.expect('ACK');
    await hangUp({ app, phone, call, dialog: await dialog, invite });
  });
});
