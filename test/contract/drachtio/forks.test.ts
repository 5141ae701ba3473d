import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { dial, hangUp } from './flows.js';
import { knownBug } from './known-bugs.js';

describeServers('a forked call', (bench) => {
  it('shows the 18x of every branch', async () => {
    const tags: string[] = [];
    const { app, phone, dialog, invite, call } = await dial(bench, {
      progress: { cbProvisional: (response) => tags.push(/tag=([^;]+)/.exec(response.get('To'))?.[1] ?? '') },
    });
    call.respond(invite, 180, { tag: 'one' });
    call.respond(invite, 183, { tag: 'two', body: sdp() });
    call.respond(invite, 180, { tag: 'three' });
    await until(() => tags.length === 3, 'three provisional responses');
    expect(tags).toEqual(['one', 'two', 'three']);
    call.localTag = 'two';
    call.accept(invite);
    expect((await call.expect('ACK')).toTag).toBe('two');
    await hangUp({ app, phone, call, dialog: await dialog, invite });
  });

  it('answered by two: the first gets the call, the second ACK and BYE', async () => {
    const { app, phone, dialog, invite, call } = await dial(bench);
    const other = await bench.phone({ user: 'second' });
    call.respond(invite, 180, { tag: 'first' });
    call.localTag = 'first';
    call.accept(invite);
    await call.expect('ACK');
    const dlg = await dialog;
    const second = other.answering(invite);
    phone.send(second.response(invite, 200, { tag: 'second', body: sdp() }), invite.source);
    if (knownBug(bench, 'secondFork')) {
      await sleep(200);
      // On UDP it repeats the first branch's ACK, which tells the second branch nothing.
      expect(phone.received.filter((m) => m.toTag === 'second')).toEqual([]);
      expect(other.received).toEqual([]);
    } else {
      const ack = await other.expect('ACK');
      expect([ack.toTag, ack.cseq, ack.uri]).toEqual(['second', invite.cseq, other.uri]);
      const bye = await other.expect('BYE');
      expect([bye.toTag, bye.fromTag, bye.callId]).toEqual(['second', invite.fromTag, invite.callId]);
      expect(bye.cseq).toBeGreaterThan(invite.cseq);
      second.respond(bye, 200);
    }
    expect(dlg.connected).toBe(true);
    expect(dlg.sip.remoteTag).toBe('first');
    await hangUp({ app, phone, call, dialog: dlg, invite });
  });

  it('cancelled after one branch refused: one final answer', async () => {
    const { dialog, invite, call, phone, provisional, cancel } = await dial(bench);
    call.respond(invite, 180, { tag: 'one' });
    call.respond(invite, 180, { tag: 'two' });
    await until(() => provisional.length === 2, 'two provisional responses');
    cancel();
    call.respond(await call.expect('CANCEL'), 200);
    call.respond(invite, 487, { tag: 'one' });
    await expect(dialog).rejects.toMatchObject({ status: 487 });
    await call.expect('ACK');
    expect(phone.count('BYE')).toBe(0);
  });
});
