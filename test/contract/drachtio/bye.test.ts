import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { nextEvent } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, callOut, hangUp } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('the end of a call', (bench) => {
  it('refuses in-dialog requests for a dialog which is gone, with a code srf can tell', async () => {
    const established = await callOut(bench);
    await hangUp(established);
    await expect(established.dialog.destroy()).rejects.toMatchObject({ code: 'ENODIALOG' });
    await expect(established.dialog.request({ method: 'INFO' })).rejects.toMatchObject({ code: 'ENODIALOG' });
  });

  it('says so in the words srf looks for', async () => {
    const frames = await bench.frames();
    const reply = await frames.ask('sip||no-such-call;from-tag=x\r\nBYE sip:placeholder SIP/2.0\r\n\r\n');
    expect(reply.tokens.slice(3)).toEqual([
      'NOK',
      'Server error: unable to find dialog for dialog id provided',
    ]);
  });

  it('answers 481 to the network once the dialog is gone', async () => {
    const established = await callIn(bench);
    await hangUp(established);
    established.call.bye();
    await established.call.expect('481 BYE');
  });

  it('survives BYEs that cross: both sides get an answer, one dialog ends', async () => {
    const established = await callIn(bench);
    const { dialog, call } = established;
    const gone = dialog.destroy().then(
      () => 'answered',
      () => 'refused',
    );
    const theirs = await call.expect('BYE');
    call.bye();
    call.respond(theirs, 200);
    const ours = await call.expect((m) => m.cseqMethod === 'BYE' && m.status >= 200);
    expect([200, 481]).toContain(ours.status);
    expect(['answered', 'refused']).toContain(await gone);
    expect(established.app.srf.findDialogById(dialog.id)).toBeUndefined();
  });

  it.each([481, 408, 500])('is over for the application when its BYE gets %i', async (status) => {
    const established = await callOut(bench);
    const { dialog, call } = established;
    const gone = dialog.destroy();
    call.respond(await call.expect('BYE'), status);
    await gone;
    await expect(dialog.destroy()).rejects.toMatchObject({ code: 'ENODIALOG' });
  });

  it('hands a BYE over as it came, and reports what was sent back', async () => {
    const frames = await bench.frames({ routes: ['invite'] });
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const invited = await frames.expect(sipFrame('INVITE '));
    const txn = invited.tokens[8] ?? '';
    const reply = await frames.ask(`sip|${txn}|\r\nSIP/2.0 200 OK\r\n\r\n${sdp()}`);
    const dialogId = `${call.callId};from-tag=${call.localTag}`;
    const ok = await call.expect('200 INVITE');
    const [, , , verdict, source, bytes] = reply.tokens;
    expect([verdict, source, Number(bytes)]).toEqual(['OK', 'application', ok.raw.length]);
    expect(reply.tokens.slice(10)).toEqual([txn, dialogId, '', 'Msg sent:', '']);
    expect(reply.sip).toBe(ok.toString());
    call.ack(ok);
    const ack = await frames.expect(sipFrame('ACK '));
    expect(ack.tokens[9]).toBe(dialogId);
    call.bye({ headers: [['Reason', 'Q.850;cause=16']] });
    const bye = await frames.expect(sipFrame('BYE '));
    expect([bye.tokens[2], bye.tokens[9]]).toEqual(['network', dialogId]);
    expect(bye.sip).toContain('\r\nReason: Q.850;cause=16\r\n');
    const sent = await frames.ask(`sip|${bye.tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(sent.tokens.slice(10)).toEqual([bye.tokens[8], '', '', 'Msg sent:', '']);
    expect(sent.sip).toBe((await call.expect('200 BYE')).toString());
  });

  it('a BYE the application refuses changes nothing', async () => {
    const frames = await bench.frames({ routes: ['invite'] });
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const invited = await frames.expect(sipFrame('INVITE '));
    await frames.ask(`sip|${invited.tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n${sdp()}`);
    call.ack(await call.expect('200 INVITE'));
    const dialogId = (await frames.expect(sipFrame('ACK '))).tokens[9] ?? '';
    call.bye();
    const first = (await frames.expect(sipFrame('BYE '))).tokens[8] ?? '';
    await frames.ask(`sip|${first}|\r\nSIP/2.0 481 Who are you\r\n\r\n`);
    expect((await call.expect('481 BYE')).reason).toBe('Who are you');
    const reply = await frames.ask(`sip||${dialogId}\r\nINFO sip:placeholder SIP/2.0\r\n\r\n`);
    if (knownBug(bench, 'byeEndsAnyway')) {
      expect(reply.tokens[3]).toBe('NOK');
      return;
    }
    call.respond(await call.expect('INFO'), 200);
    call.bye();
    const second = (await frames.expect(sipFrame('BYE '))).tokens[8] ?? '';
    await frames.ask(`sip|${second}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await call.expect('200 BYE');
  });

  it('tells the application at once, though the 200 may come later', async () => {
    const established = await callOut(bench);
    const ended = nextEvent(established.dialog, 'destroy');
    const bye = established.call.bye();
    await ended;
    await established.call.expect('200 BYE');
    // A retransmission is absorbed and answered alike.
    established.call.resend(bye);
    await established.call.expect('200 BYE');
  });
});
