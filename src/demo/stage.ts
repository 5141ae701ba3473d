import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startApp, type App } from '../app/app.js';
import { Shutdown } from '../app/shutdown.js';
import { startSipServerProcess, type SipServerProcess } from '../app/sip-server-process.js';
import { demoConfig, type Addresses } from './demo-config.js';
import { demoVoice } from './demo-voice.js';
import { freePort } from './free-port.js';
import { Journal } from './journal.js';
import { textOf } from './mismatch.js';
import { Program } from './program.js';

/** Everything the demo needs, running. */
export interface Stage {
  readonly app: App;
  readonly journal: Journal;
  readonly phones: Program;
  /** `host:port` where the engine takes calls. */
  readonly engine: string;
  /** How the bot's words become audio; ends the sentence "the bot's words ...". */
  readonly voice: string;
  /** Where the recordings are, and what the phones heard. */
  readonly recordings: string;
  readonly tapes: string;
  stop(): Promise<void>;
}

export interface StagePlan {
  /** Whom the SIP bot hands its callers to: user of a phone by number dialled. */
  readonly handover: Readonly<Record<string, string>>;
  /** Whom the webhook bot hands its callers to, one after the other. */
  readonly voiceCallees: readonly string[];
  /** A directory of this demo alone, for what is recorded. */
  readonly keep: string;
  /** PATH, where programs are looked for. */
  readonly path: string;
}

/** Another program may take the one port we choose ourselves between our look and its use. */
const TRIES = 3;

/** What was started is stopped again when a later part cannot start. */
export async function startStage(plan: StagePlan): Promise<Stage> {
  for (let left = TRIES; ; left -= 1) {
    const shutdown = new Shutdown();
    try {
      return await assemble(plan, shutdown);
    } catch (error) {
      await shutdown.run();
      if (left === 1 || !/in use/.test(String(error))) throw error;
    }
  }
}

/**
 * One SIP server for each application: a server that is both ends of a call would meet its own dialogs, and the
 * bot's and the phones' stand for networks of their own. Bot and engine have to know each other: the engine's API
 * port is chosen first, every other port is any free one.
 */
async function assemble(plan: StagePlan, shutdown: Shutdown): Promise<Stage> {
  const journal = new Journal();
  const recordings = join(plan.keep, 'recordings');
  const tapes = join(plan.keep, 'phones');
  const voice = demoVoice(plan.path);
  const api = `127.0.0.1:${await freePort()}`;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const programs = await startPrograms({ ...plan, journal, tapes, api, secret }, shutdown);
  const addresses = { api, secret, recordings, ...programs.addresses };
  const app = await startApp(demoConfig(addresses, voice, plan.path));
  shutdown.add(() => app.stop(0));
  const { phones } = programs;
  const engine = sipAddress(app);
  return {
    ...{ app, journal, phones, engine, recordings, tapes },
    voice: voice.words,
    stop: () => shutdown.run(),
  };
}

interface Cast extends StagePlan {
  readonly journal: Journal;
  readonly tapes: string;
  /** `host:port` of the engine to be. */
  readonly api: string;
  readonly secret: string;
}

/** The phones and the bots, each a program of its own. */
async function startPrograms(
  { handover, voiceCallees, journal, tapes, api, secret }: Cast,
  shutdown: Shutdown,
): Promise<{
  readonly phones: Program;
  readonly addresses: Pick<Addresses, 'botUri' | 'eventsUrl' | 'phones' | 'webhookUrl'>;
}> {
  const start = async (name: string, script: string, args: readonly string[]): Promise<Program> => {
    const program = await Program.start(name, script, args, journal);
    shutdown.add(() => program.stop());
    return program;
  };
  const sip = async (): Promise<readonly string[]> => ['--json', '--drachtio', await sipServer(shutdown)];
  const phones = await start('the phones', 'phones/phones.mjs', [...(await sip()), '--tapes', tapes]);
  const phonesAt = textOf(phones.ready, 'sip');
  const common = ['--listen', '127.0.0.1:0', '--secret', secret];
  const handOvers = Object.entries(handover).flatMap(([dialled, user]) => [
    ...['--transfer-to', `${dialled}=sip:${user}@${phonesAt}`],
  ]);
  const speaking = ['--api', `http://${api}`, '--say', String(SAY_MS)];
  const bot = await start('the bot', 'sample-bot/bot.mjs', [
    ...(await sip()),
    ...common,
    ...speaking,
    ...handOvers,
  ]);
  const oneByOne = voiceCallees.flatMap((user) => ['--transfer-to', `sip:${user}@${phonesAt}`]);
  const webhook = await start('the webhook bot', 'webhook-bot/bot.mjs', [...common, ...oneByOne]);
  return {
    phones,
    addresses: {
      phones: phonesAt,
      botUri: textOf(bot.ready, 'sip'),
      eventsUrl: textOf(bot.ready, 'events'),
      webhookUrl: textOf(webhook.ready, 'url'),
    },
  };
}

/** How long the bot speaks in each node: long enough to be seen in the ladder, short enough to watch. */
const SAY_MS = 500;

/** RFC 3261's own. */
const TIMERS = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** An embedded SIP server for a program of ours: `host:port:secret`, as its `--drachtio` wants it. */
async function sipServer(shutdown: Shutdown): Promise<string> {
  const quiet = (): void => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const server: SipServerProcess = await startSipServerProcess({
    listen: ['udp:127.0.0.1:0'],
    allow: ['127.0.0.0/8'],
    timers: TIMERS,
    log,
  });
  shutdown.add(() => server.stop());
  return `${server.host}:${server.port}:${server.secret}`;
}

/** `udp:127.0.0.1:5060` without the transport. */
const sipAddress = (app: App): string => (app.sip[0] ?? '').replace(/^\w+:/, '');
