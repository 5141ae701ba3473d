import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import type { SrfRequest, SrfResponse } from '../../support/srf.js';
import { callIn, callOut, hangUp, phoneHangsUp } from './flows.js';
import { knownBug } from './known-bugs.js';

type Asked = [SrfRequest, SrfResponse];
const DTMF = 'Signal=5\r\nDuration=160\r\n';

describeServers('other requests in a dialog', (bench) => {
  it.each(['INFO', 'MESSAGE', 'OPTIONS'])('%s goes both ways', async (method) => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const asked = nextEvent(dialog, method.toLowerCase());
    call.send(method, { body: DTMF, type: 'application/dtmf-relay' });
    const [req, res] = (await asked) as Asked;
    expect([req.body, req.get('Content-Type')]).toEqual([DTMF, 'application/dtmf-relay']);
    res.send(200, { headers: { 'X-Seen': 'yes' } });
    const ok = await call.expect(`200 ${method}`);
    expect(ok.get('x-seen')).toBe('yes');
    const replied = dialog.request({
      method,
      body: DTMF,
      headers: { 'Content-Type': 'application/dtmf-relay' },
    });
    const sent = await call.expect(method);
    expect([sent.body, sent.get('content-type')]).toEqual([DTMF, 'application/dtmf-relay']);
    call.respond(sent, 200);
    expect((await replied).status).toBe(200);
    await hangUp(established);
  });

  it('a request the application does not listen for is answered by srf', async () => {
    const established = await callIn(bench);
    established.call.send('INFO', { body: DTMF, type: 'application/dtmf-relay' });
    await established.call.expect('200 INFO');
    await phoneHangsUp(established);
  });

  it('UPDATE with an offer, from the network, moves the target', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const elsewhere = await bench.phone({ user: 'moved' });
    const asked = nextEvent(dialog, 'update');
    call.send('UPDATE', { body: sdp({ version: 2 }), contact: `<${elsewhere.uri}>` });
    const [req, res] = (await asked) as Asked;
    expect(req.body).toBe(sdp({ version: 2 }));
    res.send(200, { body: sdp({ port: 7800 }) });
    expect((await call.expect('200 UPDATE')).body).toBe(sdp({ port: 7800 }));
    const gone = dialog.destroy();
    const bye = await Promise.race([elsewhere.expect('BYE'), call.expect('BYE')]);
    expect(bye.uri).toBe(knownBug(bench, 'targetRefresh') ? established.phone.uri : elsewhere.uri);
    call.respond(bye, 200);
    await gone;
  });

  it('UPDATE by the application', async () => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const replied = dialog.request({ method: 'UPDATE', body: sdp({ port: 7900 }) });
    const update = await call.expect('UPDATE');
    expect(update.body).toBe(sdp({ port: 7900 }));
    call.respond(update, 200, { body: sdp({ port: 7902 }) });
    expect((await replied).body).toBe(sdp({ port: 7902 }));
    await hangUp(established);
  });

  it('a request in flight when the call ends is answered', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const asked = nextEvent(dialog, 'info');
    call.send('INFO', { body: DTMF, type: 'application/dtmf-relay' });
    await asked;
    await phoneHangsUp(established);
    await call.expect('500 INFO');
  });

  it('is answered 481 with tags of another dialog', async () => {
    const established = await callIn(bench);
    const { call } = established;
    const tag = call.remoteTag;
    call.remoteTag = 'somebody-else';
    call.send('INFO');
    await call.expect(knownBug(bench, 'strayInDialog') ? '503 INFO' : '481 INFO');
    call.remoteTag = tag;
    await phoneHangsUp(established);
  });

  it('a refusal is handed over as it is', async () => {
    const established = await callOut(bench);
    const replied = established.dialog.request({ method: 'INFO' });
    established.call.respond(await established.call.expect('INFO'), 415, { reason: 'Not This' });
    const response = await replied;
    expect([response.status, response.reason]).toEqual([415, 'Not This']);
    await hangUp(established);
  });

  it('a request nobody answers ends in 408, and the call goes on', async () => {
    const established = await callOut(bench);
    const response = await established.dialog.request({ method: 'INFO' });
    expect(response.status).toBe(408);
    await hangUp(established);
  }, 90_000);
});
