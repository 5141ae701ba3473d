#!/usr/bin/env node
// Scripted phones: a caller that does as it is told, and people to be called.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { reporter } from '../sample-bot/report.mjs';
import { connectSipServer, parseSipServer } from '../sample-bot/sip-server.mjs';
import { Caller } from './caller.mjs';
import { Roles } from './roles.mjs';
import { Tapes } from './tape.mjs';

const USAGE = `usage: node phones.mjs --drachtio HOST:PORT:SECRET [options]

  --drachtio H:P:SECRET   drachtio-server of the phones (not the engine's own)
  --from NUMBER           the caller's number (16125550100)
  --ring MS               how long the agent lets it ring before answering (400)
  --tapes DIR             keep what each phone hears, a WAV file for each call
  --json                  one JSON object per line instead of text
  --help                  this text

Who can be called:            sip:agent@...   rings, then answers
                              sip:colleague@... the same, six times slower
                              sip:busy@...    is busy (486)
                              sip:nobody@...  rings until the caller gives up
Commands, one per line:       call sip:NUMBER@HOST:PORT
                              press KEYS        the caller presses 0-9, *, #
                              speak, hush       the caller says something (a tone), or nothing
                              hangup            the caller hangs up
                              hangup agent      the agent hangs up
`;

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`phones: ${message}\n`);
  process.exit(2);
}

function options() {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    const known = { drachtio: text, from: text, ring: text, tapes: text, json: flag, help: flag };
    return parseArgs({ options: known }).values;
  } catch (error) {
    return fail(`${/** @type {Error} */ (error).message} (see --help)`);
  }
}

const given = options();
if (given.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const server = parseSipServer(given.drachtio ?? '') ?? fail('--drachtio wants HOST:PORT:SECRET (see --help)');
const ringMs = Number(given.ring ?? 400);
if (!(ringMs >= 0)) fail('--ring wants milliseconds (see --help)');

const report = reporter(given.json ?? false);
const { srf, address } = await connectSipServer(server).catch((error) => {
  return fail(`no drachtio-server at ${server.host}:${server.port}: ${error.message}`);
});
srf.on('error', (/** @type {Error} */ error) =>
  report('problem', { message: `SIP server: ${error.message}` }),
);
const tapes = new Tapes(given.tapes);
const roles = new Roles({ srf, host: address.host, ringMs, tapes, report });
const caller = new Caller({ srf, host: address.host, from: given.from ?? '16125550100', tapes, report });
report('ready', { sip: `${address.host}:${address.port}` });

const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  const [verb, argument] = line.trim().split(/\s+/);
  if (verb === 'call' && argument !== undefined) void caller.call(argument);
  else if (verb === 'press' && argument !== undefined) void caller.press(argument);
  else if (verb === 'speak' || verb === 'hush') caller.speak(verb === 'speak');
  else if (verb === 'hangup' && argument === 'agent') roles.hangUpAgent();
  else if (verb === 'hangup' && argument === undefined) caller.hangUp();
  else if (verb !== '') report('problem', { message: `unknown command "${line}"; see --help` });
});
// Whoever gives the commands has left.
commands.on('close', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
