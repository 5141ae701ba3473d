import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFAULTS, parseHostPort, type HostPort, type MediaServerOptions } from './options.js';
import { sourcesFrom } from './server.js';

export const USAGE = `Usage: switchhook-mediad [options]

Embedded media server: speaks the event socket of FreeSWITCH to drachtio-fsmrf, and SIP and RTP to the rest.

  --sip HOST:PORT          calls, UDP and TCP (default 127.0.0.1:5070); port 0 takes a free one
  --sip6 [HOST]:PORT       calls and media over IPv6 as well (default: not)
  --esl HOST:PORT          where applications connect (default 127.0.0.1:8021)
  --secret-file FILE       shared secret of the applications; or environment SWITCHHOOK_MEDIAD_SECRET
  --allow CIDR             take SIP from these addresses only; repeatable
  --advertise HOST         host written into Contact and SDP when listening on a wildcard address
  --profile NAME           name of the SIP profile shown to applications (default drachtio_mrf)
  --rtp-ports FROM-TO      UDP ports of media (default 16384-32767)
  --sounds DIR             where sounds with relative names are (default sounds)
  --recordings DIR         where recordings with relative names go (default recordings)
  --max-sessions N         calls beyond these are refused (default 1000)
  --heartbeat MS           how often applications are told the load (default 20000)
  --media-timeout MS       end calls that send no media for so long; 0 never (default 0)
  --child                  exit when stdin closes; answer the line "stats" on stdin with one JSON line
  --help                   this text
`;

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'run'; readonly options: MediaServerOptions; readonly child: boolean };

class UsageError extends Error {}

function address(flag: string, text: string | undefined, byDefault: HostPort): HostPort {
  if (text === undefined) return byDefault;
  const parsed = parseHostPort(text);
  if (parsed === undefined) throw new UsageError(`--${flag} wants HOST:PORT, not "${text}"`);
  return parsed;
}

function whole(flag: string, text: string | undefined, byDefault: number, least: number): number {
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new UsageError(`--${flag} wants a whole number from ${least} on, not "${text}"`);
  return number;
}

function portRange(text: string | undefined): MediaServerOptions['rtpPorts'] {
  if (text === undefined) return DEFAULTS.rtpPorts;
  const [from = NaN, to = NaN] = text.split('-').map(Number);
  if (!(from >= 1024 && to > from && to <= 65_535) || !Number.isInteger(from) || !Number.isInteger(to))
    throw new UsageError(`--rtp-ports wants FROM-TO between 1024 and 65535, not "${text}"`);
  return { from, to };
}

function secretFrom(file: string | undefined, env: NodeJS.ProcessEnv): string {
  if (file === undefined) {
    const secret = env['SWITCHHOOK_MEDIAD_SECRET'] ?? '';
    if (secret === '')
      throw new UsageError('no secret: give --secret-file FILE or set SWITCHHOOK_MEDIAD_SECRET');
    return secret;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageError(`cannot read the secret file ${file}`);
  }
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const FLAGS = {
  sip: text,
  sip6: text,
  esl: text,
  'secret-file': text,
  allow: { type: 'string', multiple: true },
  advertise: text,
  profile: text,
  'rtp-ports': text,
  sounds: text,
  recordings: text,
  'max-sessions': text,
  heartbeat: text,
  'media-timeout': text,
  child: flag,
  help: flag,
} as const;

function read(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values } = parseArgs({ args: [...argv], strict: true, options: FLAGS });
  if (values.help === true) return { kind: 'help' };
  // Made once to find a mistake here, where it can be named.
  sourcesFrom(values.allow);
  const options: MediaServerOptions = {
    sip: address('sip', values.sip, DEFAULTS.sip),
    esl: address('esl', values.esl, DEFAULTS.esl),
    secret: secretFrom(values['secret-file'], env),
    profile: values.profile ?? DEFAULTS.profile,
    rtpPorts: portRange(values['rtp-ports']),
    sounds: values.sounds ?? DEFAULTS.sounds,
    recordings: values.recordings ?? DEFAULTS.recordings,
    maxSessions: whole('max-sessions', values['max-sessions'], DEFAULTS.maxSessions, 1),
    heartbeatMs: whole('heartbeat', values.heartbeat, DEFAULTS.heartbeatMs, 100),
    mediaTimeoutMs: whole('media-timeout', values['media-timeout'], DEFAULTS.mediaTimeoutMs, 0),
    ...(values.allow === undefined ? {} : { allow: values.allow }),
    ...(values.sip6 === undefined ? {} : { sip6: address('sip6', values.sip6, DEFAULTS.sip) }),
    ...(values.advertise === undefined ? {} : { advertise: values.advertise }),
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
