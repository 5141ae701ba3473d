import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { nextEvent, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callOut, dial, hangUp, phoneHangsUp, refusal } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('a call by the application', (bench) => {
  it('rings, is answered, is acknowledged and hung up', async () => {
    const { app, phone, dialog, invite, call, provisional } = await dial(bench, {
      options: { headers: { 'X-Custom': 'Abc', Subject: 'support' } },
    });
    expect(invite.uri).toBe(phone.uri);
    expect(invite.get('max-forwards')).toBe('70');
    expect(invite.fromTag).not.toBe('');
    expect(invite.toTag).toBe('');
    expect(invite.contactUri).toBe(`sip:127.0.0.1:${bench.sip().port}`);
    expect(invite.get('content-type')).toBe('application/sdp');
    expect(invite.get('via')).toMatch(/;rport/);
    expect(invite.branch).toMatch(/^z9hG4bK/);
    expect([invite.get('x-custom'), invite.get('subject')]).toEqual(['Abc', 'support']);
    call.respond(invite, 100);
    call.respond(invite, 180);
    call.respond(invite, 183, { body: sdp({ port: 6000 }) });
    call.accept(invite);
    const ack = await call.expect('ACK');
    expect(ack.cseq).toBe(invite.cseq);
    expect(ack.uri).toBe(phone.uri);
    expect(ack.toTag).toBe(call.localTag);
    expect(ack.branch).not.toBe(invite.branch);
    const dlg = await dialog;
    expect(provisional).toEqual([180, 183]);
    expect(dlg.id).toBe(`${invite.callId};from-tag=${invite.fromTag}`);
    const gone = dlg.destroy({ headers: { Reason: 'Q.850;cause=16', 'X-End': '1' } });
    const bye = await call.expect('BYE');
    expect(bye.cseq).toBe(invite.cseq + 1);
    expect([bye.get('reason'), bye.get('x-end')]).toEqual(['Q.850;cause=16', '1']);
    call.respond(bye, 200);
    await gone;
    expect(app.arrivals).toEqual([]);
  });

  it('is hung up by the far end', async () => {
    const established = await callOut(bench);
    await phoneHangsUp(established);
    expect(established.dialog.connected).toBe(false);
  });

  it('acknowledges a refusal by itself and turns the ACK of the application down', async () => {
    const frames = await bench.frames();
    const phone = await bench.phone();
    const id = frames.send(`sip||\r\nINVITE ${phone.uri} SIP/2.0\r\n\r\n${sdp()}`);
    const sent = await frames.expect((f) => f.tokens[2] === id);
    const [, , , ok, source, bytes, proto, host, port, , txn, tail] = sent.tokens;
    expect([ok, source, proto]).toEqual(['OK', 'application', 'udp']);
    expect([host, port]).toEqual(['127.0.0.1', String(bench.sip().port)]);
    expect(tail).toBe('Msg sent:');
    const invite = await phone.expect('INVITE');
    expect(sent.sip).toBe(invite.toString());
    expect(Number(bytes)).toBe(invite.raw.length);
    const call = phone.answering(invite);
    call.respond(invite, 486);
    const ack = await call.expect('ACK');
    expect([ack.branch, ack.toTag, ack.cseq]).toEqual([invite.branch, call.localTag, invite.cseq]);
    const refused = await frames.expect(sipFrame('SIP/2.0 486'));
    expect(refused.tokens.slice(8)).toEqual([txn, `${invite.callId};from-tag=${invite.fromTag}`, '']);
    const reply = await frames.ask(`sip||${refused.tokens[9] ?? ''}\r\nACK ${phone.uri} SIP/2.0\r\n\r\n`);
    expect(reply.tokens[3]).toBe('NOK');
    expect(reply.tokens[4]).toMatch(/ACK for non-success final response/);
    expect(phone.count('ACK')).toBe(1);
  });

  it.each([302, 404, 486, 503, 603])('rejects with the status of a %i', async (status) => {
    const { dialog, invite, call } = await dial(bench);
    call.respond(invite, status, { headers: [['Contact', '<sip:elsewhere@127.0.0.1>']], contact: false });
    expect(await refusal(dialog)).toBe(status);
    await call.expect('ACK');
  });

  it('keeps From, Contact, Call-ID, CSeq and the From-tag of the application', async () => {
    const { dialog, invite, call } = await dial(bench, {
      options: {
        headers: {
          From: '"Bot" <sip:bot@localhost>;tag=from-app',
          Contact: '<sip:bot@localhost>',
          'Call-ID': 'call-id-from-app',
          CSeq: '4711 INVITE',
          To: '<sip:someone@else>',
        },
      },
    });
    expect(invite.get('from')).toBe(`"Bot" <sip:bot@127.0.0.1:${bench.sip().port}>;tag=from-app`);
    expect(invite.contactUri).toBe(`sip:bot@127.0.0.1:${bench.sip().port}`);
    expect([invite.callId, invite.cseq]).toEqual(['call-id-from-app', 4711]);
    expect(invite.get('to')).toBe('<sip:someone@else>');
    call.respond(invite, 486);
    expect(await refusal(dialog)).toBe(486);
  });

  it('sends to the proxy, with the request URI as it is', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const dialog = app.srf.createUAC('sip:bob@example.invalid', { localSdp: sdp(), proxy: phone.uri });
    const invite = await phone.expect('INVITE');
    expect(invite.uri).toBe('sip:bob@example.invalid');
    expect(invite.get('route')).toBeUndefined();
    const call = phone.answering(invite);
    call.respond(invite, 480);
    expect(await refusal(dialog)).toBe(480);
  });

  // srf documents `host:port`, and the reference says so too; the real server cannot send to it.
  it('takes a proxy without scheme, or says that it does not', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const dialog = app.srf.createUAC('sip:bob@example.invalid', { localSdp: sdp(), proxy: phone.hostPort });
    if (knownBug(bench, 'bareProxy')) {
      await expect(dialog).rejects.toMatchObject({ code: 'EDRACHTIO' });
      return;
    }
    const invite = await phone.expect('INVITE');
    phone.answering(invite).respond(invite, 480);
    expect(await refusal(dialog)).toBe(480);
  });

  it('never shows 100 to the application', async () => {
    const { dialog, invite, call, provisional } = await dial(bench);
    call.respond(invite, 100);
    call.respond(invite, 180);
    await until(() => provisional.length > 0, 'the 180');
    call.respond(invite, 486);
    expect(await refusal(dialog)).toBe(486);
    expect(provisional).toEqual([180]);
  });

  it('repeats the ACK for a repeated 200, without the application', async () => {
    const established = await callOut(bench, { response: { tag: 'same' } });
    const { call, invite, phone } = established;
    const acks: unknown[] = [];
    established.dialog.on('ack', () => acks.push(1));
    call.localTag = 'same';
    call.accept(invite);
    const again = await call.expect('ACK');
    expect(again.cseq).toBe(invite.cseq);
    call.accept(invite);
    await call.expect('ACK');
    await hangUp(established);
    expect(phone.count('ACK')).toBe(3);
    expect(acks).toEqual([]);
  });

  it('rejects a 200 without Contact', async () => {
    const { dialog, invite, call } = await dial(bench);
    call.accept(invite, { contact: false });
    // Without a Contact there is no dialog to hang up; whether an ACK goes out is left open (the real one sends none).
    expect(await refusal(dialog)).toBe(500);
  });

  it('repeats the INVITE until something comes back', async () => {
    const { dialog, phone, invite, call } = await dial(bench);
    const again = await phone.expect('INVITE');
    expect(again.toString()).toBe(invite.toString());
    call.respond(invite, 486);
    expect(await refusal(dialog)).toBe(486);
  });

  it('makes a 408 up when nothing ever comes back', async () => {
    const { dialog } = await dial(bench);
    expect(await refusal(dialog)).toBe(408);
  }, 90_000);

  it('makes a 503 up when nobody is there', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const nobody = phone.uri;
    await phone.close();
    expect(await refusal(app.srf.createUAC(nobody, { localSdp: sdp() }))).toBe(503);
  });

  it('makes a 503 up when nobody is there on TCP', async () => {
    const app = await bench.app();
    const phone = await bench.phone({ proto: 'tcp' });
    const nobody = phone.uri;
    await phone.close();
    expect(await refusal(app.srf.createUAC(nobody, { localSdp: sdp() }))).toBe(503);
  });

  it('will not call itself', async () => {
    const frames = await bench.frames();
    const { port } = bench.sip();
    const reply = await frames.ask(`sip||\r\nINVITE sip:me@127.0.0.1:${port} SIP/2.0\r\n\r\n${sdp()}`);
    expect(reply.tokens.slice(3)).toEqual(['NOK', expect.stringContaining('myself')]);
  });

  it('refuses a body of unknown type', async () => {
    const frames = await bench.frames();
    const reply = await frames.ask('sip||\r\nINVITE sip:x@127.0.0.1:9 SIP/2.0\r\n\r\nwhatever this is');
    expect(reply.tokens.slice(3)).toEqual(['NOK', expect.stringContaining('content-type')]);
  });

  it('sends requests outside of a dialog and hands over the answers', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const answer = new Promise<number>((resolve, reject) => {
      app.srf.request(phone.uri, { method: 'OPTIONS' }, (error, req) => {
        if (error) reject(error);
        else req.on('response', (res: { status: number }) => resolve(res.status));
      });
    });
    const options = await phone.expect('OPTIONS');
    const call = phone.answering(options);
    call.respond(options, 200);
    expect(await answer).toBe(200);
  });

  it('ends an answered call once: destroy event and promise', async () => {
    const established = await callOut(bench);
    const ended = nextEvent(established.dialog, 'destroy');
    established.call.bye();
    await ended;
    await expect(established.dialog.destroy()).rejects.toMatchObject({ code: 'ENODIALOG' });
    await established.call.expect('200 BYE');
  });
});
