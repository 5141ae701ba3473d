import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repliesBody, simulationBody, transferBody } from '../../../src/commands/bodies.js';
import { callId } from '../../../src/domain/ids.js';
import { ERRORS } from '../../../src/errors.js';
import { aCall } from '../../support/fake-control.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { aLetter } from '../../support/letters.js';
import { aRecord, endedRecord } from '../../support/records.js';
import { botsBench, type BotsBench } from '../bots/bots-bench.js';

// ajv-formats is CommonJS: its default export is one step down for TypeScript.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: {
    readonly content: Record<
      string,
      { readonly schema: object; readonly examples?: object; readonly example?: object }
    >;
  };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, { readonly schema: object }> }
  >;
  readonly security?: readonly object[];
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: object };
  readonly security?: readonly object[];
}

let bots: BotsBench;
let bench: HttpBench;
let api: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  bots = await botsBench();
  const bodies = { command: transferBody, replies: repliesBody, simulation: simulationBody };
  bench = await httpBench({ ...bodies, bots: bots.runtime, letters: bots.beyond.letters });
  api = (await bench.get('/openapi.json')).json as unknown as Document;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(api, 'api');
});
afterAll(async () => {
  await bench.api.close();
  await bots.stop();
});

const pointer = (...parts: string[]) =>
  `api#/${parts.map((p) => encodeURIComponent(p.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

const operations = () =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the document', () => {
  it('is OpenAPI 3.1 with every route of the contract', () => {
    expect(api.openapi).toBe('3.1.0');
    expect(api.info).toMatchObject({ title: 'Switchhook', version: '0.0.0-test' });
    expect(
      operations()
        .filter((o) => o.method !== 'head')
        .map((o) => `${o.method} ${o.path}`)
        .sort(),
    ).toEqual([
      'delete /v1/calls/{callId}',
      'delete /v1/dead-letters/{eventId}',
      'delete /v1/transfers/{transferId}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/bot',
      'get /v1/bots',
      'get /v1/calls',
      'get /v1/calls/{callId}',
      'get /v1/calls/{callId}/ladder',
      'get /v1/calls/{callId}/transfer-status',
      'get /v1/dead-letters',
      'get /v1/dead-letters/{eventId}',
      'get /v1/events',
      'get /v1/inbox',
      'get /v1/transfer-sessions',
      'get /v1/transfer-sessions/{sessionId}',
      'get /v1/transfer-sessions/{sessionId}/ladder',
      'get /v1/transfers/{transferId}',
      'patch /v1/transfer-sessions/{sessionId}',
      'post /v1/bots/{channel}/enable',
      'post /v1/calls/{callId}/recording',
      'post /v1/calls/{callId}/replies',
      'post /v1/calls/{callId}/transfers',
      'post /v1/dead-letters/redeliver',
      'post /v1/dead-letters/{eventId}/redeliver',
      'post /v1/inbox/{sessionId}/done',
      'post /v1/policy/simulate',
      'post /v1/transfer-sessions',
      'post /v1/transfer-sessions/{sessionId}/actions',
    ]);
  });

  it('describes every operation, its parameters and its errors', () => {
    for (const { path, operation } of operations()) {
      expect(operation.summary, path).toBeTypeOf('string');
      expect(operation.tags, path).toHaveLength(1);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      const named = (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name);
      expect(named, path).toEqual(inPath);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description, `${path} ${status}`).not.toBe('');
        if (Number(status) < 400 || path === '/readyz') continue;
        expect(Object.keys(response.content ?? {}), `${path} ${status}`).toEqual([
          'application/problem+json',
        ]);
      }
    }
  });

  it('has only references that lead somewhere and schemas that compile', () => {
    const refs = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map((m) => m[1]!);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of new Set(refs)) {
      const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(ref) ?? [];
      expect(api.components.schemas, ref).toHaveProperty(name ?? '?');
    }
    for (const name of Object.keys(api.components.schemas))
      expect(() => ajv.compile({ $ref: pointer('components', 'schemas', name) }), name).not.toThrow();
    for (const { path, method, operation } of operations())
      for (const [type] of Object.entries(operation.requestBody?.content ?? {}))
        expect(() =>
          ajv.compile({ $ref: pointer('paths', path, method, 'requestBody', 'content', type, 'schema') }),
        ).not.toThrow();
  });

  it('shows an example of each command', () => {
    for (const path of [
      '/v1/calls/{callId}/transfers',
      '/v1/calls/{callId}/replies',
      '/v1/policy/simulate',
    ]) {
      const body = api.paths[path]!['post']!.requestBody!.content['application/json']!;
      const examples = Object.values(body.examples ?? {}) as { value: unknown }[];
      expect(examples.length).toBeGreaterThan(1);
      const valid = ajv.compile({
        $ref: pointer('paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema'),
      });
      for (const { value } of examples) expect(valid(value), JSON.stringify(valid.errors)).toBe(true);
    }
  });

  it('names every code of the catalogue that an operation can answer with', () => {
    const text = JSON.stringify(api.paths);
    const unnamed = Object.keys(ERRORS).filter((code) => !text.includes(`\`${code}\``));
    expect(unnamed).toEqual(['not_found']);
  });

  it('asks for a bearer token where one is configured, not for health', async () => {
    expect(api.security).toBeUndefined();
    const locked = await httpBench({ tokens: ['t'] });
    const doc = (await locked.get('/openapi.json', { authorization: 'Bearer t' }))
      .json as unknown as Document;
    expect(doc.security).toEqual([{ bearer: [] }]);
    expect(doc.paths['/healthz']!['get']!.security).toEqual([]);
    await locked.api.close();
  });
});

describe('answers are what the document says', () => {
  beforeAll(async () => {
    await bench.store.putTransfer(aRecord(1));
    await bench.store.putTransfer(
      endedRecord(2, {
        attempts: [
          {
            ...{ n: 1, target: '1612', method: 'invite', trunk: null, startedAt: '2026-01-01T00:00:00.000Z' },
            ...{ ringingAt: null, answeredAt: null, endedAt: '2026-01-01T00:00:01.000Z' },
            ...{ outcome: 'busy', evidence: endedRecord(2).evidence },
          },
        ],
      }),
    );
    await bench.store.appendEvent(aLetter(1).event);
    await bots.beyond.letters.put(aLetter(1));
    await bench.store.putTransfer(endedRecord(3, { followUp: { state: 'open' } }));
    bench.control.live.set(callId('2'), aCall(callId('2')));
    bench.control.recorded.add(callId('1'));
    bench.control.ladders.set(callId('1'), [
      { at: 1, leg: 'caller', direction: 'in', text: 'INVITE', sdp: true, peer: null },
    ]);
  });

  const SESSION = 'agent_transfer:1:call_1:line';

  const cases: readonly [string, string, string, number, unknown?][] = [
    ['get', '/v1/calls', '/v1/calls', 200],
    ['get', '/v1/calls/{callId}', '/v1/calls/call_1', 200],
    ['get', '/v1/calls/{callId}', '/v1/calls/call_x', 404],
    ['delete', '/v1/calls/{callId}', '/v1/calls/call_1', 202],
    ['get', '/v1/calls/{callId}/ladder', '/v1/calls/call_1/ladder', 200],
    ['get', '/v1/calls/{callId}/transfer-status', '/v1/calls/call_1/transfer-status', 200],
    ['get', '/v1/transfers/{transferId}', '/v1/transfers/tr_2', 200],
    ['delete', '/v1/transfers/{transferId}', '/v1/transfers/tr_2', 409],
    ['get', '/v1/transfer-sessions', '/v1/transfer-sessions', 200],
    ['get', '/v1/transfer-sessions', '/v1/transfer-sessions?limit=0', 422],
    ['get', '/v1/inbox', '/v1/inbox', 200],
    ['get', '/v1/transfer-sessions/{sessionId}', `/v1/transfer-sessions/${SESSION}`, 200],
    ['patch', '/v1/transfer-sessions/{sessionId}', `/v1/transfer-sessions/${SESSION}`, 200, { queue: 'q' }],
    ['patch', '/v1/transfer-sessions/{sessionId}', `/v1/transfer-sessions/${SESSION}`, 422, {}],
    ['get', '/v1/transfer-sessions/{sessionId}/ladder', `/v1/transfer-sessions/${SESSION}/ladder`, 200],
    [
      ...(['post', '/v1/transfer-sessions', '/v1/transfer-sessions', 201] as const),
      { channel: 'chat', contact: 'ada', provider: 'genesys' },
    ],
    [
      ...(['post', '/v1/transfer-sessions/{sessionId}/actions'] as const),
      ...([`/v1/transfer-sessions/${SESSION}/actions`, 202, { action: 'end' }] as const),
    ],
    [
      ...(['post', '/v1/transfer-sessions/{sessionId}/actions'] as const),
      ...([`/v1/transfer-sessions/${SESSION}/actions`, 409, { action: 'retry' }] as const),
    ],
    ['post', '/v1/inbox/{sessionId}/done', `/v1/inbox/${SESSION.replace(':1:', ':3:')}/done`, 200, {}],
    ['get', '/v1/events', '/v1/events', 200],
    ['get', '/v1/dead-letters', '/v1/dead-letters', 200],
    ['get', '/v1/dead-letters/{eventId}', '/v1/dead-letters/evt_1-1', 200],
    ['get', '/v1/dead-letters/{eventId}', '/v1/dead-letters/evt_x', 404],
    ['post', '/v1/dead-letters/{eventId}/redeliver', '/v1/dead-letters/evt_1-1/redeliver', 202],
    ['post', '/v1/dead-letters/redeliver', '/v1/dead-letters/redeliver', 202],
    ['get', '/v1/bots', '/v1/bots', 200],
    ['post', '/v1/bots/{channel}/enable', '/v1/bots/line/enable', 200],
    ['get', '/healthz', '/healthz', 200],
    ['get', '/readyz', '/readyz', 200],
    [
      'post',
      '/v1/calls/{callId}/transfers',
      '/v1/calls/call_1/transfers',
      202,
      { target: { phoneNumber: '+16123456789' } },
    ],
    ['post', '/v1/calls/{callId}/transfers', '/v1/calls/call_1/transfers', 422, {}],
    [
      'post',
      '/v1/calls/{callId}/transfers',
      '/v1/calls/call_1/transfers?dryRun=true',
      200,
      { target: { queue: 'support' }, method: 'refer' },
    ],
    [
      'post',
      '/v1/policy/simulate',
      '/v1/policy/simulate',
      200,
      {
        channel: 'line',
        code: 503,
        targets: ['a', 'b'],
        onFailure: [
          { match: ['5xx'], action: 'retry', afterMs: 5 },
          { match: ['*'], action: 'play', message: { text: 'Sorry.' } },
        ],
      },
    ],
    ['post', '/v1/policy/simulate', '/v1/policy/simulate', 422, { channel: 'x', code: 503 }],
    ['post', '/v1/calls/{callId}/recording', '/v1/calls/call_1/recording', 202, { action: 'pause' }],
    ['post', '/v1/calls/{callId}/recording', '/v1/calls/call_2/recording', 409, { action: 'pause' }],
    [
      'post',
      '/v1/calls/{callId}/replies',
      '/v1/calls/call_1/replies',
      202,
      {
        replies: [
          { type: 'text', text: 'a' },
          { type: 'switch', phoneNumber: '1612' },
        ],
      },
    ],
  ];

  it.each(cases)('%s %s (%s -> %i)', async (method, path, url, status, body) => {
    const reply = await bench.ask(method.toUpperCase(), url, body, { accept: 'application/json' });
    expect(reply.status).toBe(status);
    const type = reply.type.split(';', 1)[0]!;
    const valid = ajv.compile({
      $ref: pointer('paths', path, method, 'responses', String(status), 'content', type, 'schema'),
    });
    expect(valid(reply.json), JSON.stringify(valid.errors)).toBe(true);
  });
});
