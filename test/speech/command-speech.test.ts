import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandSpeech } from '../../src/adapters/speech/command-speech.js';
import { readWavFormat, samplesOf } from '../../src/audio/wav.js';
import { thisMachine } from '../../src/config/machine.js';
import { loadConfig } from '../../src/config/load-config.js';
import { toSoundSettings } from '../../src/config/to-sound-settings.js';
import { SoundError } from '../../src/ports/sounds.js';
import { until } from '../support/poll.js';
import { refusal, scratchDir, SoundsBench, wavSaying } from '../support/sounds-bench.js';

let scratch: ReturnType<typeof scratchDir>;
beforeEach(() => {
  scratch = scratchDir();
  mkdirSync(join(scratch.path, 'sounds'));
});
afterEach(() => scratch.remove());

/** Speech by a program of ours: its text on stdin as `text`, `say(wav)`, and its arguments as `args`. */
function program(body: string, ...args: readonly string[]) {
  const path = join(scratch.path, 'program.cjs');
  const text = wavSaying('spoken').toString('base64');
  writeFileSync(
    path,
    `const [, , ...args] = process.argv;
     const wav = Buffer.from('${text}', 'base64');
     const text = () => require('node:fs').readFileSync(0, 'utf8');
     ${body}`,
  );
  return createCommandSpeech({
    kind: 'command',
    command: [process.execPath, path, ...args],
    voice: 'ann',
    timeoutMs: 5000,
  });
}

const idle = new AbortController().signal;

describe('speech by a program', () => {
  it('gets the text on stdin and its arguments as they are, and no shell', async () => {
    const noted = join(scratch.path, 'noted.json');
    const speech = program(
      `require('node:fs').writeFileSync(args.pop(), JSON.stringify([args, text()])); process.stdout.write(wav)`,
      '-v',
      '{voice}',
      '$(id); "quoted" {text}',
      noted,
    );
    const said = '"; rm -rf / #\n`id` -f /etc/passwd – ё';
    expect(await speech.speak(said, idle)).toEqual(wavSaying('spoken'));
    expect(JSON.parse(readFileSync(noted, 'utf8'))).toEqual([['-v', 'ann', '$(id); "quoted" {text}'], said]);
    expect(speech.identity).toContain('"ann"');
  });

  it('may end without reading', async () => {
    expect(await program('process.stdout.write(wav)').speak('x'.repeat(1_000_000), idle)).toEqual(
      wavSaying('spoken'),
    );
  });

  it('that fails says why in its last line', async () => {
    const speech = program(`console.error('first'); console.error('no such voice'); process.exit(3)`);
    expect(await refusal(speech.speak('x', idle))).toMatch(/^speech_failed: .* ended with 3: no such voice$/);
    const missing = createCommandSpeech({ kind: 'command', command: ['/no/such'], voice: '', timeoutMs: 1 });
    expect(await refusal(missing.speak('x', idle))).toBe('speech_failed: /no/such cannot be started: ENOENT');
  });

  it('that never stops writing is ended', async () => {
    const speech = program('const more = () => process.stdout.write(Buffer.alloc(1e6), more); more()');
    expect(await refusal(speech.speak('x', idle))).toMatch(/wrote more than 20000000 bytes$/);
  });

  it('that hangs is killed at its deadline, with everything it started', async () => {
    const pids = join(scratch.path, 'pids');
    const speech = program(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       require('node:fs').writeFileSync(args[0], JSON.stringify([process.pid, child.pid]));
       setInterval(() => {}, 1000);`,
      pids,
    );
    const deadline = new AbortController();
    const said = refusal(speech.speak('x', deadline.signal));
    await until(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith(']'), 'the program runs');
    deadline.abort(new SoundError('timeout', 'too late'));
    expect(await said).toBe('timeout: too late');
    for (const pid of JSON.parse(readFileSync(pids, 'utf8')) as number[])
      await until(() => isGone(pid), `process ${pid} is gone`);
    expect(await refusal(speech.speak('x', deadline.signal))).toBe('timeout: too late');
  });
});

/** Also when nobody has collected it yet: the test's own process is not its parent. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

const espeak = thisMachine('/usr/local/bin:/usr/bin:/bin').runs('espeak-ng');

describe.skipIf(!espeak)(`espeak-ng${espeak ? '' : ' (not installed here)'}`, () => {
  it('is what speaks on a machine that has it, in a few hundred milliseconds of voice', async () => {
    const yaml = 'sounds: { speech: auto }';
    const config = loadConfig({
      file: join(scratch.path, 'x.yaml'),
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      readFile: () => yaml,
    });
    const { speech } = toSoundSettings(config);
    expect(speech).toMatchObject({ kind: 'command' });
    const bench = new SoundsBench(scratch.path, { speech });
    const wav = readFileSync(await bench.say('All agents are busy.'));
    const format = readWavFormat(wav);
    const samples = samplesOf(wav, format);
    expect(format.rate).toBe(8000);
    expect(samples.length / 8000).toBeGreaterThan(0.8);
    expect(samples.length / 8000).toBeLessThan(4);
    const loud = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(loud).toBeGreaterThan(5000);
    const other = await bench.say('One moment, please. I will connect you now.');
    expect(readFileSync(other).length).toBeGreaterThan(wav.length);
  });
});
