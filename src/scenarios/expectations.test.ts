import { describe, expect, it } from 'vitest';
import { checkCount, checkEvents, checkMessage, checkNumbers } from './expectations.js';
import type { ExpectedEvent, ExpectedMessage } from './scenario-schema.js';
import type { SipMessage } from './sipp-log.js';

const events = (...types: string[]) => types.map((type, i) => ({ type, seq: i + 1, callId: 'call_1' }));
const judge = (wanted: ExpectedEvent[], given: object[], otherEvents: string[] = []) =>
  checkEvents({ events: wanted, otherEvents }, given as Record<string, unknown>[]).map(
    ({ message }) => message,
  );

describe('events', () => {
  it('takes all of them in order', () => {
    expect(judge(['a', { type: 'b' }], events('a', 'b'))).toEqual([]);
  });

  it.each([
    ['a missing one', ['a', 'b'], events('a'), 'expect.events[1]: there are no more events; events were: a'],
    [
      'another order',
      ['a', 'b'],
      events('b', 'a'),
      'expect.events[0]: wanted "a", was "b"; events were: b, a',
    ],
    ['one too many', ['a'], events('a', 'b'), 'expect.events: one more event than expected'],
    ['an event nobody expected', [], events('a'), 'expect.events: one more event than expected'],
  ])('names %s', (_what, wanted, given, problem) => {
    expect(judge(wanted, given)[0]).toContain(problem);
  });

  it('lets only named others come besides', () => {
    expect(judge(['a', 'b'], events('x', 'a', 'x', 'b', 'x'), ['x'])).toEqual([]);
    expect(judge(['a', 'b'], events('a', 'y', 'b'), ['x'])).toHaveLength(1);
  });

  it('an exact event is compared key by key, in order', () => {
    const given = [{ event: 'transfer', callId: 'c' }];
    expect(judge([{ exact: { event: 'transfer', callId: 'c' } }], given)).toEqual([]);
    expect(judge([{ exact: { callId: 'c', event: 'transfer' } }], given)).toHaveLength(1);
    expect(judge([{ exact: { event: 'transfer' } }], given)).toHaveLength(1);
  });

  it('sees a gap in the numbers', () => {
    expect(checkNumbers(events('a', 'b'))).toEqual([]);
    expect(checkNumbers(events('a', 'b', 'c').filter(({ type }) => type !== 'b'))).toHaveLength(1);
  });
});

const invite: SipMessage = {
  direction: 'received',
  name: 'INVITE',
  startLine: 'INVITE sip:agent@127.0.0.1 SIP/2.0',
  headers: [['callReason', 'support']],
  body: 'v=0\nm=audio 20000 RTP/AVP 0\na=inactive',
  text: 'INVITE ...',
};
const wanted: ExpectedMessage = {
  at: 'target',
  message: 'INVITE',
  direction: 'received',
  nth: 1,
  headers: {},
  case: 'any',
  absent: [],
  body: [],
  bodyAbsent: [],
};

describe('messages', () => {
  it.each<[string, Partial<ExpectedMessage>]>([
    ['a header', { headers: { callReason: 'support' }, case: 'exact' }],
    ['a header in any case', { headers: { CALLREASON: '/^supp/' } }],
    ['a Request-URI', { uri: '/^sip:agent@/' }],
    ['lines of the body', { body: ['a=inactive', '/^m=audio 20000 /'], bodyAbsent: ['a=sendrecv'] }],
  ])('finds %s', (_what, part) => {
    expect(checkMessage({ ...wanted, ...part }, [invite])).toBeUndefined();
  });

  it.each<[string, Partial<ExpectedMessage>, string]>([
    ['another case', { headers: { CallReason: 'support' }, case: 'exact' }, 'there is no header CallReason'],
    ['another value', { headers: { callReason: 'sales' } }, 'callReason is "support", not "sales"'],
    ['a header that must not be there', { absent: ['CALLREASON'] }, 'there is a header CALLREASON'],
    ['another Request-URI', { uri: 'sip:x' }, 'Request-URI is sip:agent@127.0.0.1, not sip:x'],
    ['a line the body lacks', { body: ['a=sendrecv'] }, 'the body has no a=sendrecv'],
    ['a line it must not have', { bodyAbsent: ['/inactive/'] }, 'the body has /inactive/'],
    ['a message that never came', { nth: 2 }, 'INVITE number 2 was not received'],
    ['the other direction', { direction: 'sent' }, 'INVITE number 1 was not sent'],
  ])('names %s', (_what, part, problem) => {
    expect(checkMessage({ ...wanted, ...part }, [invite])).toContain(problem);
  });

  it('counts', () => {
    const count = { at: 'target', message: 'INVITE', direction: 'received' as const, times: 1 };
    expect(checkCount(count, [invite])).toBeUndefined();
    expect(checkCount({ ...count, times: 0 }, [invite])).toBe('INVITE received 1 times, not 0');
  });
});
