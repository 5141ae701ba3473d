import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { formats } from '../shape/formats.js';
import { parseNativeCommand } from './native-command.js';
import { transferCommandExamples, transferCommandSchema } from './transfer-command-schema.js';

const target = { phoneNumber: '+16123456789' };

/** `code path` of everything refused. */
function refused(body: unknown): string[] {
  try {
    parseNativeCommand(body);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.detail).not.toBe('');
    return error.fields.map((f) => `${error.code} ${f.path}`);
  }
}

describe('the native transfer command', () => {
  it('needs a target only', () => {
    expect(parseNativeCommand({ target })).toEqual({
      targets: [target],
      method: 'auto',
      headers: [],
      metadata: {},
    });
  });

  it('keeps every field', () => {
    const body = {
      target: [{ phoneNumber: '1 (612) 345' }, { sipUri: 'sip:bob@host' }],
      method: 'invite',
      ringTimeoutMs: 5000,
      headers: { callReason: 'support', 'X-Id': '7' },
      callerId: { policy: 'fixed', number: '+1 612 555' },
      via: 'other-channel',
      returnToBot: true,
      continueRecording: false,
      reason: 'user_request',
      onFailure: [{ match: ['busy'], action: 'goto', node: 'Apology' }],
      metadata: { a: { b: [1] } },
    };
    expect(parseNativeCommand(body)).toEqual({
      targets: [{ phoneNumber: '1 (612) 345' }, { sipUri: 'sip:bob@host' }],
      method: 'invite',
      ringTimeoutMs: 5000,
      headers: [
        ['callReason', 'support'],
        ['X-Id', '7'],
      ],
      callerId: { policy: 'fixed', number: '+1612555' },
      via: 'other-channel',
      returnToBot: true,
      continueRecording: false,
      reason: 'user_request',
      onFailure: [{ match: ['busy'], action: { kind: 'goto', node: 'Apology', message: null } }],
      metadata: { a: { b: [1] } },
    });
  });

  it.each<[unknown, string[]]>([
    [undefined, ['invalid_field ']],
    [null, ['invalid_field ']],
    [[], ['invalid_field ']],
    [{}, ['invalid_field target']],
    [{ target: [] }, ['invalid_field target']],
    [{ target: {} }, ['invalid_field target.phoneNumber']],
    [{ target: { phoneNumber: 'bob' } }, ['invalid_field target.phoneNumber']],
    [{ target: { phoneNumber: '1\r\nVia: x' } }, ['invalid_field target.phoneNumber']],
    [{ target: [target, { sipUri: 'tel:1' }] }, ['invalid_field target[1].sipUri']],
    [{ target: { ...target, sipUri: 'sip:a@b' } }, ['invalid_field target.sipUri']],
    [{ target: Array(11).fill(target) }, ['invalid_field target']],
    [{ target, ringTimeoutMs: '30' }, ['invalid_field ringTimeoutMs']],
    [{ target, ringTimeoutMs: 0 }, ['invalid_field ringTimeoutMs']],
    [{ target, methd: 'invite' }, ['invalid_field methd']],
    [
      { target, headers: { Via: 'x', 'X-A': 'a\nb' } },
      ['invalid_field headers.Via', 'invalid_field headers.X-A'],
    ],
    [{ target, headers: { 'X-A': '1', 'x-a': '2' } }, ['invalid_field headers.x-a']],
    [{ target, headers: { 'X-A': 1 } }, ['invalid_field headers.X-A']],
    [{ target, headers: { 'X A': '1' } }, ['invalid_field headers["X A"]']],
    [{ target, callerId: { policy: 'fixed' } }, ['invalid_field callerId.number']],
    [{ target, callerId: { policy: 'bot', number: '1' } }, ['invalid_field callerId.number']],
    [{ target, onFailure: [{ match: ['buzy'], action: 'end' }] }, ['invalid_field onFailure[0].match[0]']],
    [{ target, onFailure: [{ match: ['busy'], action: 'goto' }] }, ['invalid_field onFailure[0].node']],
    [{ target, method: 'message' }, ['invalid_field method']],
    [{ target, userToUser: {} }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: '0' } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: 'xx' } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: '0a', encoding: 'rot13' } }, ['invalid_field userToUser.encoding']],
    [{ target, userToUser: { data: '\ud800', encoding: 'text' } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: 'é'.repeat(253), encoding: 'text' } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: '00'.repeat(506) } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: 'YR', encoding: 'base64' } }, ['invalid_field userToUser.data']],
    [{ target, userToUser: { data: 'Y===', encoding: 'base64' } }, ['invalid_field userToUser.data']],
    [{ target: { queue: '' } }, ['invalid_field target.queue']],
    [{ target: { queue: 'a\r\nb' } }, ['invalid_field target.queue']],
    [{ target: { queue: 'support', postDial: '1' } }, ['invalid_field target.postDial']],
    [{ target: { queue: 'support', extension: '7001' } }, ['invalid_field target.extension']],
    [{ target: [target, { extension: '7\0' }] }, ['invalid_field target[1].extension']],
    [{ target: { postDial: '1' } }, ['invalid_field target.phoneNumber']],
    [{ target: { ...target, postDial: '1 2' } }, ['invalid_field target.postDial']],
    [{ target: { sipUri: 'sip:a@b', postDial: '1'.repeat(65) } }, ['invalid_field target.postDial']],
    [{ target, announce: {} }, ['invalid_field announce']],
    [{ target, announce: [] }, ['invalid_field announce']],
    [{ target, announce: [{ text: 'a' }, { text: '' }] }, ['invalid_field announce[1].text']],
    [{ target, announce: [{ text: 'a' }, {}] }, ['invalid_field announce[1]']],
    [{ target, whisper: { text: 'a', file: 'b.wav' } }, ['invalid_field whisper']],
    [{ target, whisper: { text: 'a'.repeat(2001) } }, ['invalid_field whisper.text']],
    [{ target, whisper: { file: '../b.wav' } }, ['invalid_field whisper.file']],
    [{ target, whisper: { file: '/etc/passwd' } }, ['invalid_field whisper.file']],
    [{ target, confirm: { message: { file: '/b.wav' } } }, ['invalid_field confirm.message.file']],
    [{ target, confirm: { key: '12' } }, ['invalid_field confirm.key']],
    [{ target, confirm: { timeoutMs: 10 } }, ['invalid_field confirm.timeoutMs']],
    [{ target, warm: { introduction: {} } }, ['invalid_field warm.introduction']],
    [{ target, warm: { audioUri: 'http://a/b.wav' } }, ['invalid_field warm.audioUri']],
    [{ target, announce: { audioUri: 'file:///etc/passwd' } }, ['invalid_field announce.audioUri']],
    [{ target, returnKey: '' }, ['invalid_field returnKey']],
    [{ target, waiting: 'silence' }, ['invalid_field waiting']],
    [{ target, waiting: null }, ['invalid_field waiting']],
    [{ target, waiting: 'music' }, ['invalid_field music']],
    [{ target, music: 'moh.wav' }, ['invalid_field music']],
    [{ target, waiting: 'music', music: '/moh.wav' }, ['invalid_field music']],
    [
      { target, onFailure: [{ match: ['*'], action: 'end', message: { file: '/b.wav' } }] },
      ['invalid_field onFailure[0].message.file'],
    ],
    [{ target, reason: 'a\nb' }, ['invalid_field reason']],
    [{ target: { queue: 'support' }, callerId: { policy: 'fixed' } }, ['invalid_field callerId.number']],
  ])('%j is refused naming %j', (body, fields) => expect(refused(body)).toEqual(fields));

  it.each([
    [{ queue: 'support' }, {}],
    [{ extension: '7001', postDial: 'ww1#' }, {}],
    [{ sipUri: 'sip:a@b', postDial: '1,2' }, { method: 'refer' }],
    [
      { phoneNumber: '1612', postDial: 'A*' },
      { method: 'bye', reason: 'low_confidence' },
    ],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'a b', encoding: 'text' } }],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'YWJj', encoding: 'base64' } }],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'YQ', encoding: 'base64' } }],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'two\r\nlines', encoding: 'text' } }],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'f'.repeat(1010), encoding: 'hex' } }],
    [{ phoneNumber: '1612' }, { userToUser: { data: 'x'.repeat(505), encoding: 'text' } }],
  ])('takes %j with %j as written', (to, more) => {
    const rest = { method: 'auto', headers: [], metadata: {} };
    expect(parseNativeCommand({ target: to, ...more })).toEqual({ ...rest, targets: [to], ...more });
  });

  it('takes what is heard around the transfer; null switches off what a layer below says', () => {
    const body = {
      target,
      waiting: 'music',
      music: 'hold/moh.wav',
      announce: { text: 'One moment.' },
      whisper: { audioUri: 'https://cdn.example/a.wav' },
      confirm: { message: { text: 'Press one.' } },
      warm: {},
      returnKey: '*',
    };
    expect(parseNativeCommand(body).sounds).toEqual({
      waiting: { music: 'hold/moh.wav' },
      announce: [{ text: 'One moment.' }],
      whisper: { audioUri: 'https://cdn.example/a.wav' },
      confirm: { key: '1', message: { text: 'Press one.' }, timeoutMs: 10_000 },
      warm: { introduction: null, key: '#', maxMs: 60_000 },
      returnKey: '*',
    });
    const off = { announce: null, whisper: null, confirm: null, warm: null, returnKey: null };
    expect(parseNativeCommand({ target, ...off }).sounds).toEqual({ ...off, announce: [] });
    expect(parseNativeCommand({ target, announce: [{ text: 'a' }, { file: 'b.wav' }] }).sounds).toEqual({
      announce: [{ text: 'a' }, { file: 'b.wav' }],
    });
  });

  it('reads User-to-User data as hex unless told otherwise (RFC 7433 4.1)', () => {
    expect(parseNativeCommand({ target, userToUser: { data: '0aFF' } }).userToUser).toEqual({
      data: '0aFF',
      encoding: 'hex',
    });
  });

  it('the examples shown to users work', () => {
    for (const example of Object.values(transferCommandExamples)) expect(refused(example)).toEqual([]);
  });

  it('the schema shown to users agrees with the parser', () => {
    const ajv = new Ajv({ strict: false });
    for (const [name, check] of Object.entries(formats))
      ajv.addFormat(name, (text) => check(text) === undefined);
    expect(ajv.validate(transferCommandSchema, transferCommandExamples.hunt)).toBe(false);
    expect(
      ajv.validate(transferCommandSchema, {
        method: 'auto',
        headers: {},
        metadata: {},
        ...transferCommandExamples.hunt,
      }),
    ).toBe(true);
  });

  it('anything at all is parsed or refused, never a crash', () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom(
            'target',
            'headers',
            'method',
            'onFailure',
            'match',
            'phoneNumber',
            '__proto__',
          ),
        }),
        (body) => {
          expect(Array.isArray(refused(body))).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
