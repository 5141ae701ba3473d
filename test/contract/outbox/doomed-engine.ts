import { anEvent } from '../../support/records.js';
import { CHANNELS, channelOf, smallEngine } from './small-engine.js';

/**
 * An engine to be killed: `doomed-engine.ts REDIS-PORT RECEIVER NAME CALLS`. Says the address of its API. Its calls, so
 * many for each channel, tell one event after the other until it dies.
 */
const [port = '', receiver = '', name = '', calls = ''] = process.argv.slice(2);
const engine = await smallEngine(Number(port), receiver);
await engine.start();
process.stdout.write(`${engine.url}\n`);

async function live(call: string): Promise<void> {
  const teller = engine.tellerOf(call, 1);
  for (let n = 1; ; n += 1) {
    teller.tell(anEvent(n, call, { channel: channelOf(call) }), null);
    teller.save(() => JSON.stringify({ n }));
    await new Promise((resume) => setTimeout(resume, 80 + Math.random() * 80));
  }
}

const names = Array.from({ length: Number(calls) }, (_, i) => `${name}-${i}`);
await Promise.all(CHANNELS.flatMap((channel) => names.map((one) => live(`${channel}-${one}`))));
