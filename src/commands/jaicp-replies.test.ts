import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { parseReplies } from './jaicp-replies.js';
import { replyListExamples } from './reply-list-schema.js';

const command = (reply: object) => {
  const [first] = parseReplies([{ type: 'switch', ...reply }]);
  return first?.kind === 'switch' ? first.command : undefined;
};

function refused(body: unknown): string[] {
  try {
    parseReplies(body);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.fields.map((f) => `${error.code} ${f.path}`);
  }
}

describe('JAICP replies', () => {
  it('the documented switch becomes a command', () => {
    expect(parseReplies(replyListExamples.switch)).toEqual([
      { kind: 'say', message: { text: 'One moment, please.' } },
      {
        kind: 'switch',
        command: {
          targets: [{ phoneNumber: '16123456789' }],
          method: 'invite',
          ringTimeoutMs: 30_000,
          headers: [['callReason', 'support']],
          via: '237-test-237-VDQ-28334674',
          returnToBot: true,
          continueRecording: true,
          otherwise: 'stay',
          metadata: {},
        },
      },
    ]);
  });

  it('comes as a list, or wrapped once, or twice', () => {
    const list = [{ type: 'hangup' }];
    for (const body of [list, { replies: list }, { data: { replies: list } }]) {
      expect(parseReplies(body)).toEqual([{ kind: 'hangup' }]);
    }
    expect(parseReplies([])).toEqual([]);
  });

  it('has JAICP defaults: 60 s, no return, the call ends when nobody answers', () => {
    expect(command({ phoneNumber: '1' })).toMatchObject({
      ringTimeoutMs: 60_000,
      returnToBot: false,
      continueRecording: false,
      otherwise: 'end',
      headers: [],
    });
    const nulls = {
      timeout: null,
      headers: null,
      transferChannel: null,
      continueCall: null,
      continueRecording: null,
      method: null,
      sipUri: null,
    };
    expect(command({ phoneNumber: '1', ...nulls })).toEqual(command({ phoneNumber: '1' }));
  });

  it.each<[unknown, number]>([
    ['30', 30_000],
    [30, 30_000],
    [1.5, 1500],
    ['600', 600_000],
  ])('timeout %j is %d ms', (timeout, ms) =>
    expect(command({ phoneNumber: '1', timeout })?.ringTimeoutMs).toBe(ms),
  );

  it('sipUri wins, with or without a scheme, and stays exactly as written', () => {
    const sipUri = '16123456789@sip.voximplant.com';
    expect(command({ phoneNumber: '1', sipUri })?.targets).toEqual([{ sipUri }]);
    expect(command({ sipUri: 'sip:a@B.com' })?.targets).toEqual([{ sipUri: 'sip:a@B.com' }]);
    expect(command({ phoneNumber: '+1 612' })?.targets).toEqual([{ phoneNumber: '+1 612' }]);
    expect(command({ phoneNumber: 16123456789 })?.targets).toEqual([{ phoneNumber: '16123456789' }]);
  });

  it('header values out of a script become text, missing ones are left out', () => {
    expect(command({ phoneNumber: '1', headers: { n: 7, yes: true, none: null, d: 'x' } })?.headers).toEqual([
      ['n', '7'],
      ['yes', 'true'],
      ['d', 'x'],
    ]);
  });

  it.each(['refer', 'transfer'])('with method %s ignores what JAICP ignores', (method) => {
    const ignored = {
      headers: { Via: 'x\r\ny' },
      transferChannel: 'c',
      continueCall: true,
      continueRecording: true,
    };
    expect(command({ sipUri: 'a@b.com', timeout: 20, method, ...ignored })).toEqual({
      targets: [{ sipUri: 'a@b.com' }],
      method: 'refer',
      ringTimeoutMs: 20_000,
      headers: [],
      returnToBot: false,
      continueRecording: false,
      otherwise: 'stay',
      metadata: {},
    });
  });

  it('lets the keys of other editors and channels pass', () => {
    expect(command({ phoneNumber: '1', state: '/Switch', firstMessage: 'hi' })).toBeDefined();
  });

  it('text is said, by its text for the voice where that is plain', () => {
    const said = (reply: object) => parseReplies([{ type: 'text', text: 'Hi', ...reply }]);
    expect(said({})).toEqual([{ kind: 'say', message: { text: 'Hi' } }]);
    expect(said({ tts: 'Hello', state: '/Start', markup: null })).toEqual([
      { kind: 'say', message: { text: 'Hello' } },
    ]);
    expect(said({ tts: '<speak>Hello</speak>' })).toEqual([{ kind: 'say', message: { text: 'Hi' } }]);
    expect(said({ tts: null })).toEqual([{ kind: 'say', message: { text: 'Hi' } }]);
    expect(said({ text: ' ' })).toEqual([{ kind: 'ignored', type: 'text' }]);
  });

  it('audio is played, by either of its names', () => {
    const audioUri = 'https://bot.example/a.wav';
    const played = [{ kind: 'say', message: { audioUri } }];
    expect(parseReplies([{ type: 'audio', audioUri }])).toEqual(played);
    expect(parseReplies([{ type: 'audio', audioUrl: audioUri }])).toEqual(played);
  });

  it('what is for the eye is passed over, and the rest is meant', () => {
    const list = [
      { type: 'image', imageUrl: 'https://bot.example/a.png' },
      { type: 'buttons', buttons: [{ text: 'Yes' }] },
      { type: 'timeout', interval: 3 },
      { type: 'context', target: '/Rate' },
      { type: 'hangup' },
    ];
    expect(parseReplies(list)).toEqual([
      { kind: 'ignored', type: 'image' },
      { kind: 'ignored', type: 'buttons' },
      { kind: 'ignored', type: 'timeout' },
      { kind: 'ignored', type: 'context' },
      { kind: 'hangup' },
    ]);
  });

  it('a transfer reply is a native command', () => {
    expect(parseReplies([{ type: 'transfer', target: { phoneNumber: '1' }, returnToBot: true }])).toEqual([
      {
        kind: 'switch',
        command: {
          targets: [{ phoneNumber: '1' }],
          method: 'auto',
          headers: [],
          returnToBot: true,
          metadata: {},
        },
      },
    ]);
  });

  it.each<[unknown, string[]]>([
    [null, ['invalid_field replies']],
    [{ reply: [] }, ['invalid_field replies']],
    [{ replies: Array(101).fill({ type: 'text' }) }, ['invalid_field replies']],
    [['text'], ['invalid_field [0]']],
    [[{ text: 'x' }], ['invalid_field [0].type']],
    [[{ type: 'text' }], ['invalid_field [0].text']],
    [[{ type: 'text', text: 5 }], ['invalid_field [0].text']],
    [[{ type: 'text', text: 'x'.repeat(2001) }], ['invalid_field [0].text']],
    [[{ type: 'audio' }], ['invalid_field [0].audioUri']],
    [[{ type: 'audio', audioUri: '/etc/passwd' }], ['invalid_field [0].audioUri']],
    [[{ type: 'audio', audioUrl: 'file:///etc/passwd' }], ['invalid_field [0].audioUrl']],
    [{ replies: [{ type: 'switch', firstMessage: 'chat' }] }, ['invalid_field replies[0].phoneNumber']],
    [
      {
        data: {
          replies: [
            { type: 'text', text: '' },
            { type: 'switch', phoneNumber: 'x' },
          ],
        },
      },
      ['invalid_field data.replies[1].phoneNumber'],
    ],
    [[{ type: 'switch', phoneNumber: '1', timeout: 'soon' }], ['invalid_field [0].timeout']],
    [[{ type: 'switch', phoneNumber: '1', timeout: 0 }], ['invalid_field [0].timeout']],
    [[{ type: 'switch', phoneNumber: '1', continueCall: 'yes' }], ['invalid_field [0].continueCall']],
    [[{ type: 'switch', phoneNumber: '1', headers: { a: {} } }], ['invalid_field [0].headers.a']],
    [[{ type: 'switch', phoneNumber: '1', headers: { Via: 'x' } }], ['invalid_field [0].headers.Via']],
    [[{ type: 'switch', phoneNumber: '1', headers: { a: 'x\r\ny' } }], ['invalid_field [0].headers.a']],
    [[{ type: 'switch', phoneNumber: '1', method: 'refer', timeout: 0 }], ['invalid_field [0].timeout']],
    [[{ type: 'switch', method: 'refer' }], ['invalid_field [0].phoneNumber']],
    [[{ type: 'transfer', target: { queue: 'a\nb' } }], ['invalid_field [0].target.queue']],
    [[{ type: 'switch', phoneNumber: '1', method: 'bye' }], ['invalid_field [0].method']],
    [[{ type: 'transfer', target: { phoneNumber: 'x' } }], ['invalid_field [0].target.phoneNumber']],
  ])('%j is refused naming %j', (body, fields) => expect(refused(body)).toEqual(fields));
});
