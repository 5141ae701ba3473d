import { realMediaGiven } from '../test/support/media-backend.js';
import { tone, VoiceBench } from '../test/support/voice-bench.js';
import { percentile } from './statistics.js';
import { table } from './table.js';

/**
 * The silence between one voice and the next, at the ears of caller and agent, of live calls
 * one after the other; on the embedded media server, and on FreeSWITCH when the environment names one.
 */

const [calls = '50'] = process.argv.slice(2);
const CALLS = Number(calls);
/** Calls before the first that counts. */
const WARM_UP = 3;

const GAPS = [
  'caller: music, then agent',
  'agent: whisper, then caller',
  'caller: agent, then bot again',
  'caller: bot, then agent',
  'agent: 200 OK, then caller',
] as const;

type Gaps = Readonly<Record<(typeof GAPS)[number], number | undefined>>;

/** Two transfers of one call: with music and a whisper, back to the bot, and plainly. */
async function measure(bench: VoiceBench): Promise<Gaps> {
  const { caller, bot, agent } = bench;
  const { ringing } = await bench.ringing({
    returnToBot: true,
    waiting: 'music',
    music: 'moh.wav',
    whisper: { file: 'whisper.wav' },
  });
  await bench.hearsNamed(caller, 'moh.wav');
  const first = await agent.picksUp(ringing);
  await bench.talk(caller, agent);
  const music = caller.gap(tone('moh.wav'), agent.tone);
  const whisper = agent.gap(tone('whisper.wav'), caller.tone);
  const hungUp = performance.now();
  agent.rtp.stopSending();
  first.bye();
  await bench.talk(caller, bot);
  const back = caller.gap(agent.tone, bot.tone, hungUp);
  await bench.event('transfer.returned');
  await agent.renew();
  await bench.transfer({ target: { sipUri: agent.uri } });
  const again = await agent.rings();
  const answered = performance.now();
  const second = await agent.picksUp(again);
  await bench.talk(caller, agent);
  const early = agent.rtp.firstHeard(caller.tone, answered);
  const plain = caller.gap(bot.tone, agent.tone, answered);
  second.bye();
  await bench.renew();
  return {
    'caller: music, then agent': music,
    'agent: whisper, then caller': whisper,
    'caller: agent, then bot again': back,
    'caller: bot, then agent': plain,
    'agent: 200 OK, then caller': early === undefined ? undefined : early - answered,
  };
}

async function measureAll(real: boolean): Promise<readonly Gaps[]> {
  const bench = await VoiceBench.start({ real });
  try {
    const all: Gaps[] = [];
    for (let n = 0; n < WARM_UP + CALLS; n += 1) all.push(await measure(bench));
    return all.slice(WARM_UP);
  } finally {
    await bench.close();
  }
}

const show = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(0));

function columns(all: readonly Gaps[], gap: (typeof GAPS)[number]): string[] {
  const values = all.flatMap((gaps) => gaps[gap] ?? []);
  return [50, 99, 100].map((percent) => show(percentile(values, percent)));
}

const results: [name: string, gaps: readonly Gaps[]][] = [['embedded', await measureAll(false)]];
if (realMediaGiven) {
  results.push(['FreeSWITCH', await measureAll(true)]);
} else process.stderr.write('FreeSWITCH: not given (SWITCHHOOK_TEST_FREESWITCH=host:port:secret)\n');

const head = ['gap in ms', ...results.flatMap(([name]) => [`${name} p50`, 'p99', 'longest'])];
const rows = GAPS.map((gap) => [gap, ...results.flatMap(([, all]) => columns(all, gap))]);
process.stdout.write(`${CALLS} calls, one after the other; a packet is 20 ms\n${table(head, rows)}\n`);
process.exit(0);
