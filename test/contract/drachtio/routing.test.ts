import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, dial, phoneHangsUp } from './flows.js';

/** Loopback, so that nothing leaves the machine if the rule under test is broken; nobody listens there. */
const BEHIND_NAT = '127.0.0.9:5060';

describeServers('where in-dialog requests go', (bench) => {
  it('on a call that came in: along Record-Route, in its order', async () => {
    const proxy = await bench.phone({ user: 'proxy' });
    const routes = [`<sip:${proxy.hostPort};lr>`, '<sip:p2@127.0.0.8:5099;lr;x=1>'];
    const established = await callIn(bench, {
      request: { body: sdp(), headers: routes.map((route) => ['Record-Route', route] as const) },
    });
    const { phone, dialog, call } = established;
    const ok = phone.received.find((m) => m.status === 200);
    expect(ok?.all('record-route')).toEqual(routes);
    const replied = dialog.request({ method: 'INFO' });
    const info = await proxy.expect('INFO');
    expect(info.uri).toBe(phone.uri);
    expect(info.all('route')).toEqual(routes);
    call.respond(info, 200);
    await replied;
    // What comes along the route is recognised like anything else.
    await phoneHangsUp(established);
  });

  it('on a call that went out: along Record-Route reversed, the ACK included', async () => {
    const proxy = await bench.phone({ user: 'proxy' });
    const routes = ['<sip:p1@127.0.0.8:5099;lr>', `<sip:${proxy.hostPort};lr>`];
    const { dialog, invite, call, phone } = await dial(bench);
    call.accept(invite, { headers: routes.map((route) => ['Record-Route', route] as const) });
    const ack = await proxy.expect('ACK');
    expect(ack.uri).toBe(phone.uri);
    expect(ack.all('route')).toEqual([...routes].reverse());
    const gone = (await dialog).destroy();
    const bye = await proxy.expect('BYE');
    expect(bye.all('route')).toEqual([...routes].reverse());
    call.respond(bye, 200);
    await gone;
  });

  it('Record-Route of one header line is the same as of two', async () => {
    const proxy = await bench.phone({ user: 'proxy' });
    const routes = [`<sip:${proxy.hostPort};lr>`, '<sip:p2@127.0.0.8:5099;lr>'];
    const { dialog, call } = await callIn(bench, {
      request: { body: sdp(), headers: [['Record-Route', routes.join(',')]] },
    });
    const gone = dialog.destroy();
    const bye = await proxy.expect('BYE');
    expect(bye.all('route')).toEqual(routes);
    call.respond(bye, 200);
    await gone;
  });

  it('to Contact, which need not be where the INVITE came from, when there is a route', async () => {
    const { dialog, invite, call, phone } = await dial(bench);
    call.accept(invite, {
      contact: `<sip:bob@${BEHIND_NAT}>`,
      headers: [['Record-Route', `<sip:${phone.hostPort};lr>`]],
    });
    expect((await call.expect('ACK')).uri).toBe(`sip:bob@${BEHIND_NAT}`);
    const gone = (await dialog).destroy();
    const bye = await call.expect('BYE');
    expect(bye.uri).toBe(`sip:bob@${BEHIND_NAT}`);
    call.respond(bye, 200);
    await gone;
  });

  it('behind NAT, on a call that came in: to where it came from, R-URI as Contact says', async () => {
    const { dialog, call } = await callIn(bench, {
      request: { body: sdp(), contact: `<sip:alice@${BEHIND_NAT}>` },
    });
    const gone = dialog.destroy();
    const bye = await call.expect('BYE');
    expect(bye.uri).toBe(`sip:alice@${BEHIND_NAT}`);
    call.respond(bye, 200);
    await gone;
  });

  it('behind NAT, on a call that went out: ACK and BYE to where the 200 came from', async () => {
    const { dialog, call, invite } = await dial(bench);
    call.accept(invite, { contact: `<sip:bob@${BEHIND_NAT}>` });
    expect((await call.expect('ACK')).uri).toBe(`sip:bob@${BEHIND_NAT}`);
    const gone = (await dialog).destroy();
    const bye = await call.expect('BYE');
    expect(bye.uri).toBe(`sip:bob@${BEHIND_NAT}`);
    call.respond(bye, 200);
    await gone;
  });

  it('answers go to where the request came from, whatever its Via says (rport)', async () => {
    const established = await callIn(bench, { request: { body: sdp(), via: `SIP/2.0/UDP ${BEHIND_NAT}` } });
    const ok = established.phone.received.find((m) => m.status === 200);
    expect(ok?.get('via')).toContain(BEHIND_NAT);
    expect(ok?.get('via')).toContain(`rport=${established.phone.address.port}`);
    expect(ok?.get('via')).toContain('received=127.0.0.1');
    await phoneHangsUp(established);
  });

  it('a Contact with a display name and parameters is used to the letter', async () => {
    const { dialog, call, invite, phone } = await dial(bench);
    call.accept(invite, { contact: `"Bob, the first" <sip:bob@${phone.hostPort};ob;x=1>;expires=60` });
    expect((await call.expect('ACK')).uri).toBe(`sip:bob@${phone.hostPort};ob;x=1`);
    const dlg = await dialog;
    const ended = nextEvent(dlg, 'destroy');
    call.bye();
    await call.expect('200 BYE');
    await ended;
  });
});
