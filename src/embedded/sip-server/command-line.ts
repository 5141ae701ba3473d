import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  DEFAULT_ORPHAN_MS,
  DEFAULT_TIMERS,
  parseHostPort,
  parseListen,
  type SipServerOptions,
  type SipTimers,
} from './options.js';
import { Sources } from './sources.js';

export const USAGE = `Usage: switchhook-sipd [options]

Embedded SIP server: speaks the application protocol of drachtio-server to drachtio-srf, and SIP over UDP and TCP to the network.

  --listen PROTO:HOST:PORT   udp or tcp; repeatable; port 0 takes a free one (default udp:127.0.0.1:5060 and tcp:127.0.0.1:5060)
  --admin HOST:PORT          where applications connect (default 127.0.0.1:9022)
  --secret-file FILE         shared secret of the applications; or environment SWITCHHOOK_SIPD_SECRET
  --allow CIDR               take new requests from these addresses only; repeatable; others get no answer
  --advertise HOST           host written into Via and Contact when listening on a wildcard address
  --orphan-ms MS             how long calls of an application that is gone wait for another one with the same tag;
                             0: they end at once (default ${DEFAULT_ORPHAN_MS}; with --child 0, as the application is gone for good)
  --server-header TEXT       value of Server: in responses made by the server itself (default none)
  --session-refresher WHO    uac, uas or none: who refreshes when a caller does not say (RFC 4028)
  --no-nat-target            never prefer the observed source over Contact for in-dialog requests
  --t1 --t2 --t4 --t1x64 --timer-c --timer-d --app-answer --request-answer MS   timers in milliseconds
  --child                    exit when stdin closes; answer the line "stats" on stdin with one JSON line
  --help                     this text
`;

const TIMER_FLAGS: Record<string, keyof SipTimers> = {
  t1: 't1',
  t2: 't2',
  t4: 't4',
  t1x64: 't1x64',
  'timer-c': 'c',
  'timer-d': 'd',
  'app-answer': 'appAnswer',
  'request-answer': 'requestAnswer',
};

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'run'; readonly options: SipServerOptions; readonly child: boolean };

class UsageError extends Error {}

function timersFrom(values: Readonly<Record<string, unknown>>): Partial<SipTimers> {
  const timers: Record<string, number> = {};
  for (const [flag, key] of Object.entries(TIMER_FLAGS)) {
    const text = values[flag];
    if (typeof text !== 'string') continue;
    const ms = Number(text);
    if (!Number.isInteger(ms) || ms <= 0)
      throw new UsageError(`--${flag} wants a positive number of milliseconds, not "${text}"`);
    timers[key] = ms;
  }
  return { ...DEFAULT_TIMERS, ...timers };
}

function secretFrom(file: string | undefined, env: NodeJS.ProcessEnv): string {
  if (file === undefined) {
    const secret = env['SWITCHHOOK_SIPD_SECRET'] ?? '';
    if (secret === '')
      throw new UsageError('no secret: give --secret-file FILE or set SWITCHHOOK_SIPD_SECRET');
    return secret;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageError(`cannot read the secret file ${file}`);
  }
}

function listenFrom(given: readonly string[] | undefined): readonly string[] {
  const listen = given ?? ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'];
  for (const text of listen) {
    if (parseListen(text) === undefined)
      throw new UsageError(`--listen wants udp:HOST:PORT or tcp:HOST:PORT, not "${text}"`);
  }
  return listen;
}

function allowFrom(blocks: readonly string[]): readonly string[] {
  // Made once to find a mistake here, where it can be named.
  new Sources(blocks);
  return blocks;
}

function adminFrom(text: string): { host: string; port: number } {
  const admin = parseHostPort(text);
  if (admin === undefined) throw new UsageError(`--admin wants HOST:PORT, not "${text}"`);
  return admin;
}

function refresherFrom(text: string | undefined): SipServerOptions['defaultRefresher'] {
  if (text === undefined || text === 'uac' || text === 'uas' || text === 'none') return text;
  throw new UsageError(`--session-refresher wants uac, uas or none, not "${text}"`);
}

function orphanMsFrom(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const ms = Number(text);
  if (text.trim() === '' || !Number.isInteger(ms) || ms < 0)
    throw new UsageError(`--orphan-ms wants a number of milliseconds, not "${text}"`);
  return ms;
}

function read(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const timerOptions = Object.fromEntries(Object.keys(TIMER_FLAGS).map((f) => [f, text]));
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      ...timerOptions,
      listen: { type: 'string', multiple: true },
      allow: { type: 'string', multiple: true },
      admin: text,
      'secret-file': text,
      advertise: text,
      'server-header': text,
      'orphan-ms': text,
      'session-refresher': text,
      'no-nat-target': flag,
      child: flag,
      help: flag,
    },
  });
  if (values.help === true) return { kind: 'help' };
  const refresher = refresherFrom(values['session-refresher']);
  const options: SipServerOptions = {
    listen: listenFrom(values.listen),
    admin: adminFrom(values.admin ?? '127.0.0.1:9022'),
    secret: secretFrom(values['secret-file'], env),
    timers: timersFrom(values),
    natTargetRule: values['no-nat-target'] !== true,
    ...(values.allow === undefined ? {} : { allow: allowFrom(values.allow) }),
    ...(values.advertise === undefined ? {} : { advertise: values.advertise }),
    orphanMs: orphanMsFrom(values['orphan-ms'], values.child === true ? 0 : DEFAULT_ORPHAN_MS),
    ...(values['server-header'] === undefined ? {} : { serverHeader: values['server-header'] }),
    ...(refresher === undefined ? {} : { defaultRefresher: refresher }),
  };
  return { kind: 'run', options, child: values.child === true };
}

/** Never throws: what is wrong with the command line comes back as one sentence. */
export function parseCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  try {
    return read(argv, env);
  } catch (error) {
    return { kind: 'error', message: (error as Error).message };
  }
}
