import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { nextEvent, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, callOut, hangUp } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('an application that goes away', (bench) => {
  it.each([
    ['a call it made', callOut],
    ['a call it took', callIn],
  ])('in-dialog requests get 481, on %s', async (_what, up) => {
    const { app, call } = await up(bench);
    await app.close();
    call.send('INFO');
    await call.expect('481 INFO');
    call.bye();
    await call.expect('481 BYE');
  });

  it('new calls get 503', async () => {
    const app = await bench.app();
    await app.close();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    call.ack(await call.expect('503 INVITE'));
  });

  it('another application does not inherit its calls', async () => {
    const { app, call } = await callIn(bench);
    const other = await bench.app();
    await app.close();
    call.bye();
    await call.expect('481 BYE');
    expect(other.arrivals).toEqual([]);
    await hangUp(await callIn(bench, { app: other }));
  });

  it('comes back by itself, with its routes', async () => {
    const app = await bench.app();
    const lost = nextEvent(app.srf, 'close');
    // The link breaks under srf's feet, as when the network goes.
    const socket = linkOf(app.srf);
    socket.destroy();
    await lost;
    await until(() => app.connects === 2, 'srf has reconnected');
    await hangUp(await callIn(bench, { app }));
  });

  it('a request in flight when the link breaks is never settled by srf', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    let settled = false;
    const dialling = app.srf.createUAC(phone.uri, { localSdp: sdp() }).finally(() => {
      settled = true;
    });
    dialling.catch(() => undefined);
    const invite = await phone.expect('INVITE');
    await app.close();
    const call = phone.answering(invite);
    call.respond(invite, 486);
    await call.expect('ACK');
    expect(settled).toBe(false);
  });

  it('leaves nothing behind of a call which rings', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const { res } = await app.next();
    res.send(180);
    await call.expect('180 INVITE');
    await app.close();
    if (knownBug(bench, 'ringsWithoutApplication')) {
      call.cancel();
      await call.expect('200 CANCEL');
      call.ack(await call.expect('487 INVITE'));
      return;
    }
    call.ack(await call.expect('503 INVITE'));
  });
});

describeServers('several applications', (bench) => {
  it('each is told about its own calls only', async () => {
    const apps = [await bench.app(), await bench.app()] as const;
    const calls = [await callOut(bench, { app: apps[0] }), await callOut(bench, { app: apps[1] })] as const;
    const asked = nextEvent(calls[1].dialog, 'info');
    calls[0].dialog.on('info', () => expect.unreachable('the INFO of the other call'));
    calls[1].call.send('INFO');
    await asked;
    expect(calls[0].phone.received.filter((m) => m.method !== 'INVITE' && m.method !== 'ACK')).toEqual([]);
    // Both dialogs end by their own application.
    const [, res] = (await asked) as [unknown, { send(status: number): void }];
    res.send(200);
    await calls[1].call.expect('200 INFO');
    await hangUp(calls[0]);
    await hangUp(calls[1]);
  });

  it('remove_route takes one route away', async () => {
    const frames = await bench.frames({ routes: ['invite', 'options'] });
    expect((await frames.ask('remove_route|options')).tokens[3]).toBe('OK');
    const phone = await bench.phone();
    const options = phone.call(bench.sip());
    options.send('OPTIONS');
    await options.expect('503 OPTIONS');
    const call = phone.call(bench.sip());
    call.invite();
    if (knownBug(bench, 'removeRoute')) {
      call.ack(await call.expect('503 INVITE'));
      return;
    }
    const arrived = await frames.expect(sipFrame('INVITE '));
    frames.send(`sip|${arrived.tokens[8] ?? ''}|\r\nSIP/2.0 486 Busy Here\r\n\r\n`);
    call.ack(await call.expect('486 INVITE'));
  });
});

/** The socket below an srf: not part of its API, and the only way to break the link without srf's consent. */
function linkOf(srf: object): { destroy(): void } {
  const { client } = (srf as { _app: { client: { mapServer: Map<{ destroy(): void }, unknown> } } })._app;
  const socket = client.mapServer.keys().next().value;
  if (socket === undefined) throw new Error('srf is not connected');
  return socket;
}
