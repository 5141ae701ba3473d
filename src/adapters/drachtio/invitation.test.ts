import { describe, expect, it } from 'vitest';
import { Invitation, type Refused } from './invitation.js';

const auth = { username: 'u', password: 'p' };
const invite = { headers: { From: '<sip:a@h>', Supported: 'replaces' }, localSdp: 'v=0' };

function refused(status: number, lines: Record<string, string>, more: Partial<Refused> = {}): Refused {
  const raw = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    status,
    headers: { from: '<sip:a@h>;tag=1', 'call-id': 'c', cseq: '7 INVITE', ...lines },
    raw: `SIP/2.0 ${status} No\r\n${raw.join('')}\r\n`,
    source_address: '192.0.2.7',
    source_port: 5062,
    req: { uri: 'sip:bob@carrier.example' },
    ...more,
  };
}

const challenge = { 'proxy-authenticate': 'Digest realm="r", nonce="n", qop="auth"' };

describe('a challenge', () => {
  it('is answered in the same call, and what srf was given is left alone', () => {
    const invitation = new Invitation(invite, auth);
    const first = invitation.options;
    expect(invitation.mend(refused(407, challenge))).toBe(true);
    const { headers, localSdp } = invitation.options;
    expect(headers).toEqual({
      From: '<sip:a@h>;tag=1',
      Supported: 'replaces',
      'Call-ID': 'c',
      CSeq: '8 INVITE',
      'Proxy-Authorization': expect.stringContaining('uri="sip:bob@carrier.example"') as string,
    });
    expect(localSdp).toBe('v=0');
    expect(first.headers).toEqual(invite.headers);
    expect(invitation.mend(refused(407, challenge))).toBe(false);
  });

  it('once, whatever the second one says or is called', () => {
    const invitation = new Invitation(invite, auth);
    expect(invitation.mend(refused(407, challenge))).toBe(true);
    const stale = { 'proxy-authenticate': 'Digest realm="r", nonce="n2", stale=true' };
    expect(invitation.mend(refused(407, stale))).toBe(false);
    expect(invitation.mend(refused(401, { 'www-authenticate': 'Digest realm="r", nonce="n"' }))).toBe(false);
  });

  it.each([
    ['no credentials', null, refused(407, challenge)],
    ['no challenge', auth, refused(407, {})],
    ['another refusal', auth, refused(486, challenge)],
    ['no CSeq', auth, refused(407, { ...challenge, cseq: '' })],
  ])('is not answered: %s', (_what, credentials, res) => {
    expect(new Invitation(invite, credentials).mend(res)).toBe(false);
  });

  it.each([
    [undefined, 'sip:192.0.2.7:5062'],
    ['sip:sbc.example;transport=tcp;lr', 'sip:192.0.2.7:5062;transport=tcp;lr'],
    ['sips:user@sbc.example:5081', 'sips:192.0.2.7:5062'],
    ['sip:192.0.2.1:5060', 'sip:192.0.2.1:5060'],
    ['sip:[2001:db8::1]', 'sip:[2001:db8::1]'],
  ])('goes back to whoever asked when %s is a name', (proxy, expected) => {
    const invitation = new Invitation(proxy === undefined ? invite : { ...invite, proxy }, auth);
    invitation.mend(refused(407, challenge));
    expect(invitation.options.proxy).toBe(expected);
  });
});

describe('a 422', () => {
  const shorter = { 'min-se': '3600' };

  it('is answered in the same call, without credentials by the same way', () => {
    const invitation = new Invitation({ ...invite, proxy: 'sip:sbc.example' }, null);
    expect(invitation.mend(refused(422, shorter))).toBe(true);
    expect(invitation.options).toMatchObject({
      proxy: 'sip:sbc.example',
      headers: { CSeq: '8 INVITE', 'Call-ID': 'c', 'Min-SE': '3600', From: '<sip:a@h>;tag=1' },
    });
    expect(invitation.mend(refused(422, { 'min-se': '7200' }))).toBe(false);
  });

  it('behind a challenge carries on with the nonce, and has a challenge of its own', () => {
    const invitation = new Invitation(invite, auth);
    invitation.mend(refused(407, challenge));
    expect(invitation.mend(refused(422, { ...shorter, cseq: '8 INVITE' }))).toBe(true);
    const { headers } = invitation.options;
    expect(headers).toMatchObject({ CSeq: '9 INVITE', 'Min-SE': '3600' });
    expect(headers['Proxy-Authorization']).toContain('nc=00000002');
    expect(invitation.mend(refused(407, { ...challenge, cseq: '9 INVITE' }))).toBe(true);
    expect(invitation.options.headers).toMatchObject({ CSeq: '10 INVITE', 'Min-SE': '3600' });
    expect(invitation.mend(refused(407, challenge))).toBe(false);
  });
});
