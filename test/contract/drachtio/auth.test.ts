import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import type { SipMessage } from '../../support/sip-phone/index.js';
import { callOut, dial, hangUp, refusal } from './flows.js';

const auth = { username: 'bot', password: 'pässword' };
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const field = (header: string, name: string): string =>
  new RegExp(`[\\s,]${name}="?([^",]+)`).exec(header)?.[1] ?? '';

/** Recomputes the digest of RFC 2617 from what was sent. */
function digestHolds(header: string, method: string): boolean {
  const get = (name: string): string => field(header, name);
  const ha1 = md5(`${auth.username}:${get('realm')}:${auth.password}`);
  const ha2 = md5(`${method}:${get('uri')}`);
  const qop = get('qop');
  const middle = qop === '' ? '' : `${get('nc')}:${get('cnonce')}:${qop}:`;
  return get('response') === md5(`${ha1}:${get('nonce')}:${middle}${ha2}`);
}

const CHALLENGES = [
  [401, 'WWW-Authenticate', 'authorization'],
  [407, 'Proxy-Authenticate', 'proxy-authorization'],
] as const;

describeServers('digest authentication by srf', (bench) => {
  it.each(CHALLENGES)('answers a %i: same Call-ID and tag, next CSeq', async (status, challenge, answer) => {
    const { app, phone, dialog, invite, call } = await dial(bench, { options: { auth } });
    call.respond(invite, status, {
      headers: [[challenge, 'Digest realm="test", nonce="n1", algorithm=MD5, qop="auth"']],
    });
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
    expect(digestHolds(again.need(answer), 'INVITE')).toBe(true);
    expect(invite.get(answer)).toBeUndefined();
    call.accept(again);
    expect((await call.expect('ACK')).cseq).toBe(again.cseq);
    await hangUp({ app, phone, call, dialog: await dialog, invite: again });
  });

  it('gives up when the credentials are refused', async () => {
    const { dialog, invite, call } = await dial(bench, { options: { auth } });
    const headers: [string, string][] = [['WWW-Authenticate', 'Digest realm="test", nonce="n1"']];
    call.respond(invite, 401, { headers });
    const again = await call.fresh('INVITE');
    call.respond(again, 401, { headers });
    expect(await refusal(dialog)).toBe(401);
    await call.expect((m) => m.method === 'ACK' && m.cseq === again.cseq);
  });

  it('without credentials the challenge is a refusal like any other', async () => {
    const { dialog, invite, call } = await dial(bench);
    call.respond(invite, 407, { headers: [['Proxy-Authenticate', 'Digest realm="test", nonce="n1"']] });
    expect(await refusal(dialog)).toBe(407);
    await call.expect('ACK');
  });

  it('in a dialog: the BYE is sent again with credentials, and the dialog lives until then', async () => {
    const { dialog, call } = await callOut(bench, { options: { auth } });
    const gone = dialog.destroy();
    const bye = await call.fresh('BYE');
    call.respond(bye, 401, { headers: [['WWW-Authenticate', 'Digest realm="test", nonce="n2"']] });
    const again: SipMessage = await call.fresh('BYE');
    expect([again.callId, again.cseq]).toEqual([bye.callId, bye.cseq + 1]);
    expect(digestHolds(again.need('authorization'), 'BYE')).toBe(true);
    call.respond(again, 200);
    await gone;
  });
});
