import { randomBytes } from 'node:crypto';
import { startApp, type App } from '../app/app.js';
import { Shutdown } from '../app/shutdown.js';
import { startSipServerProcess, type SipServerProcess } from '../app/sip-server-process.js';
import { demoConfig } from './demo-config.js';
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
  stop(): Promise<void>;
}

/** Whom the bot hands its callers to: user of a phone by number dialled. */
export type Handover = Readonly<Record<string, string>>;

/** Another program may take the one port we choose ourselves between our look and its use. */
const TRIES = 3;

/** What was started is stopped again when a later part cannot start. */
export async function startStage(handover: Handover): Promise<Stage> {
  for (let left = TRIES; ; left -= 1) {
    const shutdown = new Shutdown();
    try {
      return await assemble(handover, shutdown);
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
async function assemble(handover: Handover, shutdown: Shutdown): Promise<Stage> {
  const journal = new Journal();
  const start = async (name: string, script: string, args: readonly string[]): Promise<Program> => {
    const program = await Program.start(
      name,
      script,
      ['--drachtio', await sipServer(shutdown), ...args],
      journal,
    );
    shutdown.add(() => program.stop());
    return program;
  };
  const api = `127.0.0.1:${await freePort()}`;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const phones = await start('the phones', 'phones/phones.mjs', []);
  const targets = Object.entries(handover).flatMap(([dialled, user]) => [
    ...['--transfer-to', `${dialled}=sip:${user}@${textOf(phones.ready, 'sip')}`],
  ]);
  const bot = await start('the bot', 'sample-bot/bot.mjs', [
    ...['--listen', '127.0.0.1:0', '--secret', secret, '--api', `http://${api}`, '--say', String(SAY_MS)],
    ...targets,
  ]);
  const addresses = { api, secret, botUri: textOf(bot.ready, 'sip'), eventsUrl: textOf(bot.ready, 'events') };
  const app = await startApp(demoConfig({ ...addresses, phones: textOf(phones.ready, 'sip') }));
  shutdown.add(() => app.stop(0));
  return { app, journal, phones, engine: sipAddress(app), stop: () => shutdown.run() };
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
