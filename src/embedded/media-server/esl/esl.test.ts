import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandReader, CommandTooLong } from './command-reader.js';
import { ServerEvent } from './event.js';
import { channelData, commandReply, jsonEvent } from './frames.js';
import { Subscription } from './subscription.js';

describe('reading commands', () => {
  const script =
    'api status\n\nsendmsg abc\nexecute-app-name: playback\nexecute-app-arg: tone_stream://%(1,2,3): x\n\n' +
    'bgapi version\r\nJob-UUID: j1\r\n\r\nsendmsg x\ncontent-length: 5\n\na\n\nbcexit\n\n';

  const readAll = (chunks: readonly string[]): unknown => {
    const reader = new CommandReader();
    return chunks
      .flatMap((chunk) => reader.push(Buffer.from(chunk)))
      .map(({ line, headers, body }) => [line, Object.fromEntries(headers), body]);
  };

  const wanted = [
    ['api status', {}, ''],
    ['sendmsg abc', { 'execute-app-name': 'playback', 'execute-app-arg': 'tone_stream://%(1,2,3): x' }, ''],
    ['bgapi version', { 'job-uuid': 'j1' }, ''],
    ['sendmsg x', { 'content-length': '5' }, 'a\n\nbc'],
    ['exit', {}, ''],
  ];

  it('pipelined in one piece', () => {
    expect(readAll([script])).toEqual(wanted);
  });

  it('cut anywhere, the same commands come out', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(script.length), { maxLength: 20 }), (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), script.length];
        expect(readAll(points.slice(1).map((to, i) => script.slice(points[i], to)))).toEqual(wanted);
      }),
    );
  });

  it('an empty value is an empty value', () => {
    expect(readAll(['sendmsg x\nexecute-app-arg: \n\n'])).toEqual([
      ['sendmsg x', { 'execute-app-arg': '' }, ''],
    ]);
  });

  it('what never ends is not collected for ever', () => {
    const reader = new CommandReader();
    expect(() => {
      for (let n = 0; n < 40; n++) reader.push(Buffer.alloc(65_536, 'x'));
    }).toThrow(CommandTooLong);
  });
});

describe('subscriptions', () => {
  const event = (name: string, headers: Record<string, string> = {}): ServerEvent =>
    new ServerEvent(name, headers);

  it('names, with the library prefix ignored; all behind CUSTOM are subclasses', () => {
    const one = new Subscription();
    one.add(['DTMF', 'SWITCH_EVENT_PLAYBACK_START', 'CUSTOM', 'conference::maintenance', 'BACKGROUND_JOB']);
    expect(one.wants(event('DTMF'))).toBe(true);
    expect(one.wants(event('PLAYBACK_START'))).toBe(true);
    expect(one.wants(event('CUSTOM', { 'Event-Subclass': 'conference::maintenance' }))).toBe(true);
    expect(one.wants(event('CUSTOM', { 'Event-Subclass': 'other' }))).toBe(false);
    expect(one.wants(event('BACKGROUND_JOB'))).toBe(false);
  });

  it('any filter may match, but one must', () => {
    const one = new Subscription();
    one.add(['DTMF']);
    one.filter('Unique-ID', 'a');
    one.filter('Conference-Unique-ID', 'c');
    expect(one.wants(event('DTMF', { 'Unique-ID': 'b' }))).toBe(false);
    expect(one.wants(event('DTMF', { 'Unique-ID': 'b', 'Conference-Unique-ID': 'c' }))).toBe(true);
    one.unfilter('Conference-Unique-ID', 'c');
    expect(one.wants(event('DTMF', { 'Conference-Unique-ID': 'c' }))).toBe(false);
    one.unfilter('all', null);
    expect(one.wants(event('DTMF', { 'Unique-ID': 'b' }))).toBe(true);
  });

  it('what is taken back is not sent any more', () => {
    const one = new Subscription();
    one.add(['all']);
    one.clear();
    expect(one.wants(event('DTMF'))).toBe(false);
    one.add(['DTMF', 'CUSTOM', 'x']);
    one.remove(['DTMF', 'CUSTOM', 'x']);
    expect(one.wants(event('DTMF')) || one.wants(event('CUSTOM', { 'Event-Subclass': 'x' }))).toBe(false);
  });
});

describe('what is written', () => {
  it('lengths count bytes, not characters', () => {
    const [head = '', json = ''] = jsonEvent(new ServerEvent('X', { name: 'Zoë' })).split('\n\n');
    expect(Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(json));
  });

  it('a body is in the event, with its length', () => {
    const { json } = new ServerEvent('BACKGROUND_JOB', {}, '+OK\n');
    expect(JSON.parse(json)).toEqual({
      'Event-Name': 'BACKGROUND_JOB',
      'Content-Length': '4',
      _body: '+OK\n',
    });
  });

  it('a percent sign in a reply does not break the decoding of drachtio-modesl', () => {
    const line = commandReply('+OK filter added. [a]=[100%]').split('\n')[1] ?? '';
    expect(decodeURIComponent(line)).toBe('Reply-Text: +OK filter added. [a]=[100%]');
  });

  it('values of the connect reply survive the URL decoding of drachtio-modesl', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const line = channelData({ x: value }).split('\n')[1] ?? '';
        expect(decodeURIComponent(line.slice('x: '.length))).toBe(value);
      }),
    );
  });
});
