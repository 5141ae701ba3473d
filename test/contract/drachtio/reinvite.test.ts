import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent, sleep, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import type { SrfRequest, SrfResponse } from '../../support/srf.js';
import { callIn, callOut, hangUp, phoneHangsUp } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('re-INVITE by the application', (bench) => {
  it.each([
    ['a call it made', callOut],
    ['a call it took', callIn],
  ])('is answered, on %s', async (_what, up) => {
    const established = await up(bench);
    const { dialog, call } = established;
    const replied = dialog.request({
      method: 'INVITE',
      body: sdp({ port: 7200 }),
      headers: { Contact: dialog.local.contact },
    });
    const reinvite = await call.fresh('INVITE');
    expect(reinvite.body).toBe(sdp({ port: 7200 }));
    expect(reinvite.uri).toBe(established.phone.uri);
    expect([reinvite.fromTag, reinvite.toTag]).toEqual([call.remoteTag, call.localTag]);
    expect(reinvite.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    call.accept(reinvite);
    const ack = await call.expect('ACK');
    expect([ack.cseq, ack.body]).toEqual([reinvite.cseq, '']);
    expect((await replied).status).toBe(200);
    await hangUp(established);
  });

  it('counts CSeq up from request to request', async () => {
    const established = await callOut(bench);
    const { dialog, call, invite } = established;
    for (let n = 1; n <= 3; n++) {
      const replied = dialog.request({ method: 'INVITE', body: sdp({ version: n + 1 }) });
      const reinvite = await call.fresh('INVITE');
      expect(reinvite.cseq).toBe(invite.cseq + n);
      call.accept(reinvite);
      await call.expect('ACK');
      await replied;
    }
    await hangUp(established);
  });

  it.each([491, 488, 481, 408])('is refused with %i and the call is as it was', async (status) => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const replied = dialog.request({ method: 'INVITE', body: sdp() });
    const reinvite = await call.fresh('INVITE');
    call.respond(reinvite, status);
    const ack = await call.expect('ACK');
    expect(ack.cseq).toBe(reinvite.cseq);
    expect((await replied).status).toBe(status);
    expect(dialog.connected).toBe(true);
    await hangUp(established);
  });

  it('rings before it is answered', async () => {
    const established = await callOut(bench);
    const { dialog, call, phone } = established;
    const statuses: number[] = [];
    dialog.request({ method: 'INVITE', body: sdp({ port: 7300 }) }, (error, response) => {
      if (error === null) statuses.push(response.status);
    });
    const reinvite = await call.fresh('INVITE');
    const before = phone.count('ACK');
    call.respond(reinvite, 183);
    if (knownBug(bench, 'ringingReinvite')) {
      // Once the application has it, the 183 has been taken for the end of the transaction.
      await until(() => statuses.length > 0, 'the 183');
      call.accept(reinvite);
      await sleep(200);
      expect(phone.count('ACK')).toBe(before);
      expect(statuses).toEqual([183]);
    } else {
      call.accept(reinvite);
      const ack = await call.expect('ACK');
      expect(ack.cseq).toBe(reinvite.cseq);
      await until(() => statuses.length > 1, 'the 200');
      expect(statuses).toEqual([183, 200]);
    }
    await hangUp(established);
  });

  it('without an offer: the 200 offers, the ACK answers', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const offered = new Promise<{ body: string; ack: (o: { body: string }) => void }>((resolve, reject) => {
      dialog.request({ method: 'INVITE', noAck: true }, (error, response, ack) => {
        if (error !== null || ack === undefined) reject(error ?? new Error('no ack function'));
        else resolve({ body: response.body, ack });
      });
    });
    const reinvite = await call.fresh('INVITE');
    expect(reinvite.body).toBe('');
    call.accept(reinvite, { body: sdp({ port: 7400 }) });
    const { body, ack } = await offered;
    expect(body).toBe(sdp({ port: 7400 }));
    ack({ body: sdp({ port: 7402 }) });
    expect((await call.expect('ACK')).body).toBe(sdp({ port: 7402 }));
    await hangUp(established);
  });

  it('is overtaken by BYE: cancelled, and the call ends', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    dialog.request({ method: 'INVITE', body: sdp() }, () => undefined);
    const reinvite = await call.fresh('INVITE');
    call.respond(reinvite, 100);
    // The 100 is to be there before the BYE: a CANCEL waits for it.
    await sleep(50);
    const gone = dialog.destroy();
    const cancel = await call.expect('CANCEL');
    expect(cancel.branch).toBe(reinvite.branch);
    call.respond(cancel, 200);
    call.respond(reinvite, 487);
    call.respond(await call.fresh('BYE'), 200);
    await gone;
    await call.expect((m) => m.method === 'ACK' && m.cseq === reinvite.cseq);
  });

  it('repeats the ACK when the 200 is repeated', async () => {
    const established = await callOut(bench);
    const { dialog, call, phone } = established;
    const replied = dialog.request({ method: 'INVITE', body: sdp() });
    const reinvite = await call.fresh('INVITE');
    const raw = call.accept(reinvite);
    await call.expect('ACK');
    await replied;
    phone.send(raw, reinvite.source);
    if (knownBug(bench, 'reinviteAckOnce')) {
      await sleep(200);
      expect(call.take('ACK')).toBeUndefined();
    } else {
      const again = await call.expect('ACK');
      expect(again.cseq).toBe(reinvite.cseq);
    }
    await hangUp(established);
  });
});

describeServers('re-INVITE from the network', (bench) => {
  it.each([
    ['a call it made', callOut],
    ['a call it took', callIn],
  ])('goes to the application, on %s', async (_what, up) => {
    const established = await up(bench);
    const { dialog, call } = established;
    const modified = nextEvent(dialog, 'modify');
    const reinvite = call.invite({ body: sdp({ port: 7500, version: 2 }) });
    await call.expect('100 INVITE');
    const [req, res] = (await modified) as [SrfRequest, SrfResponse];
    expect(req.body).toBe(sdp({ port: 7500, version: 2 }));
    const acked = nextEvent(dialog, 'ack');
    res.send(200, { body: sdp({ port: 7502 }) });
    const ok = await call.expect((m) => m.status === 200 && m.cseq === reinvite.cseq);
    expect(ok.body).toBe(sdp({ port: 7502 }));
    expect(ok.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    call.ack(ok);
    await acked;
    await phoneHangsUp(established);
  });

  it('without an offer: the application offers, the ACK answers', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const modified = nextEvent(dialog, 'modify');
    const reinvite = call.invite({ body: '' });
    const [, res] = (await modified) as [SrfRequest, SrfResponse];
    const acked = nextEvent(dialog, 'ack');
    res.send(200, { body: sdp({ port: 7600 }) });
    const ok = await call.expect((m) => m.status === 200 && m.cseq === reinvite.cseq);
    expect(ok.body).toBe(sdp({ port: 7600 }));
    call.ack(ok, { body: sdp({ port: 7602 }) });
    await acked;
    expect(dialog.remote.sdp).toBe(sdp({ port: 7602 }));
    await hangUp(established);
  });

  it.each([491, 488])('is refused with %i by the application', async (status) => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const modified = nextEvent(dialog, 'modify');
    call.invite();
    const [, res] = (await modified) as [SrfRequest, SrfResponse];
    res.send(status);
    call.ack(await call.expect(`${status} INVITE`));
    await phoneHangsUp(established);
  });

  it('moves the target: the next request goes to the new Contact', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const elsewhere = await bench.phone({ user: 'moved' });
    const acked = nextEvent(dialog, 'ack');
    const reinvite = call.invite({ contact: `<${elsewhere.uri}>`, body: sdp({ port: 7700, version: 2 }) });
    call.ack(await call.expect((m) => m.status === 200 && m.cseq === reinvite.cseq));
    await acked;
    const gone = dialog.destroy();
    const bye = await Promise.race([elsewhere.expect('BYE'), call.fresh('BYE')]);
    expect(bye.uri).toBe(knownBug(bench, 'targetRefresh') ? established.phone.uri : elsewhere.uri);
    call.respond(bye, 200);
    await gone;
  });

  it('is cancelled: 200 and 487 by the server, and the call stays up', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const modified = nextEvent(dialog, 'modify');
    call.invite();
    await modified;
    call.cancel();
    await call.expect('200 CANCEL');
    call.ack(await call.expect('487 INVITE'));
    expect(dialog.connected).toBe(true);
    await phoneHangsUp(established);
  });

  it('is answered by the application with the ACK outstanding: repeated until it comes', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const reinvite = call.invite();
    const same = (m: { status: number; cseq: number }): boolean =>
      m.status === 200 && m.cseq === reinvite.cseq;
    const first = await call.expect(same);
    if (knownBug(bench, 'reinvite200Once')) {
      await sleep(3 * bench.timers.t1);
      expect(call.take(same)).toBeUndefined();
    } else {
      await call.expect(same);
    }
    const acked = nextEvent(dialog, 'ack');
    call.ack(first);
    await acked;
    await phoneHangsUp(established);
  });
});
