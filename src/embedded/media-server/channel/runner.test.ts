import { describe, expect, it } from 'vitest';
import { readJoin } from '../conference/rooms.js';
import { readQuestion } from '../apps/play-and-get-digits.js';
import { parseCommandLine } from '../command-line.js';
import { causeNamed, q850 } from './causes.js';
import { AppRunner, type Run } from './runner.js';

interface Rig {
  readonly runner: AppRunner;
  readonly log: string[];
  readonly runs: Map<string, Run>;
  readonly finish: (app: string) => Promise<void>;
}

/** Applications that last until the test ends them, or they are interrupted; those named bg... stay behind. */
function rig(): Rig {
  const log: string[] = [];
  const runs = new Map<string, Run>();
  const ends = new Map<string, () => void>();
  const runner = new AppRunner(
    ({ app }, run) => {
      log.push(`+${app}`);
      runs.set(app, run);
      return new Promise<void>((resolve) => {
        ends.set(app, () => {
          log.push(`-${app}`);
          resolve();
        });
        run.onInterrupt = (why) => {
          log.push(`!${app} ${why}`);
          ends.get(app)?.();
        };
      });
    },
    (app) => app.startsWith('bg'),
  );
  const finish = async (app: string): Promise<void> => {
    ends.get(app)?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { runner, log, runs, finish };
}

const request = (app: string) => ({ app, argument: '', id: app });

describe('the applications of a channel', () => {
  it('run one after another', async () => {
    const { runner, log, finish } = rig();
    for (const app of ['a', 'b']) runner.push(request(app));
    expect(log).toEqual(['+a']);
    await finish('a');
    expect(log).toEqual(['+a', '-a', '+b']);
  });

  it('one in the background keeps nobody waiting', () => {
    const { runner, log } = rig();
    for (const app of ['bg', 'a']) runner.push(request(app));
    expect(log).toEqual(['+bg', '+a']);
  });

  it('a break ends the one in front, and the next begins', async () => {
    const { runner, log } = rig();
    for (const app of ['bg', 'a', 'b']) runner.push(request(app));
    expect(runner.interrupt('break')).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(log).toEqual(['+bg', '+a', '!a break', '-a', '+b']);
  });

  it('"all" takes those that wait as well', async () => {
    const { runner, log } = rig();
    for (const app of ['a', 'b']) runner.push(request(app));
    runner.interrupt('breakAll');
    await runner.stopped();
    expect(log).toEqual(['+a', '!a breakAll', '-a']);
  });

  it('the end stops everything and begins nothing more', async () => {
    const { runner, log, runs } = rig();
    for (const app of ['bg', 'a', 'b']) runner.push(request(app));
    await runner.close();
    runner.push(request('c'));
    expect(log).toEqual(['+bg', '+a', '!a hangup', '-a', '!bg hangup', '-bg']);
    expect(runs.get('a')?.isStopped()).toBe(true);
  });

  it('a digit reaches what runs, in front and behind', () => {
    const { runner, runs } = rig();
    for (const app of ['bg', 'a', 'b']) runner.push(request(app));
    const seen: string[] = [];
    for (const app of ['bg', 'a']) runs.get(app)!.onDigit = (digit) => seen.push(`${app}${digit}`);
    runner.digit('7');
    expect(seen).toEqual(['a7', 'bg7']);
  });
});

describe('arguments', () => {
  it('of play_and_get_digits, as drachtio-fsmrf writes them', () => {
    const question = readQuestion('0 128 1 120000 # /a.wav silence_stream://250 myDigitBuffer \\d+ 8000');
    expect(question).toMatchObject({ min: 0, max: 128, tries: 1, timeoutMs: 120_000, terminators: '#' });
    expect(question).toMatchObject({ prompt: '/a.wav', variable: 'myDigitBuffer', digitTimeoutMs: 8000 });
    expect(question?.pattern.test('12')).toBe(true);
  });

  it.each(['', '1 2', 'a 2 1 100 # /a.wav x y z', '1 2 1 100 # /a.wav x y [ 100'])(
    '"%s" is no question',
    (text) => {
      expect(readQuestion(text)).toBeNull();
    },
  );

  it.each([
    ['cf1', 'cf1', '', []],
    ['cf1@wide', 'cf1', '', []],
    ['cf1+1234', 'cf1', '1234', []],
    ['cf1++flags{endconf|mute}', 'cf1', '', ['endconf', 'mute']],
    ['cf1@p+99+flags{deaf}', 'cf1', '99', ['deaf']],
  ])('of conference: %s', (text, name, pin, flags) => {
    const join = readJoin(text);
    expect([join?.name, join?.pin, [...(join?.flags ?? [])]]).toEqual([name, pin, flags]);
  });

  it('of hangup: what is no cause is a normal end', () => {
    expect([causeNamed('user_busy'), causeNamed(''), causeNamed('toString')]).toEqual([
      'USER_BUSY',
      'NORMAL_CLEARING',
      'NORMAL_CLEARING',
    ]);
    expect([q850('USER_BUSY'), q850('MEDIA_TIMEOUT')]).toEqual([17, 31]);
  });
});

describe('the command line', () => {
  const env = { SWITCHHOOK_MEDIAD_SECRET: 's' };

  it('has defaults for all but the secret', () => {
    expect(parseCommandLine([], {})).toMatchObject({ kind: 'error' });
    expect(parseCommandLine([], env)).toMatchObject({
      kind: 'run',
      child: false,
      options: {
        secret: 's',
        esl: { host: '127.0.0.1', port: 8021 },
        rtpPorts: { from: 16_384, to: 32_767 },
      },
    });
  });

  it.each([
    [['--sip', 'nowhere']],
    [['--rtp-ports', '5-1']],
    [['--max-sessions', '0']],
    [['--allow', '1.2.3.4/99']],
    [['--heartbeat', 'soon']],
    [['--no-such-flag']],
  ])('%j is an error that is said in one sentence', (argv) => {
    const parsed = parseCommandLine(argv, env);
    expect(parsed.kind === 'error' && parsed.message.length > 10).toBe(true);
  });
});
