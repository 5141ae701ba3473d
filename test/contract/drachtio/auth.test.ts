import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { challenge, expectSigned, type Flavour } from '../../support/digest.js';
import type { SipError, SrfRequest } from '../../support/srf.js';
import { callIn, callOut, dial, hangUp, refusal } from './flows.js';

const auth = { username: 'bot', password: 'pässword' };

// srf takes a challenge apart at its commas, quoted or not.
const FLAVOURS: readonly Flavour[] = [
  { status: 401, algorithm: 'MD5', qop: null, realm: 'test' },
  { status: 407, algorithm: 'MD5', qop: null, realm: 'test' },
];

/** One word of qop only: srf repeats all of it. */
const QOP: Flavour = { status: 401, algorithm: 'MD5', qop: 'auth', realm: 'test', offeredQop: 'auth' };

describeServers('digest authentication by srf', (bench) => {
  it.each([...FLAVOURS, QOP])(
    'answers a $status ($qop): same Call-ID and tag, next CSeq',
    async (flavour) => {
      const { app, phone, dialog, invite, call } = await dial(bench, { options: { auth } });
      challenge(call, invite, flavour);
      const ack = await call.expect('ACK');
      expect(ack.branch).toBe(invite.branch);
      const again = await call.fresh('INVITE');
      expect([again.callId, again.fromTag, again.cseq]).toEqual([
        invite.callId,
        invite.fromTag,
        invite.cseq + 1,
      ]);
      expect(again.branch).not.toBe(invite.branch);
      expect(again.body).toBe(invite.body);
      expectSigned(again, flavour, auth);
      call.accept(again);
      expect((await call.expect('ACK')).cseq).toBe(again.cseq);
      await hangUp({ app, phone, call, dialog: await dialog, invite: again });
    },
  );

  it('gives up when the credentials are refused', async () => {
    const { dialog, invite, call } = await dial(bench, { options: { auth } });
    challenge(call, invite, QOP);
    const again = await call.fresh('INVITE');
    challenge(call, again, QOP);
    expect(await refusal(dialog)).toBe(401);
    await call.expect((m) => m.method === 'ACK' && m.cseq === again.cseq);
  });

  it('without credentials the challenge is a refusal like any other', async () => {
    const { dialog, invite, call } = await dial(bench);
    challenge(call, invite, QOP);
    expect(await refusal(dialog)).toBe(401);
    await call.expect('ACK');
  });

  it('in a dialog: the BYE is sent again, and the dialog lives until then, but srf signs another URI', async () => {
    const { dialog, call } = await callOut(bench, { options: { auth } });
    const gone = dialog.destroy();
    const bye = await call.fresh('BYE');
    challenge(call, bye, QOP);
    const again = await call.fresh('BYE');
    expect([again.callId, again.cseq]).toEqual([bye.callId, bye.cseq + 1]);
    // Pitfall 22, and why the adapter signs for itself: no far end that looks takes this.
    expect(() => expectSigned(again, QOP, auth)).toThrow();
    expect(again.need('authorization')).toContain('uri="sip:placeholder"');
    call.respond(again, 200);
    await gone;
  });
});

const IN_DIALOG: Record<string, Record<string, string>> = {
  INVITE: {},
  INFO: {},
  REFER: { 'Refer-To': '<sip:carol@127.0.0.1>' },
  NOTIFY: { Event: 'refer', 'Subscription-State': 'active' },
  BYE: {},
};

/** What an application that signs for itself needs of the server. */
describeServers('digest authentication by the application', (bench) => {
  it('an INVITE is sent again in the same call, one CSeq further', async () => {
    const { app, phone, dialog, invite, call } = await dial(bench);
    challenge(call, invite, QOP);
    const { res } = await dialog.then(
      () => expect.unreachable('the call was refused'),
      (error: unknown) => error as SipError,
    );
    const headers = {
      From: res?.get('from') ?? '',
      'Call-ID': res?.get('call-id') ?? '',
      CSeq: `${invite.cseq + 1} INVITE`,
      Authorization: 'Digest x="y, z"',
    };
    const sent: SrfRequest[] = [];
    const cbRequest = (_error: unknown, req: SrfRequest): void => void sent.push(req);
    const second = app.srf.createUAC(phone.uri, { localSdp: invite.body, headers }, { cbRequest });
    const again = await call.fresh('INVITE');
    expect([again.callId, again.fromTag, again.toTag]).toEqual([invite.callId, invite.fromTag, '']);
    expect([again.uri, again.cseq, again.body]).toEqual([invite.uri, invite.cseq + 1, invite.body]);
    expect(again.get('authorization')).toBe('Digest x="y, z"');
    for (const name of ['from', 'call-id', 'cseq']) expect(again.all(name)).toHaveLength(1);
    call.accept(again);
    await call.expect((m) => m.method === 'ACK' && m.cseq === again.cseq);
    expect(sent.map(({ uri }) => uri)).toEqual([again.uri]);
    await hangUp({ app, phone, call, dialog: await second, invite: again });
  });

  it.each(['out', 'in'] as const)(
    'call %s: the server says which URI it has sent a request for',
    async (way) => {
      const { app, call, dialog } = way === 'in' ? await callIn(bench) : await callOut(bench);
      for (const [method, headers] of Object.entries(IN_DIALOG)) {
        const echo = new Promise<SrfRequest>((resolve, reject) => {
          const options = { method, stackDialogId: dialog.id, headers };
          app.srf.request('sip:placeholder', options, (error, req) => (error ? reject(error) : resolve(req)));
        });
        const request = await call.fresh(method);
        expect([method, request.uri, (await echo).uri]).toEqual([method, call.phone.uri, request.uri]);
        call.respond(request, method === 'INVITE' ? 488 : 200);
      }
    },
  );
});
