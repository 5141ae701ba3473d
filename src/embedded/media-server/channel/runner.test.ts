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

/**
 * Applications that last until the test ends them, or they are interrupted; those named bg... stay behind, those named
 * now... are over at once.
 */
function rig(): Rig {
  const log: string[] = [];
  const runs = new Map<string, Run>();
  const ends = new Map<string, () => void>();
  const runner = new AppRunner(
    ({ app }, run) => {
      log.push(`+${app}`);
      runs.set(app, run);
      if (app.startsWith('now')) return Promise.resolve();
      const end = new Promise<void>((resolve) => {
        ends.set(app, () => {
          log.push(`-${app}`);
          resolve();
        });
        run.onInterrupt = (why) => {
          log.push(`!${app} ${why}`);
          ends.get(app)?.();
        };
      });
      return run.during(end);
    },
    (app) => app.startsWith('bg'),
  );
  const finish = async (app: string): Promise<void> => {
    ends.get(app)?.();
    await settled();
  };
  return { runner, log, runs, finish };
}

/** Whatever follows from what is done already has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const request = (app: string) => ({ app, argument: '', id: app });

describe('the applications of a channel', () => {
  it('one that is over at once is over before the next begins', async () => {
    const { runner, log } = rig();
    for (const app of ['now1', 'now2']) runner.push(request(app));
    expect(log).toEqual(['+now1']);
    await settled();
    expect(log).toEqual(['+now1', '+now2']);
    expect(runner.busy).toBe(false);
  });

  it('what comes while one waits runs on top of it', async () => {
    const { runner, log, runs, finish } = rig();
    for (const app of ['a', 'b']) runner.push(request(app));
    expect(log).toEqual(['+a', '+b']);
    expect([runs.get('a')?.covered(), runs.get('b')?.covered()]).toEqual([true, false]);
    await finish('b');
    expect(runs.get('a')?.covered()).toBe(false);
    expect(runner.busy).toBe(true);
  });

  it('nothing runs on top of a locked one', async () => {
    const { runner, log, finish } = rig();
    runner.push({ ...request('a'), locked: true });
    runner.push(request('b'));
    expect(log).toEqual(['+a']);
    await finish('a');
    expect(log).toEqual(['+a', '-a', '+b']);
  });

  it('sixteen deep, the next one waits', async () => {
    const { runner, log, finish } = rig();
    for (let n = 1; n <= 17; n++) runner.push(request(`a${n}`));
    expect(log).toHaveLength(16);
    await finish('a16');
    expect(log.at(-1)).toBe('+a17');
  });

  it('one in the background keeps nobody waiting', () => {
    const { runner, log } = rig();
    for (const app of ['bg', 'a']) runner.push(request(app));
    expect(log).toEqual(['+bg', '+a']);
  });

  it('a break ends the one on top, and then what the one below does', async () => {
    const { runner, log } = rig();
    for (const app of ['bg', 'a', 'b']) runner.push(request(app));
    runner.break(false);
    await settled();
    expect(log).toEqual(['+bg', '+a', '+b', '!b break', '-b', '!a break', '-a']);
  });

  it('a break that comes before the application waits is not lost', async () => {
    const runner = new AppRunner(
      async (_request, run) => {
        await settled();
        await run.during(new Promise<void>((resolve) => (run.onInterrupt = () => resolve())));
      },
      () => false,
    );
    runner.push(request('slow'));
    runner.break(false);
    await runner.stopped();
    expect(runner.busy).toBe(false);
  });

  it('flushed: those that wait never begin', async () => {
    const { runner, log } = rig();
    runner.push({ ...request('a'), locked: true });
    runner.push(request('b'));
    runner.break(true);
    await runner.stopped();
    expect(log).toEqual(['+a', '!a break', '-a']);
  });

  it('loops, but not one that is over in no time', async () => {
    const { runner, log } = rig();
    runner.push({ ...request('now'), loops: -1 });
    await runner.stopped();
    expect(log).toEqual(['+now']);
  });

  it('the end stops everything and begins nothing more', async () => {
    const { runner, log, runs } = rig();
    for (const app of ['bg', 'a', 'b']) runner.push(request(app));
    await runner.close();
    runner.push(request('c'));
    expect(log).toEqual([
      ...['+bg', '+a', '+b'],
      ...['!b hangup', '-b', '!a hangup', '-a', '!bg hangup', '-bg'],
    ]);
    expect(runs.get('a')?.isStopped()).toBe(true);
  });

  it('a digit reaches what runs on top and in the background', () => {
    const { runner, runs } = rig();
    for (const app of ['bg', 'b', 'a']) runner.push(request(app));
    const seen: string[] = [];
    for (const app of ['bg', 'b', 'a']) runs.get(app)!.onDigit = (digit) => seen.push(`${app}${digit}`);
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

  it('takes a second address, for IPv6', () => {
    expect(parseCommandLine(['--sip6', '[::1]:5070'], env)).toMatchObject({
      options: { sip6: { host: '::1', port: 5070 } },
    });
  });

  it.each([
    [['--sip6', '5070']],
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
