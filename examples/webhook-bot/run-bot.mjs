// Runs a bot from the command line until it is told to stop.
import { parseArgs } from 'node:util';
import { serveBot } from './serve-bot.mjs';

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} usage
 * @property {Record<string, { type: 'string', multiple?: boolean }>} options beside those that every bot has
 * @property {(given: Record<string, any>) => (message: any) => object | undefined} bot throws on a bad value
 */

/** Options of every bot, for its usage. */
export const COMMON_USAGE = `  --listen HOST:PORT      where questions are taken (127.0.0.1:9000)
  --secret whsec_...      the channel's secret; without it signatures are not checked
  --help                  this text
`;

/** Prints one JSON object per line: what was asked and what was answered. @param {Program} program */
export async function runBot({ name, usage, options, bot }) {
  /** @param {string} message @returns {never} */
  const fail = (message) => {
    process.stderr.write(`${name}: ${message}\n`);
    process.exit(2);
  };
  const given = read(options, fail);
  if (given.help) {
    process.stdout.write(usage);
    return;
  }
  const listen = String(given.listen ?? '127.0.0.1:9000');
  const [, host = '', port] = /^(.+):(\d+)$/.exec(listen) ?? fail('--listen wants HOST:PORT (see --help)');
  const answer = made(() => bot(/** @type {any} */ (given)), fail);
  const { url } = await serveBot({
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    secret: /** @type {string | undefined} */ (given.secret),
    answer: (message) => {
      const said = answer(message);
      report({ kind: 'asked', message, answer: said ?? null });
      return said;
    },
    onRefused: (why) => report({ kind: 'problem', message: `a question was refused: ${why}` }),
  }).catch((error) => fail(`cannot take questions on ${listen}: ${error.message}`));
  report({ kind: 'ready', url });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
  // Started by another Node program: do not outlive it.
  process.once('disconnect', () => process.exit(0));
}

/** @param {object} line */
const report = (line) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** @param {Program['options']} options @param {(message: string) => never} fail */
function read(options, fail) {
  const text = /** @type {const} */ ({ type: 'string' });
  const help = /** @type {const} */ ({ type: 'boolean' });
  return made(
    () => parseArgs({ options: { ...options, listen: text, secret: text, help } }).values,
    (message) => fail(`${message} (see --help)`),
  );
}

/** @template T @param {() => T} make @param {(message: string) => never} fail @returns {T} */
function made(make, fail) {
  try {
    return make();
  } catch (error) {
    return fail(/** @type {Error} */ (error).message);
  }
}
