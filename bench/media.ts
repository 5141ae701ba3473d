import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.js';
import { startEmbedded } from '../test/support/drachtio-backend.js';
import { createMrf } from '../test/support/media-fsmrf.js';
import { sine } from '../test/support/media-tones.js';
import { writeWav } from '../test/support/media-wav.js';
import { TestApp } from '../test/support/test-app.js';
import { killChildren } from './child.js';
import { machine, warnings } from './machine.js';
import { measureBridges, type BridgeFigures } from './media-bridge.js';
import { measureLegs, type LegFigures } from './media-legs.js';
import { embeddedMedia, givenFreeswitch, type MediaSubject } from './media-subject.js';
import { table } from './table.js';
import { DIST_MAIN, Workspace } from './workspace.js';

const USAGE = `Usage: npx tsx bench/media.ts [--legs N] [--seconds N] [--bridges N] [--json FILE]

Plays to N legs (200) of the embedded media server for some seconds (60), then bridges legs (20 times); the same on the
FreeSWITCH of this machine that SWITCHHOOK_TEST_FREESWITCH=host:port:secret names. Linux, loopback, after a build.
`;

interface Options {
  readonly legs: number;
  readonly seconds: number;
  readonly bridges: number;
  readonly json: string | undefined;
}

interface Figures {
  readonly name: string;
  readonly legs: LegFigures;
  readonly bridges: BridgeFigures;
}

function readOptions(): Options | 'help' {
  const text = { type: 'string' } as const;
  const flags = { legs: text, seconds: text, bridges: text, json: text, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: process.argv.slice(2), options: flags });
  if (values.help === true) return 'help';
  const number = (name: 'legs' | 'seconds' | 'bridges', byDefault: number): number => {
    const value = Number(values[name] ?? byDefault);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} takes a whole number above 0`);
    return value;
  };
  return {
    legs: number('legs', 200),
    seconds: number('seconds', 60),
    bridges: number('bridges', 20),
    json: values.json,
  };
}

/** One media server after the other, each with a SIP server and an application of its own. */
async function measure(
  subject: MediaSubject,
  { legs, seconds, bridges }: Options,
  tone: string,
): Promise<Figures> {
  const signalling = await startEmbedded();
  const app = await TestApp.connect(signalling.admin);
  try {
    const ms = await createMrf(app.srf).connect({ ...subject.esl, listenAddress: '127.0.0.1' });
    const figures = {
      name: subject.name,
      legs: await measureLegs(ms, subject.pid, { legs, seconds, file: tone }),
      bridges: await measureBridges(ms, bridges, tone),
    };
    ms.disconnect();
    return figures;
  } finally {
    await app.close();
    await signalling.close();
    await subject.stop();
  }
}

const ms = (value: number | null): string => (value === null ? '-' : value.toFixed(1));

function report(all: readonly Figures[]): string {
  const row = (what: string, cell: (figures: Figures) => string): string[] => [what, ...all.map(cell)];
  const [first] = all;
  const title = first === undefined ? '' : `${first.legs.legs} legs, ${first.legs.seconds} s`;
  return table(
    [title, ...all.map(({ name }) => name)],
    [
      row('ms between packets, p50 / p99 / max', ({ legs }) =>
        [legs.p50, legs.p99, legs.max].map(ms).join(' / '),
      ),
      row('packets over 30 ms late, of', ({ legs }) => `${legs.late} of ${legs.packets}`),
      row('packets missing', ({ legs }) => String(legs.missing)),
      row('legs that heard nothing', ({ legs }) => String(legs.silentLegs)),
      row('drift in ms, median / worst leg', ({ legs }) =>
        [legs.driftMs, legs.worstDriftMs].map(ms).join(' / '),
      ),
      row('CPU for 100 legs, % of a core', ({ legs }) => legs.cpuPer100Legs?.toFixed(1) ?? '-'),
      row('bridge: ms from prompt to partner, median / max', ({ bridges }) =>
        [bridges.gapMedian, bridges.gapMax].map(ms).join(' / '),
      ),
      row('bridge: longest ms without a packet', ({ bridges }) => ms(bridges.holeMax)),
    ],
  );
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!existsSync(DIST_MAIN)) throw new UsageError('there is no build: run "npm run bench -- --help" once');
  const given = process.env['SWITCHHOOK_TEST_FREESWITCH'] ?? '';
  const real = givenFreeswitch(given, process.env['SWITCHHOOK_TEST_FREESWITCH_PROFILE']);
  if (given !== '' && real === null)
    throw new UsageError('SWITCHHOOK_TEST_FREESWITCH must be host:port:secret');
  const work = new Workspace();
  process.once('exit', () => work.remove());
  const tone = writeWav(work.file('tone.wav'), sine(700, 20_000));
  const facts = machine();
  const all = [await measure(await embeddedMedia(work), options, tone)];
  if (real !== null) all.push(await measure(real, options, tone));
  else process.stderr.write('SWITCHHOOK_TEST_FREESWITCH is not set: nothing to compare with\n');
  for (const warning of warnings(facts)) process.stderr.write(`note: ${warning}\n`);
  process.stdout.write(`${report(all)}\n`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine: facts, figures: all }, null, 2)}\n`);
  return 0;
}

// Both ends of many calls hang up at the same time: that a dialog is gone when its BYE is sent is no failure.
process.on('unhandledRejection', (error) => {
  if (error instanceof Error && 'code' in error && error.code === 'ENODIALOG') return;
  throw error;
});
process.once('exit', killChildren);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
