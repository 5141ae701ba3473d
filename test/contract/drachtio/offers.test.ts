import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { nextEvent } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { hangUp, phoneHangsUp } from './flows.js';

describeServers('delayed offers', (bench) => {
  it('out: the 200 offers, the ACK of the application answers', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'bob' });
    const answered = app.srf.createUAC(phone.uri, { noAck: true });
    const invite = await phone.expect('INVITE');
    expect(invite.body).toBe('');
    const call = phone.answering(invite);
    const offer = sdp({ port: 7000 });
    call.accept(invite, { body: offer });
    const half = await answered;
    expect(half.sdp).toBe(offer);
    expect(phone.count('ACK')).toBe(0);
    const acked = half.ack(sdp({ port: 7002 }));
    const ack = await call.expect('ACK');
    expect(ack.body).toBe(sdp({ port: 7002 }));
    expect(ack.get('content-type')).toBe('application/sdp');
    expect(ack.cseq).toBe(invite.cseq);
    await hangUp({ app, phone, call, dialog: await acked, invite });
  });

  it('out: the 200 is repeated until the application gives its answer', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'bob' });
    const answered = app.srf.createUAC(phone.uri, { noAck: true });
    const invite = await phone.expect('INVITE');
    const call = phone.answering(invite);
    const raw = call.accept(invite);
    const half = await answered;
    phone.send(raw, invite.source);
    phone.send(raw, invite.source);
    const acked = half.ack(sdp({ port: 7002 }));
    const first = await call.expect('ACK');
    expect(first.body).toBe(sdp({ port: 7002 }));
    // From now on the server repeats the ACK with its answer.
    phone.send(raw, invite.source);
    expect((await call.expect('ACK')).body).toBe(sdp({ port: 7002 }));
    await hangUp({ app, phone, call, dialog: await acked, invite });
  });

  it('in: the application offers in the 200, the ACK of the caller answers', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ user: 'alice' });
    const call = phone.call(bench.sip());
    const invite = call.invite({ body: '' });
    const { req, res } = await app.next();
    expect(req.body).toBe('');
    const answered = app.srf.createUAS(req, res, { localSdp: sdp({ port: 7100 }) });
    const ok = await call.expect('200 INVITE');
    expect(ok.body).toBe(sdp({ port: 7100 }));
    const dialog = await answered;
    const acked = nextEvent(dialog, 'ack');
    call.ack(ok, { body: sdp({ port: 7102 }) });
    const [ack] = (await acked) as [{ body: string }];
    expect(ack.body).toBe(sdp({ port: 7102 }));
    expect(dialog.remote.sdp).toBe(sdp({ port: 7102 }));
    await phoneHangsUp({ app, phone, call, dialog, invite });
  });
});
