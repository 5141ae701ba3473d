import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent } from '../../support/poll.js';
import type { SrfRequest, SrfResponse } from '../../support/srf.js';
import { callIn, callOut, hangUp, phoneHangsUp } from './flows.js';
import { knownBug } from './known-bugs.js';

type Asked = [SrfRequest, SrfResponse];

describeServers('REFER', (bench) => {
  it('by the application: 202, NOTIFYs with the progress, BYE from the far end', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const replied = dialog.request({
      method: 'REFER',
      headers: { 'Refer-To': '<sip:carol@127.0.0.1>', 'Referred-By': '<sip:bot@127.0.0.1>' },
    });
    const refer = await call.expect('REFER');
    expect([refer.get('refer-to'), refer.get('referred-by')]).toEqual([
      '<sip:carol@127.0.0.1>',
      '<sip:bot@127.0.0.1>',
    ]);
    expect(refer.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    call.respond(refer, 202);
    expect((await replied).status).toBe(202);
    for (const [line, state] of [
      ['SIP/2.0 100 Trying', 'active;expires=60'],
      ['SIP/2.0 200 OK', 'terminated;reason=noresource'],
    ] as const) {
      const notified = nextEvent(dialog, 'notify');
      call.notify(line, state);
      const [req, res] = (await notified) as Asked;
      expect(req.body).toBe(`${line}\r\n`);
      expect(req.get('Subscription-State')).toBe(state);
      res.send(200);
      await call.expect('200 NOTIFY');
    }
    await phoneHangsUp(established);
  });

  it.each([403, 603])('by the application: refused with %i', async (status) => {
    const established = await callOut(bench);
    const replied = established.dialog.request({
      method: 'REFER',
      headers: { 'Refer-To': '<sip:c@127.0.0.1>' },
    });
    established.call.respond(await established.call.expect('REFER'), status);
    expect((await replied).status).toBe(status);
    await hangUp(established);
  });

  it('NOTIFY overtakes the 202', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const replied = dialog.request({ method: 'REFER', headers: { 'Refer-To': '<sip:c@127.0.0.1>' } });
    const refer = await call.expect('REFER');
    const notified = nextEvent(dialog, 'notify');
    call.notify('SIP/2.0 100 Trying', 'active');
    const [, res] = (await notified) as Asked;
    res.send(200);
    await call.expect('200 NOTIFY');
    call.respond(refer, 202);
    expect((await replied).status).toBe(202);
    await hangUp(established);
  });

  it('a NOTIFY behind the BYE still comes, as a request outside of dialogs', async () => {
    const app = await bench.app(['invite', 'notify']);
    const established = await callOut(bench, { app });
    const { dialog, call } = established;
    const replied = dialog.request({ method: 'REFER', headers: { 'Refer-To': '<sip:c@127.0.0.1>' } });
    call.respond(await call.expect('REFER'), 202);
    await replied;
    await phoneHangsUp(established);
    call.notify('SIP/2.0 200 OK', 'terminated');
    const { req, res } = await app.next('NOTIFY');
    expect(req.body).toBe('SIP/2.0 200 OK\r\n');
    res.send(200);
    await call.expect('200 NOTIFY');
  });

  it('from the caller: the application accepts and reports', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const referred = nextEvent(dialog, 'refer');
    call.refer('<sip:carol@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>');
    const [req, res] = (await referred) as Asked;
    expect(req.get('Refer-To')).toBe('<sip:carol@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>');
    res.send(202);
    await call.expect('202 REFER');
    const replied = dialog.request({
      method: 'NOTIFY',
      headers: {
        Event: 'refer',
        'Subscription-State': 'terminated;reason=noresource',
        'Content-Type': 'message/sipfrag;version=2.0',
      },
      body: 'SIP/2.0 200 OK',
    });
    const notify = await call.expect('NOTIFY');
    expect([notify.get('event'), notify.get('subscription-state'), notify.body]).toEqual([
      'refer',
      'terminated;reason=noresource',
      'SIP/2.0 200 OK',
    ]);
    expect(notify.get('content-type')).toBe('message/sipfrag;version=2.0');
    call.respond(notify, 200);
    expect((await replied).status).toBe(200);
    await phoneHangsUp(established);
  });

  it('is answered 200 and ignored when the application does not listen (srf)', async () => {
    const established = await callIn(bench);
    established.call.refer('<sip:carol@127.0.0.1>');
    await established.call.expect('200 REFER');
    await hangUp(established);
  });

  it('NOTIFY terminated without Event does not end the call', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const notified = nextEvent(dialog, 'notify');
    call.send('NOTIFY', { headers: [['Subscription-State', 'terminated']] });
    const [, res] = (await notified) as Asked;
    res.send(200);
    await call.expect('200 NOTIFY');
    if (knownBug(bench, 'notifyWithoutEvent')) {
      call.bye();
      await call.expect('481 BYE');
      return;
    }
    await phoneHangsUp(established);
  });
});
