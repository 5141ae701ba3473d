import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createHttpApi } from '../../src/adapters/http/http-api.js';
import type { HttpApiOptions } from '../../src/adapters/http/options.js';
import { createMemoryDeadLetters } from '../../src/adapters/memory/dead-letters.js';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.js';
import { repliesBody, sessionBodies, simulationBody } from '../../src/commands/bodies.js';
import type { TransferCommand } from '../../src/domain/command.js';
import { callId } from '../../src/domain/ids.js';
import { SessionDesk } from '../../src/engine/sessions/desk.js';
import { SESSION_SETTINGS } from '../../src/engine/sessions/session-settings.js';
import { AppError } from '../../src/errors.js';
import { silentLog } from '../../src/ports/log.js';
import { aCall, FakeControl } from './fake-control.js';
import { FakeClock } from './fake-clock.js';

/** A command of which only the number matters; enough of a parser to see where its errors go. */
export function parseCommand(body: unknown): TransferCommand {
  const number = (body as { target?: { phoneNumber?: unknown } } | null)?.target?.phoneNumber;
  if (typeof number !== 'string')
    throw new AppError('invalid_field', 'target.phoneNumber: must be a string.', [
      { path: 'target.phoneNumber', message: 'must be a string' },
    ]);
  return { targets: [{ phoneNumber: number }], method: 'auto', headers: [], metadata: {} };
}

/** No channel tells its events anywhere. */
const NO_BOTS: HttpApiOptions['bots'] = {
  serves: () => false,
  attach: () => {
    throw new Error('no bot is served here');
  },
  bots: () => [],
  enable: (channel) => Promise.reject(new AppError('unknown_channel', channel)),
  redeliver: (event) => Promise.reject(new AppError('dead_letter_not_found', event)),
  redeliverAll: () => Promise.resolve(0),
};

/** The API on a real socket over a fake engine and a memory store. */
export async function httpBench(over: Partial<HttpApiOptions> = {}) {
  const clock = new FakeClock();
  const control = new FakeControl();
  control.live.set(callId('1'), aCall(callId('1')));
  const store = createMemoryStore({ clock });
  const log: string[] = [];
  const options: HttpApiOptions = {
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [],
    control,
    store,
    events: store,
    bots: NO_BOTS,
    letters: createMemoryDeadLetters({ log: silentLog }),
    metrics: { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('up 1\n') },
    command: {
      parse: parseCommand,
      schema: Type.Object({ target: Type.Object({ phoneNumber: Type.String() }) }),
      examples: { number: { target: { phoneNumber: '+16123456789' } } },
    },
    replies: repliesBody,
    simulation: simulationBody,
    sessions: {
      desk: new SessionDesk({
        control,
        store,
        clock,
        settings: SESSION_SETTINGS,
        random: { uuid: randomUUID },
      }),
      bodies: sessionBodies,
    },
    clock,
    random: { uuid: randomUUID },
    logger: pino({ level: 'error' }, { write: (line: string) => void log.push(line) }),
    version: '0.0.0-test',
    ...over,
  };
  const api = createHttpApi(options);
  const { url, port } = await api.start();
  return { url, port, api, clock, control, store, log, options, ...clientOf(url) };
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  /** The body when it is JSON. */
  readonly json: Record<string, unknown>;
}

const clientOf = (url: string) => {
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const raw = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers: { ...(raw === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(raw === undefined ? {} : { body: raw }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const json = (/json/.test(type) && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, type, headers: response.headers, text, json };
  };
  return {
    ask,
    get: (path: string, headers?: Record<string, string>) => ask('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Record<string, string>) =>
      ask('POST', path, body, headers),
    del: (path: string, headers?: Record<string, string>) => ask('DELETE', path, undefined, headers),
  };
};

export type HttpBench = Awaited<ReturnType<typeof httpBench>>;
