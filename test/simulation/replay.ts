// Replays one schedule, readable: npx tsx test/simulation/replay.ts SEED [name of a planted breakage]
import { BREAKAGES } from './breakages.js';
import { play } from './schedule.js';
import { REAL } from './world.js';

const [seed, name] = process.argv.slice(2);
const planted = name === undefined ? undefined : BREAKAGES.find((b) => b.name === name);
if (seed === undefined || !Number.isInteger(Number(seed)) || (name !== undefined && planted === undefined)) {
  console.error(
    `usage: npx tsx test/simulation/replay.ts SEED [${BREAKAGES.map((b) => b.name).join(' | ')}]`,
  );
  process.exit(2);
}
const log: string[] = [];
let end = 'no promise broken';
try {
  play(Number(seed), planted?.engine ?? REAL, log);
} catch (error) {
  end = `BROKEN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
console.log(log.join('\n'));
console.log(end);
process.exit(end.startsWith('BROKEN') ? 1 : 0);
