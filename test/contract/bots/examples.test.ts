import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { BotSink } from '../../../src/adapters/bots/options.js';
import type { BotReply } from '../../../src/domain/reply.js';
import type { PublishedEvent } from '../../../src/ports/bot-runtime.js';
import { eventually } from '../../support/eventually.js';
import { aFailure, anEvent } from '../../support/records.js';
import { botsBench, SECRET, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
let bot: ChildProcess;
let botUrl = '';

afterEach(async () => {
  const gone = new Promise((resolve) => bot.once('exit', resolve));
  bot.disconnect();
  await gone;
  await bench.stop();
});

/** An example bot in a process of its own, told events by the real runtime. */
async function meet(script: string, dialect: BotSink['dialect'], ...args: string[]): Promise<void> {
  const path = fileURLToPath(new URL(`../../../examples/${script}`, import.meta.url));
  bot = spawn(process.execPath, [path, '--listen', '127.0.0.1:0', '--secret', SECRET, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const lines: Record<string, unknown>[] = [];
  createInterface(bot.stdout!).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  await eventually(() => lines.map(({ kind }) => kind)).toContain('ready');
  botUrl = String(lines[0]!['url']);
  bench = await botsBench({}, { dialect, converses: true, url: botUrl });
  // The bot refuses what was signed long ago, and it has a clock of its own.
  bench.clock.advance(Date.now() - bench.clock.now());
}

let questions = 0;

/** What the bot wants done after an event. */
async function asked(event: PublishedEvent): Promise<readonly BotReply[]> {
  questions += 1;
  const before = bench.answers.length;
  bench.runtime.publish(event, questions);
  await eventually(() => bench.answers.length).toBe(before + 1);
  const answer = bench.answers[before]!;
  expect(answer.question).toBe(questions);
  if ('problem' in answer) throw new Error(answer.problem);
  return answer.replies;
}

const say = (text: string) => ({ kind: 'say', message: { text } });

const pressed = (n: number, digits: string): PublishedEvent =>
  anEvent(n, '1', {
    type: 'call.input',
    data: { input: digits === '' ? 'none' : 'dtmf', digits, from: 'caller' },
  });

/** The verdict of a transfer to somebody who answered; the caller comes back. */
function answered(n: number): PublishedEvent {
  const failure = aFailure(n);
  if (failure.type !== 'transfer.failed') throw new Error('aFailure makes failures');
  return anEvent(n, '1', {
    type: 'transfer.completed',
    data: {
      ...failure.data,
      outcome: 'answered',
      next: { action: 'return', node: null, message: null },
      transferStatus: { status: 'SUCCESS', hangup: false, number: '16123456789' },
    },
  });
}

describe('examples/jaicp-bot', () => {
  it('runs the dialog of the JAICP page word for word: busy, then an agent, then the rating', async () => {
    await meet('jaicp-bot/bot.mjs', 'jaicp');
    expect(await asked(anEvent(1))).toEqual([say('Hi! How can I help?')]);

    const [announcement, toAgent, ...rest] = await asked(pressed(2, '1'));
    expect([
      say('Transferring you to the agent. Please stay on the line.'),
      say('Putting you through to an agent. Please stay on the line.'),
    ]).toContainEqual(announcement);
    expect(toAgent).toEqual({
      kind: 'switch',
      command: {
        targets: [{ phoneNumber: '16123456789' }],
        method: 'invite',
        ringTimeoutMs: 30_000,
        headers: [
          ['callReason', 'support'],
          ['crmClientId', '16125550000'],
        ],
        via: '237-test-237-VDQ-28334674',
        returnToBot: true,
        continueRecording: true,
        otherwise: 'stay',
        metadata: {},
      },
    });
    expect(rest).toEqual([]);

    expect(await asked(aFailure(3))).toEqual([
      say('All our agents are currently busy. We will reach out to you later.'),
    ]);
    expect(await asked(pressed(4, '1'))).toHaveLength(2);
    expect(await asked(answered(5))).toEqual([say('Thank you for contacting us. Please rate our service.')]);
    expect(await asked(pressed(6, '7'))).toEqual([say('Please rate our service.')]);
    expect(await asked(pressed(7, '5'))).toEqual([say('Thank you!'), { kind: 'hangup' }]);
  });

  it('both announcements are heard', async () => {
    await meet('jaicp-bot/bot.mjs', 'jaicp');
    const heard = new Set<string>();
    for (let n = 1; n <= 40; n += 1) heard.add(JSON.stringify((await asked(pressed(n, '1')))[0]));
    expect(heard.size).toBe(2);
  });

  it('says nothing to a caller that has left, asks again of one that is silent, and ends after the news', async () => {
    await meet('jaicp-bot/bot.mjs', 'jaicp');
    await asked(anEvent(1));
    expect(await asked(pressed(2, ''))).toEqual([say('Hi! How can I help?')]);
    const left = aFailure(3);
    if (left.type !== 'transfer.failed') throw new Error('aFailure makes failures');
    const gone = { ...left.data, transferStatus: { ...left.data.transferStatus, hangup: true } };
    expect(await asked(anEvent(3, '1', { type: 'transfer.failed', data: gone }))).toEqual([]);
    await asked(aFailure(4));
    expect(await asked(pressed(5, ''))).toEqual([{ kind: 'hangup' }]);
  });
});

describe('examples/webhook-bot', () => {
  it('asks for a key, hands over, has words for a failure, and asks how it was', async () => {
    await meet('webhook-bot/bot.mjs', 'native', '--transfer-to', 'queue:support');
    const menu = 'Press 1 to speak to somebody, or 2 to hear our opening hours.';
    expect(await asked(anEvent(1))).toEqual([say(`Hello! ${menu}`)]);
    expect(await asked(pressed(2, ''))).toEqual([say(`I did not get that. ${menu}`)]);
    expect(await asked(pressed(3, '1'))).toEqual([
      say('One moment, I am getting somebody for you.'),
      {
        kind: 'switch',
        command: {
          targets: [{ queue: 'support' }],
          method: 'auto',
          headers: [['callReason', 'support']],
          returnToBot: true,
          continueRecording: true,
          reason: 'user_request',
          metadata: {},
        },
      },
    ]);
    expect(await asked(aFailure(4))).toEqual([say(`I am sorry. Everybody is talking to somebody. ${menu}`)]);
    expect(await asked(answered(5))).toEqual([say('Welcome back. How did we do, from 1 to 5?')]);
    expect(await asked(pressed(6, '4'))).toEqual([say('Thank you, and goodbye.'), { kind: 'hangup' }]);
  });

  it('tries the next of several when one is not free, and begins anew when the caller asks again', async () => {
    const both = ['--transfer-to', 'extension:7001', '--transfer-to', 'extension:7002'];
    await meet('webhook-bot/bot.mjs', 'native', ...both);
    const to = (extension: string): object => ({ kind: 'switch', command: { targets: [{ extension }] } });
    await asked(anEvent(1));
    expect((await asked(pressed(2, '1')))[1]).toMatchObject(to('7001'));
    const [words, next] = await asked(aFailure(3));
    expect(words).toEqual(say('I am sorry. Everybody is talking to somebody. I will try somebody else.'));
    expect(next).toMatchObject(to('7002'));
    expect(await asked(aFailure(4))).toHaveLength(1);
    expect((await asked(pressed(5, '1')))[1]).toMatchObject(to('7001'));
  });

  it('answers the same question the same way, however often it comes, and nobody without the secret', async () => {
    await meet('webhook-bot/bot.mjs', 'native', '--transfer-to', '+16125550199');
    const first = await asked(anEvent(1));
    expect(await asked(anEvent(1))).toEqual(first);
    const answer = await fetch(botUrl, { method: 'POST', body: JSON.stringify(anEvent(2)) });
    expect(answer.status).toBe(401);
  });
});
