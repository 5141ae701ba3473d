#!/usr/bin/env node
// The sample bot: reads the command line and puts the parts together.
import { parseArgs } from 'node:util';
import { receiveEvents } from './event-receiver.mjs';
import { Flow } from './flow.mjs';
import { reporter } from './report.mjs';
import { answerCalls } from './sip-side.mjs';
import { connectSipServer, parseSipServer } from './sip-server.mjs';
import { SwitchhookApi } from './switchhook-api.mjs';
import { targetsFrom } from './targets.mjs';

const USAGE = `usage: node bot.mjs --drachtio HOST:PORT:SECRET --transfer-to TARGET [options]

A voice bot that greets its callers and hands them over with Switchhook.

  --drachtio H:P:SECRET   drachtio-server the bot takes its calls from (not the engine's own)
  --transfer-to TARGET    whom callers are handed to: +16123456789, sip:bob@host, queue:NAME, extension:7001;
                          repeat it as DIALLED=TARGET for callers of one number
  --api URL               HTTP API of the engine (http://127.0.0.1:8080)
  --token T               its bearer token, where it wants one
  --listen HOST:PORT      where events are taken (127.0.0.1:9000)
  --secret whsec_...      the channel's event secret; without it signatures are not checked
  --say MS                how long the bot speaks in each node (1000)
  --json                  one JSON object per line instead of text
  --help                  this text
`;

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`sample-bot: ${message}\n`);
  process.exit(2);
}

function options() {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    const known = {
      drachtio: text,
      api: text,
      token: text,
      listen: text,
      secret: text,
      say: text,
      json: flag,
      help: flag,
    };
    return parseArgs({ options: { ...known, 'transfer-to': { type: 'string', multiple: true } } }).values;
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
const targets = given['transfer-to'] ?? fail('--transfer-to says whom callers are handed to (see --help)');
const listen = given.listen ?? '127.0.0.1:9000';
const [, listenHost = '', listenPort] =
  /^(.+):(\d+)$/.exec(listen) ?? fail('--listen wants HOST:PORT (see --help)');
const sayMs = Number(given.say ?? 1000);
if (!(sayMs >= 0)) fail('--say wants milliseconds (see --help)');

const report = reporter(given.json ?? false);
const flow = new Flow({
  api: new SwitchhookApi(given.api ?? 'http://127.0.0.1:8080', given.token),
  targetFor: targetsFrom(targets),
  sayMs,
  report,
});
const events = await receiveEvents({
  host: listenHost.replace(/^\[|\]$/g, ''),
  port: Number(listenPort),
  secret: given.secret,
  onEvent: (event) => {
    report('event', { event });
    flow.told(event);
  },
  onRefused: (why) => report('problem', { message: `an event was refused: ${why}` }),
}).catch((error) => fail(`cannot take events on ${listen}: ${error.message}`));
const { srf, address } = await connectSipServer(server).catch((error) => {
  return fail(`no drachtio-server at ${server.host}:${server.port}: ${error.message}`);
});
srf.on('error', (/** @type {Error} */ error) =>
  report('problem', { message: `SIP server: ${error.message}` }),
);
answerCalls(srf, address.host, flow, report);
report('ready', { sip: `sip:bot@${address.host}:${address.port}`, events: events.url });

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
// Started by another Node program: do not outlive it.
process.once('disconnect', () => process.exit(0));
