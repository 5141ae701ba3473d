import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, hangUp, phoneHangsUp } from './flows.js';

describeServers('a call to the application', (bench) => {
  it('sends 100 by itself, then what the application sends, and hands over ACK and BYE', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'alice' });
    const call = phone.call(bench.sip());
    call.invite();
    const trying = await call.expect('100 INVITE');
    expect(trying.toTag).toBe('');
    const { req, res } = await app.next();
    expect(req.source_address).toBe('127.0.0.1');
    expect(Number(req.source_port)).toBe(phone.address.port);
    expect(req.protocol).toBe('udp');
    expect(req.receivedOn).toBe(`127.0.0.1:${bench.sip().port}`);
    res.send(180);
    const ringing = await call.expect('180 INVITE');
    expect(ringing.toTag).not.toBe('');
    const answered = app.srf.createUAS(req, res, { localSdp: sdp() });
    const ok = await call.expect('200 INVITE');
    expect(ok.toTag).toBe(ringing.toTag);
    expect(ok.body).toBe(sdp());
    expect(ok.get('content-type')).toBe('application/sdp');
    expect(ok.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    const dialog = await answered;
    expect(dialog.id).toBe(`${call.callId};from-tag=${call.localTag}`);
    const acked = nextEvent(dialog, 'ack');
    call.ack(ok);
    await acked;
    const ended = nextEvent(dialog, 'destroy');
    call.bye({ headers: [['X-Why', 'done']] });
    await call.expect('200 BYE');
    const [bye, reason] = (await ended) as [{ get(name: string): string }, string];
    expect(bye.get('X-Why')).toBe('done');
    expect(reason).toBe('normal release');
  });

  it('sends every 18x the application sends, early media included', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { req, res } = await app.next();
    res.send(180);
    await call.expect('180 INVITE');
    res.send(183, { body: sdp({ port: 5000 }) });
    const early = await call.expect('183 INVITE');
    expect(early.body).toBe(sdp({ port: 5000 }));
    res.send(181);
    const forwarded = await call.expect('181 INVITE');
    expect(forwarded.toTag).toBe(early.toTag);
    const answered = app.srf.createUAS(req, res, { localSdp: sdp() });
    const ok = await call.expect('200 INVITE');
    call.ack(ok);
    await hangUp({ app, phone, call, dialog: await answered, invite: ok });
  });

  it("takes the To-tag from the application's first response and keeps it", async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { req, res } = await app.next();
    res.send(180, { headers: { To: `${req.get('To')};tag=chosen-by-app` } });
    expect((await call.expect('180 INVITE')).toTag).toBe('chosen-by-app');
    const answered = app.srf.createUAS(req, res, { localSdp: sdp() });
    const ok = await call.expect('200 INVITE');
    expect(ok.toTag).toBe('chosen-by-app');
    call.ack(ok);
    await hangUp({ app, phone, call, dialog: await answered, invite: ok });
  });

  it('passes headers of the application, keeps its own', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    const sent = call.invite({ headers: [['Record-Route', '<sip:127.0.0.1:1;lr>']] });
    const { res } = await app.next();
    res.send(480, {
      headers: {
        'X-Custom': 'Abc',
        'Retry-After': '5',
        'P-Asserted-Identity': '<sip:x@y>',
        Via: 'SIP/2.0/UDP evil',
      },
    });
    const refused = await call.expect('480 INVITE');
    call.ack(refused);
    expect(refused.get('x-custom')).toBe('Abc');
    expect(refused.get('retry-after')).toBe('5');
    expect(refused.get('p-asserted-identity')).toBe('<sip:x@y>');
    expect(refused.all('via')).toHaveLength(1);
    expect(refused.branch).toBe(sent.branch);
    expect(refused.get('from')).toBe(sent.get('from'));
  });

  it('sends the body by its bytes, not its characters', async () => {
    const body = sdp({ user: 'jürgen-日本-😀' });
    const established = await callIn(bench, { localSdp: body, request: { body } });
    expect(established.dialog.remote.sdp).toBe(body);
    await hangUp(established);
  });

  it('absorbs a retransmitted INVITE and repeats the last response', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    const invite = call.invite();
    const { res } = await app.next();
    res.send(180);
    await call.expect('180 INVITE');
    call.resend(invite);
    await call.expect('180 INVITE');
    res.send(486);
    call.ack(await call.expect('486 INVITE'));
    expect(app.arrivals).toEqual([]);
  });

  it('repeats a refusal until it is acknowledged, and keeps that ACK to itself', async () => {
    const frames = await bench.frames({ routes: ['invite'] });
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const arrived = await frames.expect((f) => f.kind === 'sip' && f.sip.startsWith('INVITE '));
    await frames.ask(`sip|${arrived.tokens[8] ?? ''}|\r\nSIP/2.0 603 Decline\r\n\r\n`);
    await call.expect('603 INVITE');
    const again = await call.expect('603 INVITE');
    call.ack(again);
    call.ack(again);
    await frames.ask('ping');
    expect(frames.received.filter((f) => f.sip.startsWith('ACK '))).toEqual([]);
  });

  it('refuses a second final response of the application', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { res } = await app.next();
    res.send(486);
    call.ack(await call.expect('486 INVITE'));
    const error = await new Promise((resolve) => res.send(200, {}, (e) => resolve(e)));
    expect(error).not.toBeNull();
    expect(phone.count('200 INVITE')).toBe(0);
  });

  it('repeats the 200 until the ACK comes, and hands over one ACK', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { req, res } = await app.next();
    const dialog = await app.srf.createUAS(req, res, { localSdp: sdp() });
    for (let i = 0; i < 3; i++) await call.expect('200 INVITE');
    let acks = 0;
    dialog.on('ack', () => acks++);
    const ok = phone.received.filter((m) => m.status === 200).at(-1)!;
    call.ack(ok);
    await until(() => acks > 0, 'the ACK');
    await phoneHangsUp({ app, phone, call, dialog, invite: ok });
    const repeats = phone.count('200 INVITE');
    expect(repeats).toBeGreaterThanOrEqual(3);
    expect(acks).toBe(1);
  });

  it('hangs up and tells the application when no ACK comes', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { req, res } = await app.next();
    const dialog = await app.srf.createUAS(req, res, { localSdp: sdp() });
    // The real server waits 32 s whatever its SIP timers are.
    const patience = bench.real ? 45_000 : bench.timers.t1x64 + 5000;
    const ended = nextEvent(dialog, 'destroy', patience);
    const bye = await call.expect('BYE', patience);
    call.learn(phone.received.find((m) => m.status === 200)!);
    call.respond(bye, 200);
    expect(bye.get('reason')).toMatch(/text="ACK timeout"/);
    const [, reason] = await ended;
    expect(reason).toBe('ACK timeout');
  }, 90_000);
});
