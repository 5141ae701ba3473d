import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { callIn, hangUp } from './flows.js';

describeServers('requests outside of a dialog', (bench) => {
  it('hands OPTIONS to the application and sends its answer', async () => {
    const app = await bench.app(['options']);
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.send('OPTIONS');
    const { res } = await app.next('OPTIONS');
    res.send(200, { headers: { Allow: 'INVITE, ACK, BYE, CANCEL, REFER' } });
    const ok = await call.expect('200 OPTIONS');
    expect(ok.get('allow')).toBe('INVITE, ACK, BYE, CANCEL, REFER');
    expect(ok.toTag).not.toBe('');
  });

  it.each(['REGISTER', 'MESSAGE', 'INFO', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH'])(
    'delivers %s',
    async (method) => {
      const app = await bench.app([method.toLowerCase()]);
      const phone = await bench.phone();
      const call = phone.call(bench.sip());
      const extra: Record<string, [string, string][]> = {
        NOTIFY: [
          ['Event', 'presence'],
          ['Subscription-State', 'active'],
        ],
        SUBSCRIBE: [['Event', 'presence']],
        PUBLISH: [['Event', 'presence']],
      };
      call.send(method, { headers: extra[method] ?? [] });
      const { res } = await app.next(method);
      res.send(403);
      await call.expect(`403 ${method}`);
    },
  );

  it('answers 503 to OPTIONS nobody wants', async () => {
    await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.send('OPTIONS');
    await call.expect('503 OPTIONS');
  });

  it.each(['BYE', 'UPDATE'])('answers 481 to %s for a dialog it does not know', async (method) => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.remoteTag = 'nobody';
    call.send(method);
    await call.expect(`481 ${method}`);
    expect(app.arrivals).toEqual([]);
  });

  it('answers 481 to an INVITE with a To-tag it never gave out', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.remoteTag = 'nobody';
    call.invite();
    call.ack(await call.expect('481 INVITE'));
    expect(app.arrivals).toEqual([]);
  });

  it('answers 481 to a CANCEL of nothing', async () => {
    await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.send('CANCEL', { cseq: 1 });
    await call.expect('481 CANCEL');
  });

  it('drops a stray ACK and serves the next call', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const stray = phone.call(bench.sip());
    stray.remoteTag = 'nobody';
    stray.send('ACK', { cseq: 1 });
    await hangUp(await callIn(bench, { app }));
    expect(phone.received).toEqual([]);
  });

  // The real server discards REFER out of a dialog: the sender times out. An answer would be kinder, but an
  // application written against the real one never sees the request, and neither may it here.
  it('does not deliver REFER', async () => {
    const app = await bench.app(['invite', 'refer']);
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.refer('<sip:carol@127.0.0.1>');
    await hangUp(await callIn(bench, { app }));
    expect(app.arrivals).toEqual([]);
    expect(phone.count('202 REFER')).toBe(0);
  });

  it('hands over an INVITE without Contact: refusing it is up to the application', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite({ contact: false });
    const { req, res } = await app.next();
    expect(req.has('Contact')).toBe(false);
    res.send(400);
    call.ack(await call.expect('400 INVITE'));
  });

  it('answers 400 to a REGISTER that removes everything but not now', async () => {
    const app = await bench.app(['register']);
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.send('REGISTER', { contact: '*', headers: [['Expires', '3600']] });
    await call.expect('400 REGISTER');
    expect(app.arrivals).toEqual([]);
  });

  it('shows requests byte for byte, with what the top Via learned on the way', async () => {
    const frames = await bench.frames({ routes: ['options'] });
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    const sent = call.build('OPTIONS', {
      headers: [
        ['x-lower', 'Kept  as it is'],
        ['s', 'compact'],
      ],
    });
    call.resend(sent);
    const arrived = await frames.expect(sipFrame('OPTIONS '));
    const [, , source, bytes, proto, addr, port, time, txn, dialogId, localAddr, localPort] = arrived.tokens;
    expect([source, proto, addr, port]).toEqual(['network', 'udp', '127.0.0.1', String(phone.address.port)]);
    expect(Number(bytes)).toBeGreaterThan(0);
    expect(time).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    expect(txn).toMatch(/^[0-9a-f-]{36}$/);
    expect(dialogId).toBe('');
    expect([localAddr, localPort]).toEqual(['127.0.0.1', String(bench.sip().port)]);
    const learned = sent.toString().replace(/;rport/, `;rport=${phone.address.port}`);
    expect(arrived.sip.replace(/;received=127\.0\.0\.1/, '')).toBe(learned);
    const reply = await frames.ask(`sip|${txn ?? ''}|\r\nSIP/2.0 404 Not Here\r\n\r\n`);
    expect(reply.tokens.slice(3, 5)).toEqual(['OK', 'application']);
    const ok = await call.expect('404 OPTIONS');
    expect(reply.sip).toBe(ok.toString());
    expect(ok.reason).toBe('Not Here');
  });
});
