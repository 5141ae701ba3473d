import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { filesIn, Recorded } from '../support/recordings.js';
import { VoiceBench, VOICES } from '../support/voice-bench.js';

let bench: VoiceBench;

/** @returns where the channel records into; there is nothing yet */
async function start(recording: Record<string, unknown> = {}): Promise<string> {
  bench = await VoiceBench.start({
    channel: (places) => ({ recording: { dir: join(places.dir, 'rec'), ...recording } }),
  });
  return join(bench.dir, 'rec');
}

/** A caller whose call could not be recorded notices nothing: it talks to its bot, and then to an agent. */
async function goesOn(): Promise<void> {
  await bench.talk(bench.caller, bench.bot);
  await bench.transfer({ target: { sipUri: bench.agent.uri }, continueRecording: true });
  const call = await bench.agent.answers();
  await bench.talk(bench.caller, bench.agent);
  call.bye();
  await bench.settled();
  expect(bench.toldOf('transfer.completed')).toHaveLength(1);
}

const told = () => bench.toldOf('call.recording').map(({ data }) => data);

describe('a recording that fails', { timeout: 60_000 }, () => {
  const mounted: string[] = [];
  afterEach(async () => {
    for (const dir of mounted.splice(0)) execFileSync('umount', ['-l', dir]);
    await bench.close();
  });

  /** @returns whether this test may, and did */
  function mountsSmallDisk(dir: string): boolean {
    mkdirSync(dir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', dir], { stdio: 'ignore' });
      mounted.push(dir);
      return true;
    } catch {
      return false;
    }
  }

  it('full disk in the middle: what is there is kept, the reason is told, the call goes on', async (test) => {
    const dir = await start();
    if (!mountsSmallDisk(dir)) test.skip('a small disk can be mounted by root only');
    const { callId } = await bench.talking();
    await eventually(() => told().map(({ state }) => state)).toEqual(['started', 'failed']);
    const path = join(dir, `${callId}-1-bot.wav`);
    expect(told()[1]).toMatchObject({ path, reason: expect.stringMatching(/ENOSPC|disk/) as string });
    const file = new Recorded(path);
    expect(file.ms).toBeGreaterThan(500);
    expect(file.content.dataBytes).toBeLessThanOrEqual(file.content.realBytes);
    expect(file.ever([VOICES.caller, VOICES.bot, VOICES.agent])).toEqual([VOICES.caller, VOICES.bot]);
    await goesOn();
    expect(told()).toHaveLength(2);
    expect(filesIn(dir)).toEqual([`${callId}-1-bot.wav`]);
  });

  it('full disk at once: told, nothing is left of it, the call goes on', async () => {
    const dir = await start({ consent: { file: 'moh.wav' } });
    mkdirSync(dir);
    const [, answered] = await Promise.all([
      bench.caller.calls(bench.sip, '18005550100'),
      bench.bot.answers(),
    ]);
    expect(answered.callId).not.toBe('');
    // While the caller is told of the recording, the file to come is put on a device that is always full.
    const { callId } = await bench.event('call.started');
    symlinkSync('/dev/full', join(dir, `.${callId}-1-bot.part.wav`));
    await eventually(() => told().map(({ state }) => state)).toEqual(['failed']);
    expect(String(told()[0]?.['reason'])).toMatch(/record/);
    expect(filesIn(dir)).toEqual([]);
    await goesOn();
    expect(existsSync('/dev/full')).toBe(true);
    expect(told()).toHaveLength(1);
  });

  it('no directory can be made: the same', async () => {
    writeFileSync(await start(), 'a file');
    await Promise.all([bench.caller.calls(bench.sip, '18005550100'), bench.bot.answers()]);
    await eventually(() => told().map(({ state }) => state)).toEqual(['failed']);
    const asked = await bench.post(`/v1/calls/${(await bench.event('call.started')).callId}/recording`, {
      action: 'stop',
    });
    expect(asked.status).toBe(409);
    await goesOn();
  });

  it('its file was taken away: told with the name it has, and nothing else happens', async () => {
    const dir = await start();
    const { caller } = await bench.talking();
    await bench.event('call.recording');
    execFileSync('rm', ['-rf', dir]);
    caller.bye();
    await bench.settled();
    await eventually(() => told().map(({ state }) => state)).toEqual(['started', 'stopped']);
    expect(existsSync(dir)).toBe(false);
  });
});
