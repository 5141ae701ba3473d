import { expect, it } from 'vitest';
import { CUE_BRANCH, headerOf, headerPart, parseLog } from './sipp-log.js';

const RULE = '-'.repeat(47);
const block = (what: string, text: string): string =>
  `${RULE} 2026-01-01 00:00:00.000000\nUDP message ${what} :\n\n${text}\n`;

const INVITE =
  'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\ncallReason: support\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\na=inactive\r\n';
const OK = 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n';

it('reads names, headers and bodies as the party saw them', () => {
  const [invite, ok, ...rest] = parseLog(block('received [10] bytes', INVITE) + block('sent (10 bytes)', OK));
  expect(invite).toMatchObject({
    direction: 'received',
    name: 'INVITE',
    startLine: 'INVITE sip:a@b SIP/2.0',
  });
  expect(invite?.headers).toContainEqual(['callReason', 'support']);
  expect(invite?.body).toBe('v=0\na=inactive');
  expect(ok).toMatchObject({ direction: 'sent', name: '200 INVITE', body: '' });
  expect(ok && headerOf(ok, 'content-length')).toBe('0');
  expect(rest).toEqual([]);
});

it('leaves out retransmissions, cues and what SIPp says besides', () => {
  const cue = `HANGUP sip:cue SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=${CUE_BRANCH}\r\nCSeq: 1 HANGUP\r\n\r\n`;
  const log = [
    block('received [10] bytes', OK),
    block('received [10] bytes', OK),
    block('received [10] bytes', cue),
    `${RULE}\nUnexpected UDP message received:\n\n${OK}\n`,
  ].join('');
  expect(parseLog(log).map(({ name, text }) => [name, text.includes('Unexpected')])).toEqual([
    ['200 INVITE', false],
  ]);
});

it('a log that is not there yet is empty', () => {
  expect(parseLog('')).toEqual([]);
});

it('a header, or one parameter of it', () => {
  const [message] = parseLog(
    block(
      'sent (10 bytes)',
      'SIP/2.0 200 OK\r\nTo: "A;tag=x" <sip:a@h;tag=y>;tag=z ;q=1\r\nCall-ID: c@h\r\nCSeq: 1 BYE\r\n\r\n',
    ),
  );
  const part = (from: string): string | undefined => message && headerPart(message, from);
  expect([part('Call-ID'), part('to;tag'), part('To;q'), part('To;lr'), part('From;tag')]).toEqual([
    'c@h',
    'z',
    '1',
    undefined,
    undefined,
  ]);
});
