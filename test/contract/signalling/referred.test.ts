import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import type { PhoneCall, SipMessage } from '../../support/sip-phone/index.js';
import { OUR_SDP, Rig, phoneHangsUp } from './rig.js';

const CAROL = '<sip:carol@127.0.0.1>';

/** The next NOTIFY, answered. */
async function notified(call: PhoneCall, status = 200): Promise<SipMessage> {
  const notify = await call.fresh('NOTIFY');
  call.respond(notify, status);
  return notify;
}

describeServers('signalling: REFER of the far end', (bench) => {
  it('is told, accepted at once, and reported on to the end', async () => {
    const rig = await Rig.start(bench);
    for (const party of [await rig.answered(), await rig.talking()]) {
      const { call, leg, told } = party;
      const refer = call.refer('"Carol" <sip:carol@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>', {
        headers: [
          ['Referred-By', '<sip:alice@127.0.0.1>'],
          ['X-Reason', 'support'],
          ['x-lower', 'kept'],
          ['Subject', 'not ours'],
        ],
      });
      const { referId, request } = await told.next('referred');
      expect(request).toEqual({
        source: '127.0.0.1',
        referTo: '"Carol" <sip:carol@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>',
        referredBy: '<sip:alice@127.0.0.1>',
        customHeaders: [
          ['X-Reason', 'support'],
          ['x-lower', 'kept'],
        ],
      });
      await told.silent(30);
      expect(call.take((m) => m.cseqMethod === 'REFER')).toBeUndefined();
      leg.notifyRefer(referId, 180, 'Too early', false);
      leg.acceptRefer(referId);
      expect((await call.expect('202 REFER')).get('refer-sub')).toBeUndefined();
      const trying = await notified(call);
      expect(trying.body).toBe('SIP/2.0 100 Trying\r\n');
      expect(trying.get('event')).toBe(`refer;id=${refer.cseq}`);
      expect(trying.get('subscription-state')).toBe('active;expires=600');
      expect(trying.get('content-type')).toBe('message/sipfrag;version=2.0');
      expect(trying.contactUri).toContain(`127.0.0.1:${bench.sip().port}`);
      leg.notifyRefer(referId, 180, 'Ringing', false);
      expect((await notified(call)).body).toBe('SIP/2.0 180 Ringing\r\n');
      leg.notifyRefer(referId, 603, 'No\r\nX-Evil: 1', true);
      const final = await notified(call);
      expect(final.body).toBe('SIP/2.0 603 NoX-Evil: 1\r\n');
      expect(final.get('subscription-state')).toBe('terminated;reason=noresource');
      leg.notifyRefer(referId, 200, 'OK', true);
      await told.silent(30);
      expect(call.take('NOTIFY')).toBeUndefined();
      await phoneHangsUp(party);
    }
  });

  it('with compact names, and two at a time', async () => {
    const rig = await Rig.start(bench);
    const answered = await rig.answered();
    const { call, leg, told } = answered;
    const ids: number[] = [];
    const sent: SipMessage[] = [];
    for (const user of ['carol', 'dave']) {
      const headers = [
        ['r', `<sip:${user}@127.0.0.1>`],
        ['b', `<sip:${user}s-boss@127.0.0.1>`],
      ] as const;
      sent.push(call.send('REFER', { headers }));
      const { referId, request } = await told.next('referred');
      expect(request).toMatchObject({
        referTo: `<sip:${user}@127.0.0.1>`,
        referredBy: `<sip:${user}s-boss@127.0.0.1>`,
      });
      leg.acceptRefer(referId);
      await call.expect('202 REFER');
      await notified(call);
      ids.push(referId);
    }
    for (const [index, referId] of ids.entries()) {
      leg.notifyRefer(referId, 200, 'OK', true);
      expect((await notified(call)).get('event')).toBe(`refer;id=${sent[index]?.cseq}`);
    }
    await phoneHangsUp(answered);
  });

  it('can be refused; an engine that says nothing is a 500', async () => {
    const rig = await Rig.start(bench, { peerRefer: 150 });
    const answered = await rig.answered();
    const { call, leg, told } = answered;
    call.refer(CAROL);
    const first = await told.next('referred');
    leg.refuseRefer(first.referId, 403, 'Not for you');
    leg.acceptRefer(first.referId);
    expect((await call.expect('403 REFER')).reason).toBe('Not for you');
    call.refer(CAROL);
    leg.refuseRefer((await told.next('referred')).referId, 607, 'Unwanted');
    await call.expect('600 REFER');
    call.refer(CAROL);
    await told.next('referred');
    await call.expect('500 REFER');
    await told.silent(20);
    expect(call.take('NOTIFY')).toBeUndefined();
    await phoneHangsUp(answered);
  });

  it.each([
    ['no Refer-To', [], 400],
    ['an empty one', [['Refer-To', '']], 400],
    [
      'two',
      [
        ['Refer-To', CAROL],
        ['r', CAROL],
      ],
      400,
    ],
    [
      'a demand we do not know',
      [
        ['Refer-To', CAROL],
        ['Require', 'multiple-refer'],
      ],
      420,
    ],
  ] as const)('%s: refused, and nobody is told', async (_name, headers, status) => {
    const rig = await Rig.start(bench);
    const answered = await rig.answered();
    const { call, told } = answered;
    call.send('REFER', { headers });
    await call.expect(`${status} REFER`);
    await told.silent(20);
    await phoneHangsUp(answered);
  });

  it.each([
    ['Refer-Sub', 'false', true],
    ['Refer-Sub', 'False;x=y', true],
    ['Require', 'norefersub', true],
    ['Refer-Sub', 'true', false],
    ['Supported', 'norefersub', false],
  ] as const)('%s: %s', async (name, value, silent) => {
    const rig = await Rig.start(bench);
    const answered = await rig.answered();
    const { call, leg, told } = answered;
    call.refer(CAROL, { headers: [[name, value]] });
    const { referId } = await told.next('referred');
    leg.acceptRefer(referId);
    const accepted = await call.expect('202 REFER');
    expect(accepted.get('refer-sub')).toBe(silent ? 'false' : undefined);
    if (!silent) await notified(call);
    leg.notifyRefer(referId, 200, 'OK', true);
    if (!silent) await notified(call);
    await told.silent(30);
    expect(call.take('NOTIFY')).toBeUndefined();
    await phoneHangsUp(answered);
  });

  it.each([
    [481, false],
    [408, false],
    [503, false],
    [503, true],
  ])(
    'a NOTIFY answered %i (Retry-After: %s): the last one, unless we are to come again',
    async (status, again) => {
      const rig = await Rig.start(bench);
      const answered = await rig.answered();
      const { call, leg, told } = answered;
      call.refer(CAROL);
      const { referId } = await told.next('referred');
      leg.acceptRefer(referId);
      const headers = again ? ([['Retry-After', '1']] as const) : [];
      call.respond(await call.fresh('NOTIFY'), status, { headers });
      const seen = (line: string): boolean => line.startsWith(`< ${status}`) && line.endsWith('(NOTIFY)');
      await until(() => told.ladder.some(seen), 'the response');
      leg.notifyRefer(referId, 200, 'OK', true);
      if (again) expect((await notified(call)).body).toContain('200 OK');
      await told.silent(30);
      expect(call.take((m) => m.method === 'NOTIFY' && m.cseq > call.remoteCseq)).toBeUndefined();
      await phoneHangsUp(answered);
    },
  );

  it('the referrer leaves: right behind the REFER, behind its 202, and later', async () => {
    const rig = await Rig.start(bench);
    const abrupt = await rig.talking();
    abrupt.call.refer(CAROL);
    abrupt.call.bye();
    const { referId } = await abrupt.told.next('referred');
    await abrupt.told.next('hungUp');
    abrupt.leg.acceptRefer(referId);
    abrupt.leg.notifyRefer(referId, 200, 'OK', true);
    for (const pause of [0, 280]) {
      const { call, leg, told } = await rig.answered();
      call.refer(CAROL);
      const { referId } = await told.next('referred');
      leg.acceptRefer(referId);
      await call.expect('202 REFER');
      await notified(call);
      await told.silent(pause);
      await phoneHangsUp({ call, told });
      leg.notifyRefer(referId, 180, 'Ringing', false);
      leg.notifyRefer(referId, 200, 'OK', true);
      await told.silent(50);
      expect(call.take('NOTIFY')).toBeUndefined();
    }
  });

  it('while we are leaving: 481', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    const bye = await call.expect('BYE');
    call.refer(CAROL);
    await call.expect('481 REFER');
    call.respond(bye, 200);
    expect((await told.next('closed')).code).toBe(200);
    await told.silent(20);
  });

  it('before the dialog is confirmed: declined', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.ring(180, 'Ringing', null);
    call.learn(await call.expect(180));
    const invite = call.lastInvite;
    call.refer(CAROL);
    // The real server has no application for it yet, and never answers.
    if (!bench.real) await call.expect('603 REFER');
    await told.silent(50);
    leg.answer(OUR_SDP);
    call.lastInvite = invite;
    call.ack(await call.expect('200 INVITE'));
    await phoneHangsUp({ call, told });
  });
});
