import { describe, expect, it } from 'vitest';
import { createLog } from './create-log.js';
import { maskLine } from './mask-line.js';
import { maskNumber, type NumbersShown } from './mask-text.js';

/** What is written of these fields and this sentence, without what pino adds. */
function written(
  fields: object,
  message = 'said',
  numbers: NumbersShown = 'masked',
): Record<string, unknown> {
  let line = '';
  const log = createLog({ level: 'debug', numbers, to: { write: (text) => void (line += text) } });
  log.debug(fields, message);
  expect(line.endsWith('}\n')).toBe(true);
  const { level, time, host, ...rest } = JSON.parse(line) as Record<string, unknown>;
  expect([level, typeof time, typeof host]).toEqual([20, 'number', 'string']);
  return rest;
}

describe('numbers in the log', () => {
  it.each([
    ['+16125556789', '+1612***6789'],
    ['6125556789', '612***6789'],
    ['5556789', '***6789'],
    ['00491701234567', '0049***4567'],
  ])('%s is written %s', (number, shown) => {
    expect(maskNumber(number)).toBe(shown);
    expect(written({ why: `the target ${number} is busy` })).toEqual({
      why: `the target ${shown} is busy`,
      msg: 'said',
    });
  });

  it.each([
    ['sip:+16125556789@carrier.example;transport=tcp', 'sip:+1612***6789@carrier.example;transport=tcp'],
    ['<sips:alice@host>', '<sips:a***@host>'],
    ['sip:%2B16125556789@h', 'sip:+1612***6789@h'],
    ['sip:alice:pass@h', 'sip:a***@h'],
    ['tel:+1-612-555-6789', 'tel:+1612***6789'],
    ['call +1 (612) 555 6789 now', 'call +1612***6789 now'],
    ['16125556789,16125550000', '1612***6789,1612***0000'],
  ])('in %s', (text, shown) => {
    expect(written({}, text)).toEqual({ msg: shown });
    expect(written({ deep: [{ down: text }] })).toEqual({ deep: [{ down: shown }], msg: 'said' });
  });

  it.each([
    'call_12345678-1234-1234-1234-123456789012',
    'agent_transfer:12345678-1234-4234-8234-123456789012:call_00000000-0000-4000-8000-000000000000:line',
    'udp:192.168.100.200:5060',
    'sip:127.0.0.1:5060',
    '2026-01-01T00:00:00.000Z',
    'cursor 1763719056000-12',
    'abc1234567890def',
    '486 Busy Here',
  ])('%s stays as it is', (text) => {
    expect(written({ text })).toEqual({ text, msg: 'said' });
  });

  it('fields that hold a bare name are masked whatever it looks like; a Call-ID is looked up by others', () => {
    const fields = { contact: 'alice', dialled: '7001', digits: '12', sipCallId: '1700000000.5@pbx' };
    expect(written(fields)).toEqual({
      ...{ contact: 'a***', dialled: '7***', digits: '1***', sipCallId: '1700000000.5@pbx' },
      msg: 'said',
    });
  });

  it('errors are written with message and stack, masked', () => {
    const error = new Error('no route to sip:+16125556789@h');
    for (const key of ['err', 'error']) {
      const { message, stack } = written({ [key]: error })[key] as Record<string, string>;
      expect(message).toBe('no route to sip:+1612***6789@h');
      expect(stack).toContain('log.test.ts');
      expect(stack).not.toContain('16125556789');
    }
  });

  it('are shown where the configuration says so', () => {
    const fields = { contact: 'alice', to: 'sip:+16125556789@h' };
    expect(written(fields, '16125556789', 'plain')).toEqual({ ...fields, msg: '16125556789' });
  });
});

describe('secrets in the log', () => {
  it.each(['masked', 'plain'] as const)('are never written, numbers %s', (numbers) => {
    const fields = {
      password: 'p',
      apiToken: 't',
      headers: { authorization: 'Bearer abc' },
      url: 'https://user:pw@bot.example/events?key=abc',
      why: 'redis://:hunter2@redis:6379/0 refused Bearer abcdef and whsec_AAAA+/=',
    };
    expect(written(fields, 'x', numbers)).toEqual({
      ...{ password: '[hidden]', apiToken: '[hidden]', headers: { authorization: '[hidden]' } },
      url: 'https://***@bot.example/events?***',
      why: 'redis://***@redis:6379/0 refused Bearer *** and whsec_***',
      msg: 'x',
    });
  });
});

it('what is no JSON is masked as text', () => {
  expect(maskLine('panic: 16125556789\n', 'masked')).toBe('panic: 1612***6789\n');
});
