import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.js';

export interface BenchOptions {
  readonly rounds: number;
  /** Seconds of each step. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Calls per second: of the first step, between steps, of the last one. */
  readonly base: number;
  readonly step: number;
  readonly max: number;
  /** No round and no step is begun when these are over. */
  readonly minutes: number;
  readonly sizes: readonly number[];
  readonly transfers: number;
  readonly json: string | undefined;
}

const FULL = {
  rounds: 3,
  seconds: 3,
  warmUpSeconds: 3,
  base: 300,
  step: 200,
  max: 4100,
  minutes: 4,
  sizes: [1000, 2000],
  transfers: 200,
};
const QUICK = {
  ...FULL,
  rounds: 1,
  seconds: 2,
  warmUpSeconds: 1.5,
  step: 500,
  minutes: 1,
  sizes: [300],
  transfers: 50,
};

export const USAGE = `Usage: npm run bench -- [options]

Calls through the engine and through drachtio-srf's bare createB2BUA, in turns, on the embedded SIP server; with
SWITCHHOOK_TEST_DRACHTIO=host:port:secret on that drachtio-server too. Loopback only, Linux only, needs SIPp.

  --quick         at most a minute: one round, coarse steps, few calls
  --rounds N      turns of each at most (${FULL.rounds})
  --seconds N     length of each step (${FULL.seconds})
  --step N        calls per second between steps (${FULL.step}); the first is ${FULL.base}/s, where CPU per call is compared
  --max N         last step (${FULL.max})
  --minutes N     nothing new is begun after that; twice with a drachtio-server (${FULL.minutes})
  --json FILE     all figures
  --help          this text

What is measured, and how to read it: bench/README.md.
`;

const NUMBERS = ['rounds', 'seconds', 'step', 'max', 'minutes'] as const;

/** @returns what the command line asks for, or `help` */
export function parseOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values } = read(argv);
  if (values.help === true) return 'help';
  const preset = values.quick === true ? QUICK : FULL;
  const given = NUMBERS.flatMap((name) => {
    const text = values[name];
    return text === undefined ? [] : [[name, positive(name, text)] as const];
  });
  return { ...preset, ...Object.fromEntries(given), json: values.json };
}

function read(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    quick: flag,
    rounds: text,
    seconds: text,
    step: text,
    max: text,
    minutes: text,
    json: text,
    help: { ...flag, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(`${said}; see npm run bench -- --help`, { cause: error });
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (
    /^\d+(\.\d+)?$/.test(text) &&
    value > 0 &&
    (name === 'minutes' || name === 'seconds' || Number.isInteger(value))
  ) {
    return value;
  }
  throw new UsageError(`--${name} takes a number above 0, not "${text}"`);
}
