import { describe, expect, it } from 'vitest';
import { type FailureRule, ruleProblems, toFallbackRules } from './failure-policy.js';
import { formats } from './formats.js';
import { policyProblems } from './policy-lint.js';

const end: FailureRule = { match: ['*'], action: 'end' };
const lint = (...rules: FailureRule[]) =>
  policyProblems(rules, []).map((p) => `${p.path.join('.')} ${p.message}`);

describe('failure policies', () => {
  it('become the rules of the domain', () => {
    const rules: FailureRule[] = [
      { match: ['busy', 486], target: '1612', attempt: 2, action: 'retry', afterMs: 5, times: 2 },
      { match: ['4xx'], action: 'retry' },
      { match: ['5xx'], action: 'next' },
      { match: ['603'], action: 'play', message: { text: 'no' } },
      { match: ['loop'], action: 'goto', node: 'Apology' },
      end,
    ];
    expect(toFallbackRules(rules)).toEqual([
      { match: ['busy', '486'], target: '1612', attempt: 2, action: { kind: 'retry', afterMs: 5, times: 2 } },
      { match: ['4xx'], action: { kind: 'retry', afterMs: 1000, times: 1 } },
      { match: ['5xx'], action: { kind: 'next' } },
      { match: ['603'], action: { kind: 'play', message: { text: 'no' } } },
      { match: ['loop'], action: { kind: 'goto', node: 'Apology', message: null } },
      { match: ['*'], action: { kind: 'end', message: null } },
    ]);
  });

  it('tell which keys belong to which action', () => {
    const rules: FailureRule[] = [
      { match: ['*'], action: 'goto' },
      { match: ['*'], action: 'play' },
      { match: ['*'], action: 'end', message: {} },
      { match: ['*'], action: 'next', times: 2, node: 'x' },
    ];
    expect(ruleProblems(rules, ['onFailure'], 'configuration').map((p) => p.path.join('.'))).toEqual([
      'onFailure.0.node',
      'onFailure.1.message',
      'onFailure.2.message',
      'onFailure.3.times',
      'onFailure.3.node',
    ]);
  });

  it('report a rule that is never reached', () => {
    expect(lint(end, { match: ['busy'], action: 'next' })).toEqual([
      '1 is never reached: rule 1 already takes all it matches',
    ]);
    expect(lint({ match: ['4xx'], action: 'end' }, { match: ['486', '404'], action: 'end' })).toHaveLength(1);
    expect(lint({ match: ['4xx'], action: 'end' }, { match: ['486', '503'], action: 'end' })).toEqual([]);
    expect(lint({ match: ['*'], attempt: 1, action: 'end' }, end)).toEqual([]);
    expect(
      lint({ match: ['*'], target: 'a', action: 'end' }, { match: ['busy'], target: 'a', action: 'end' }),
    ).toHaveLength(1);
  });

  it('report a rule that several others together leave nothing for', () => {
    const ends = (...match: FailureRule['match']): FailureRule => ({ match, action: 'end' });
    expect(lint(ends('busy'), ends('no_answer'), ends('no_answer', 'busy'))).toEqual([
      '2 is never reached: rules 1, 2 already take all it matches',
    ]);
    expect(lint(ends('busy'), ends('no_answer', 'loop'))).toEqual([]);
  });

  it('know which codes are always the same outcome', () => {
    const after = (code: FailureRule['match'][number], outcome: FailureRule['match'][number]) =>
      lint({ match: [outcome], action: 'end' }, { match: [code], action: 'end' }).length;
    expect(after(486, 'busy')).toBe(1);
    expect(after('404', 'invalid_number')).toBe(1);
    expect(after(486, 'no_answer')).toBe(0);
    // Q.850 may say more (480, 603), or nobody have answered at all (408, 503).
    expect([after(480, 'no_answer'), after(603, 'declined'), after(408, 'no_answer')]).toEqual([0, 0, 0]);
    expect(after('5xx', 'server_error')).toBe(0);
  });

  it('report a second next for the same failures', () => {
    const next = (...match: FailureRule['match']): FailureRule => ({ match, action: 'next' });
    expect(lint(next('*'), next('busy'), end)).toEqual([
      '1 is never reached: rule 1 already takes all it matches',
    ]);
    expect(lint(next('busy'), next('*'), end)).toEqual([]);
  });

  it('judge rules for different failures alike in any order', () => {
    const retry: FailureRule = { match: ['no_answer'], action: 'retry' };
    const next: FailureRule = { match: ['5xx'], action: 'next' };
    const busy: FailureRule = { match: ['busy'], action: 'end' };
    // What is left when they are used up stays with the bot, as a failure does that no rule names.
    expect([lint(retry, busy), lint(busy, retry)]).toEqual([[], []]);
    expect([lint(next, busy), lint(busy, next)]).toEqual([[], []]);
    expect([lint(retry, next, busy), lint(retry, busy, next), lint(busy, next, retry)]).toEqual([[], [], []]);
    const stuck = [expect.stringContaining('has no way out')];
    expect([lint(retry, next), lint(next, retry), lint(retry), lint(next)]).toEqual(Array(4).fill(stuck));
  });

  it('report a retry behind a rule that ends the same failure', () => {
    const retry: FailureRule = { match: ['busy'], action: 'retry' };
    const goto: FailureRule = { match: ['busy'], action: 'goto', node: 'x' };
    expect(lint(retry, goto)).toEqual([]);
    expect(lint(goto, retry)).toEqual(['1 is never reached: rule 1 already takes all it matches']);
  });

  it('let next and retry give way to later rules', () => {
    expect(lint({ match: ['*'], action: 'next' }, { match: ['*'], action: 'retry' }, end)).toEqual([]);
  });

  it('need a way out', () => {
    expect(lint()).toEqual([]);
    expect(lint({ match: ['*'], action: 'next' })[0]).toContain('no way out');
    expect(lint({ match: ['busy'], action: 'play', message: { text: 'x' } })).toEqual([]);
  });
});

describe('text formats', () => {
  const key = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
  it.each([
    ['sip-proxy', 'sip:127.0.0.1:5080;transport=tcp', true],
    ['sip-proxy', 'sip:bob@127.0.0.1', false],
    ['sip-target', 'bob@127.0.0.1', true],
    ['sip-target', 'tel:123', false],
    ['sip-listen', 'udp:127.0.0.1:0', true],
    ['sip-listen', 'tcp:[::1]:5060', true],
    ['sip-listen', 'tls:127.0.0.1:5061', false],
    ['sip-listen', 'udp:localhost:5060', false],
    ['sip-listen', 'udp:127.0.0.1', false],
    ['host-port', '127.0.0.1:0', true],
    ['host-port', '127.0.0.1', false],
    ['host', '[::1]', true],
    ['host', 'a:1', false],
    ['http-url', 'https://example.com/x', true],
    ['http-url', 'http://u:p@example.com/', false],
    ['http-url', 'ftp://example.com/', false],
    ['redis-url', 'redis://host:6379/0', true],
    ['redis-url', 'memry', false],
    ['webhook-secret', key(23), false],
    ['webhook-secret', key(24), true],
    ['webhook-secret', key(64), true],
    ['webhook-secret', key(65), false],
    ['webhook-secret', 'whsec_...', false],
    ['webhook-secret', key(24).slice(6), false],
    ['did-pattern', '1800*', true],
    ['did-pattern', '*', true],
    ['did-pattern', '1*8', false],
    ['did-pattern', '', false],
    ['header-name', 'X-Genesys-Id', true],
    ['header-name', 'X Genesys', false],
    ['header-name', 'Via: x', false],
    ['header-name', '', false],
    ['number-format', 'national(US)', true],
    ['number-format', 'local', false],
    ['phone-number', '+1 612', true],
    ['phone-number', 'bob', false],
    ['country', 'US', true],
    ['country', 'us', false],
    ['failure-match', '4xx', true],
    ['failure-match', '2xx', false],
    ['failure-match', '486', true],
    ['failure-match', 'buzy', false],
  ])('%s %s: %s', (format, text, fits) => expect(formats[format]?.(text) === undefined).toBe(fits));
});
