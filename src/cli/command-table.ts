import type { ParseArgsConfig } from 'node:util';

export interface CommandSpec {
  /** After the name: `<callId> --to TARGET`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** One line per option or argument, as `--help` shows them. */
  readonly lines: readonly string[];
  /** Fewest and most arguments that are not options. */
  readonly arguments: readonly [number, number];
}

const config = { config: { type: 'string' } } as const;
const configLine = '--config FILE         configuration (config/default.yaml)';
const api = { api: { type: 'string' }, token: { type: 'string' } } as const;
const apiLines = [
  '--api URL             engine to talk to (http://127.0.0.1:8080, or SWITCHHOOK_API)',
  '--token T             bearer token, where the API wants one (or SWITCHHOOK_TOKEN)',
];

/** Every verb of the binary. */
export const COMMANDS = {
  start: {
    usage: '[--config FILE]',
    summary: 'run the engine until SIGTERM',
    options: config,
    lines: [configLine],
    arguments: [0, 0],
  },
  demo: {
    usage: '[--break PART]',
    summary: 'start everything embedded, place real calls, print their ladders and bot events',
    options: { break: { type: 'string' } },
    lines: [
      '--break PART          self-check: let one part go wrong (answer, busy, ringing or voice); the demo has to',
      '                      notice and exit 1',
    ],
    arguments: [0, 0],
  },
  'check-config': {
    usage: '[FILE]',
    summary: 'say what is wrong with a configuration, one line per mistake',
    options: config,
    lines: ['FILE, --config FILE   configuration (config/default.yaml)'],
    arguments: [0, 1],
  },
  scenarios: {
    usage: '[NAME...] [--all] [--keep] [--server HOST:PORT:SECRET --sip HOST:PORT]',
    summary: 'run sip-scenarios/ against a fresh engine',
    options: {
      all: { type: 'boolean' },
      keep: { type: 'boolean' },
      server: { type: 'string' },
      sip: { type: 'string' },
      carrier: { type: 'string' },
      switch: { type: 'string', multiple: true },
      call: { type: 'string' },
      auth: { type: 'string' },
    },
    lines: [
      'NAME                  only these: a directory name or number, or chaos, chaos-refer, one cell of the grid',
      '--all                 all scenarios and the whole chaos grid',
      '--keep                keep the logs of every party',
      '--server H:P:SECRET   play on this drachtio-server, one scenario at a time; with --sip',
      '--sip HOST:PORT       where that server listens for SIP, UDP and TCP',
      '--carrier HOST:PORT   instead: be a chaos carrier there until SIGINT (sip-scenarios/chaos/README.md)',
      '--switch NAME         what the carrier does wrong; may be repeated',
      '--call URI            a call it places at once',
      '--auth USER:PASSWORD  what a challenged REFER has to be signed with (chaos:chaos)',
    ],
    arguments: [0, 1000],
  },
  transfer: {
    usage: '<callId> --to NUMBER|URI [--to ...] | --queue NAME | --extension NAME',
    summary: 'transfer a live call',
    options: {
      ...api,
      to: { type: 'string', multiple: true },
      queue: { type: 'string', multiple: true },
      extension: { type: 'string', multiple: true },
      method: { type: 'string' },
      'post-dial': { type: 'string' },
      'dry-run': { type: 'boolean' },
      header: { type: 'string', multiple: true },
      'ring-timeout': { type: 'string' },
      return: { type: 'boolean' },
    },
    lines: [
      '--to NUMBER|URI       target; several are tried one after the other, before queues and extensions',
      '--queue NAME          target: a queue of the configuration',
      '--extension NAME      target: an extension of the configuration',
      '--method METHOD       auto, invite, refer or bye',
      '--post-dial KEYS      pressed once the target has answered: 0-9 A-D * #, w or , for a pause',
      '--dry-run             print the SIP that would be sent and who decided each value; send nothing',
      '--header NAME=VALUE   SIP header the target receives; may be repeated',
      '--ring-timeout MS     how long one target rings',
      '--return              bring the caller back to the bot when the agent leaves',
      ...apiLines,
    ],
    arguments: [1, 1],
  },
  watch: {
    usage: '[--call CALLID] [--after CURSOR] [--json]',
    summary: 'follow the events of all calls',
    options: { ...api, call: { type: 'string' }, after: { type: 'string' }, json: { type: 'boolean' } },
    lines: [
      '--call CALLID         only events of this call',
      '--after CURSOR        begin behind this event instead of now',
      '--json                whole events, one per line',
      ...apiLines,
    ],
    arguments: [0, 0],
  },
  ladder: {
    usage: '<callId> [--json | --mermaid]',
    summary: 'print the SIP ladder of a call',
    options: { ...api, json: { type: 'boolean' }, mermaid: { type: 'boolean' } },
    lines: ['--json                as JSON', '--mermaid             as a Mermaid diagram', ...apiLines],
    arguments: [1, 1],
  },
  doctor: {
    usage: '[--config FILE] [--json]',
    summary: 'say what is wrong with everything the engine depends on, and what to do about it',
    options: { ...config, json: { type: 'boolean' } },
    lines: [configLine, '--json                findings as JSON'],
    arguments: [0, 0],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;
