import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { realMediaGiven } from './media-backend.js';
import { VoiceBench } from './voice-bench.js';
import type { VoiceOptions } from './voice-config.js';

/** The bench of a suite, there once its tests run. */
export type Heard = () => VoiceBench;

/**
 * The same calls with the embedded media server always, and with FreeSWITCH when the environment names one; a missing
 * one is counted as skipped tests. Every test begins with fresh phones and has to leave nothing behind.
 */
export function describeVoice(name: string, body: (bench: Heard) => void, options: VoiceOptions = {}): void {
  const run = (real: boolean, title: string): void => {
    describe(title, { timeout: 60_000 }, () => {
      let bench: VoiceBench;
      beforeAll(async () => {
        bench = await VoiceBench.start({ ...options, real });
      }, 60_000);
      afterEach(async ({ task }) => {
        // A failed test leaves calls behind by nature: its own error is the one to show.
        if (task.result?.state !== 'fail') await bench.settled();
        await bench.renew();
      }, 40_000);
      afterAll(() => bench.close());
      body(() => bench);
    });
  };
  run(false, `${name} [embedded]`);
  if (realMediaGiven) run(true, `${name} [FreeSWITCH]`);
  else describe.skip(`${name} [FreeSWITCH: not given]`, () => body(() => neverStarted()));
}

function neverStarted(): VoiceBench {
  throw new Error('FreeSWITCH: not given');
}
