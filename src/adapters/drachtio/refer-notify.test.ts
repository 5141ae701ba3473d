import { describe, expect, it } from 'vitest';
import { parametersOf, readReferNotify, type ReferNotify } from './refer-notify.js';

function read(lines: readonly string[], body = 'SIP/2.0 200 OK\r\n'): ReferNotify | null {
  const raw = `NOTIFY sip:a@b SIP/2.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
  return readReferNotify({ raw, body });
}

const SIPFRAG = 'Content-Type: message/sipfrag;version=2.0';

describe('what a NOTIFY says of a REFER', () => {
  it.each([
    [['Event: refer'], null],
    [['Event: refer;id=93809824'], 93809824],
    [['event: REFER ; ID = 7 ; x=y'], 7],
    [['o: refer;id=1'], 1],
    [['Event: refer;id='], -1],
    [['Event: refer;id=abc'], -1],
    [['Event: refer;id=99999999999'], -1],
    [[], null],
  ])('%j is about REFER %s', (lines, id) => {
    expect(read([...lines, SIPFRAG])?.id).toBe(id);
  });

  it.each([['Event: presence'], ['Event: refer2'], ['Event: dialog;id=1'], ['Event:']])(
    '%s is about something else',
    (line) => {
      expect(read([line, SIPFRAG])).toBeNull();
    },
  );

  it.each([
    ['Subscription-State: terminated;reason=noresource', true],
    ['subscription-state: TERMINATED', true],
    ['Subscription-State: Terminated ; reason=timeout', true],
    ['Subscription-State: active;expires=60', false],
    ['Subscription-State: pending', false],
    ['Subscription-State: active;reason=terminated', false],
  ])('%s: terminated is %s', (line, terminated) => {
    expect(read(['Event: refer', line, SIPFRAG])?.terminated).toBe(terminated);
  });

  it.each([
    ['SIP/2.0 200 OK', true],
    ['SIP/2.0 603 Decline', true],
    ['SIP/2.0 180 Ringing', false],
    ['nothing one can read', false],
  ])('without Subscription-State %s decides: %s', (body, terminated) => {
    expect(read(['Event: refer', SIPFRAG], body)?.terminated).toBe(terminated);
  });

  it.each([
    ['Content-Type: message/sipfrag', { code: 200, reason: 'OK' }],
    ['c: Message/SipFrag ; version=2.0', { code: 200, reason: 'OK' }],
    ['X-No-Type: at all', { code: 200, reason: 'OK' }],
    ['Content-Type: text/plain', null],
    ['Content-Type: message/sip', null],
  ])('%s: status %j', (line, status) => {
    expect(read(['Event: refer', line])?.status).toEqual(status);
  });

  it('no body, no status', () => {
    expect(read(['Event: refer', SIPFRAG], '')).toEqual({ id: null, status: null, terminated: false });
  });

  it('reads parameters in linear time', () => {
    const started = performance.now();
    expect(parametersOf(`refer${';x=;'.repeat(100_000)}id=1`).parameters.get('x')).toBe('');
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
