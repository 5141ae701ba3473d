import { describe, expect, it } from 'vitest';
import type { EventBody } from '../event-receiver.js';
import type { Cell } from './grid-schema.js';
import { judgeCell } from './judge-cell.js';

const cell: Cell = {
  name: 'chaos-refer-busyAfter183',
  switches: ['busyAfter183'],
  method: 'refer',
  verdict: 'failed',
  outcome: 'busy',
  caller: 'withBot',
  why: 'the last sipfrag decides',
  wrongPassword: false,
  quick: false,
};

const numbered = (...events: readonly EventBody[]): EventBody[] =>
  events.map((event, index) => ({ ...event, callId: 'call_1', seq: index + 1 }));

const failed = (outcome: string, status = 'FAIL'): EventBody => ({
  type: 'transfer.failed',
  data: { outcome, transferStatus: { status } },
});
const of = (type: string): EventBody => ({ type });
const started = of('call.started');
const requested = of('transfer.requested');
const attempt = of('transfer.attempt.started');
const ended = of('call.ended');

describe('what the bot of a cell was told', () => {
  it('passes with exactly the promised verdict', () => {
    expect(judgeCell(cell, numbered(started, requested, attempt, failed('busy'), ended))).toEqual([]);
  });

  it.each<[string, EventBody[], RegExp]>([
    ['no verdict', numbered(started, requested, ended), /0 verdicts, not one/],
    ['two verdicts', numbered(started, requested, failed('busy'), failed('busy'), ended), /2 verdicts/],
    [
      'another outcome',
      numbered(started, requested, failed('unknown'), ended),
      /wanted "busy", was "unknown"/,
    ],
    [
      'another verdict',
      numbered(started, requested, { ...failed('busy'), type: 'transfer.completed' }, ended),
      /type/,
    ],
    [
      'a failure that says SUCCESS',
      numbered(started, requested, failed('busy', 'SUCCESS'), ended),
      /wanted "FAIL"/,
    ],
    [
      'a bridge nobody asked for',
      numbered(started, requested, { type: 'transfer.bridged' }, failed('busy'), ended),
      /bridged came 1 times/,
    ],
    [
      'a second call.ended',
      numbered(started, requested, failed('busy'), ended, ended),
      /call.ended came 2 times/,
    ],
    ['an event after the end', numbered(started, requested, failed('busy'), ended, attempt), /last event is/],
    [
      'a gap in the numbers',
      numbered(started, requested, failed('busy'), ended).map((e, i) => (i === 3 ? { ...e, seq: 9 } : e)),
      /seq of call.ended is 9/,
    ],
  ])('fails on %s', (_what, events, message) => {
    expect(
      judgeCell(cell, events)
        .map((failure) => failure.message)
        .join('\n'),
    ).toMatch(message);
  });
});
