import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.js';
import {
  agreedInterval,
  grantedInterval,
  grantHeaders,
  renewHeaders,
  SessionInterval,
  withLongerInterval,
} from '../../src/adapters/drachtio/session-interval.js';

const message = (headers: Record<string, string>) => ({ headers });
const expires = (value: string, more: Record<string, string> = {}) =>
  message({ 'session-expires': value, ...more });

it.each([
  ['1800;refresher=uac', { seconds: 1800, weRefresh: true }],
  ['1800;refresher=uas', { seconds: 1800, weRefresh: false }],
  [' 90 ; foo=1 ; REFRESHER = UAS ', { seconds: 90, weRefresh: false }],
  ['60', { seconds: 60, weRefresh: true }],
  ['99999999', { seconds: 1_000_000, weRefresh: true }],
  ['0;refresher=uac', null],
  ['soon', null],
  ['', null],
  ['-5', null],
  ['9999999999', null],
])('a 2xx with %j agrees to %j', (value, interval) => {
  expect(agreedInterval(expires(value))).toEqual(interval);
});

it('a 2xx without Session-Expires agrees to none, one with the compact form to its interval', () => {
  expect(agreedInterval(message({}))).toBeNull();
  expect(agreedInterval(message({ x: '120;refresher=uas' }))).toEqual({ seconds: 120, weRefresh: false });
});

it.each<[string, Record<string, string>, Record<string, string>]>([
  ['1800;refresher=uac', {}, { 'Session-Expires': '1800;refresher=uac', Require: 'timer' }],
  ['1800;refresher=uas', {}, { 'Session-Expires': '1800;refresher=uas' }],
  ['30;refresher=uas', {}, { 'Session-Expires': '90;refresher=uas' }],
  ['300', { supported: '100rel, Timer' }, { 'Session-Expires': '300;refresher=uac', Require: 'timer' }],
  ['300', { require: 'timer' }, { 'Session-Expires': '300;refresher=uac', Require: 'timer' }],
  // Put in by a proxy: the caller itself knows nothing of timers.
  ['300', { supported: 'replaces' }, { 'Session-Expires': '300;refresher=uas' }],
  ['x', {}, {}],
])('a request with %s and %j is granted %j', (value, more, headers) => {
  expect(grantHeaders(grantedInterval(expires(value, more)))).toEqual(headers);
});

it('our re-INVITE keeps who refreshes, told from our side', () => {
  expect(renewHeaders({ seconds: 90, weRefresh: true })).toEqual({ 'Session-Expires': '90;refresher=uac' });
  expect(renewHeaders({ seconds: 90, weRefresh: false })).toEqual({ 'Session-Expires': '90;refresher=uas' });
  expect(renewHeaders(null)).toEqual({});
});

describe('422', () => {
  const refusal = (headers: Record<string, string>, status = 422) => ({
    status,
    headers: { from: '<sip:a@h>;tag=1', 'call-id': 'c', cseq: '7 INVITE', ...headers },
  });
  const invite = { headers: { Allow: 'INVITE', Supported: 'replaces' }, localSdp: 'v=0' };

  it('asks for the longer interval', () => {
    expect(withLongerInterval(refusal({ 'min-se': '3600;x=y' }), invite)).toEqual({
      localSdp: 'v=0',
      headers: {
        Allow: 'INVITE',
        Supported: 'replaces, timer',
        'Session-Expires': '3600',
        'Min-SE': '3600',
      },
    });
    expect(invite.headers).toEqual({ Allow: 'INVITE', Supported: 'replaces' });
  });

  it('asks for the usual interval where that is enough, and for no less than the least', () => {
    const again = withLongerInterval(refusal({ 'min-se': '10' }), invite);
    expect(again?.headers).toMatchObject({ 'Session-Expires': '1800', 'Min-SE': '90' });
  });

  it('does so once', () => {
    const again = withLongerInterval(refusal({ 'min-se': '100' }), invite);
    expect(withLongerInterval(refusal({ 'min-se': '200' }), again!)).toBeNull();
  });

  it.each([refusal({}), refusal({ 'min-se': 'x' }), refusal({ 'min-se': '100' }, 486)])(
    'is a refusal otherwise (%#)',
    (res) => {
      expect(withLongerInterval(res, invite)).toBeNull();
    },
  );
});

describe('when we refresh', () => {
  function interval() {
    const clock = new FakeClock();
    let refreshed = 0;
    const session = new SessionInterval(
      (ms, fire) => clock.after(ms, fire),
      1000,
      () => refreshed++,
    );
    return { clock, session, refreshed: () => refreshed };
  }

  it.each([90, 1800, 86_400])('of %d s, it is well before half of it', (seconds) => {
    const { clock, session, refreshed } = interval();
    session.agreed({ seconds, weRefresh: true });
    clock.advance(seconds * 400 - 1);
    expect(refreshed()).toBe(0);
    clock.advance(1);
    expect([refreshed(), clock.pending]).toEqual([1, 0]);
  });

  it('each 2xx starts the time anew', () => {
    const { clock, session, refreshed } = interval();
    for (let i = 0; i < 5; i++) {
      session.agreed({ seconds: 100, weRefresh: true });
      clock.advance(39_000);
    }
    expect([refreshed(), clock.pending]).toEqual([0, 1]);
  });

  it('a bad moment puts it off, still before half of the interval', () => {
    const { clock, session, refreshed } = interval();
    session.agreed({ seconds: 90, weRefresh: true });
    clock.advance(36_000);
    session.later();
    expect(36_000 + (clock.nextIn ?? 0)).toBeLessThan(40_000);
    clock.advance(4000);
    expect(refreshed()).toBe(2);
  });

  it('the far end’s part and no timer at all are nothing to do', () => {
    const { clock, session } = interval();
    session.agreed({ seconds: 90, weRefresh: true });
    session.agreed({ seconds: 90, weRefresh: false });
    expect(clock.pending).toBe(0);
    session.agreed({ seconds: 90, weRefresh: true });
    session.agreed(null);
    session.later();
    expect([clock.pending, session.current]).toEqual([0, null]);
  });
});
