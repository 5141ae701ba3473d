import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { EVENT_SECRET, signatureProblem } from './event-receiver.js';

/** Signed by the reference implementation, so that ours is not judged by itself. */
const body = '{"type":"call.started"}';
const now = new Date();
const seconds = String(Math.floor(now.getTime() / 1000));
const signature = new Webhook(EVENT_SECRET).sign('evt_1', now, body);

it('takes a signature made by the reference implementation, also beside others', () => {
  expect(signatureProblem('evt_1', seconds, signature, body)).toBeUndefined();
  expect(signatureProblem('evt_1', seconds, `v1,AAAA ${signature}`, body)).toBeUndefined();
});

it.each([
  ['another body', 'evt_1', seconds, signature, `${body} `],
  ['another id', 'evt_2', seconds, signature, body],
  ['an old time', 'evt_1', String(Number(seconds) - 600), signature, body],
  ['no time', 'evt_1', '', signature, body],
  ['no id', '', seconds, signature, body],
  ['no signature', 'evt_1', seconds, '', body],
  ['another scheme', 'evt_1', seconds, signature.replace('v1,', 'v2,'), body],
])('refuses %s', (_what, id, timestamp, given, text) => {
  expect(signatureProblem(id, timestamp, given, text)).toBeDefined();
});
