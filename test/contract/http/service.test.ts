import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { createHttpApi } from '../../../src/adapters/http/http-api.js';
import { UsageError } from '../../../src/errors.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(() => bench.api.close());

const PATH = '/v1/calls/call_1/transfers';

describe('errors are problem documents', () => {
  it.each([
    ['malformed JSON', PATH, '{"target":', {}, 400, 'malformed_json'],
    ['an empty body', PATH, '', {}, 400, 'malformed_json'],
    ['a __proto__ member', PATH, '{"__proto__":{}}', {}, 400, 'malformed_json'],
    [
      'another Content-Type',
      PATH,
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['plain text', PATH, '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['too much', PATH, JSON.stringify({ x: 'y'.repeat(70_000) }), {}, 413, 'payload_too_large'],
    ['an unknown route', '/v1/nothing', '{}', {}, 404, 'not_found'],
    ['a path that is no path', '/v1/calls/%zz/transfers', '{}', {}, 400, 'bad_request'],
  ])('%s', async (_what, path, body, headers, status, code) => {
    const reply = await bench.post(path, body, headers);
    expect([reply.status, reply.json['code']]).toEqual([status, code]);
    expect(reply.type).toBe('application/problem+json');
    expect(Object.keys(reply.json).slice(0, 5)).toEqual(['type', 'title', 'status', 'detail', 'code']);
    expect(reply.json['status']).toBe(status);
  });

  it('says of brackets without end that they are too many', async () => {
    const reply = await bench.post(PATH, '['.repeat(30_000) + ']'.repeat(30_000));
    expect(reply.json).toMatchObject({ code: 'malformed_json', detail: 'It is nested too deeply.' });
  });

  it('an unexpected error is 500, leaks nothing, and is in the log under the id given', async () => {
    bench.control.nextError = new Error('secret of the house');
    const reply = await bench.post(PATH, { target: { phoneNumber: '1' } });
    expect([reply.status, reply.json['code']]).toEqual([500, 'internal']);
    expect(reply.text).not.toContain('secret');
    const id = reply.headers.get('x-request-id')!;
    expect(reply.json['instance']).toBe(`urn:uuid:${id}`);
    expect(bench.log.find((line) => line.includes('secret of the house'))).toContain(id);
  });

  it('bytes that are not HTTP', async () => {
    const socket = connect(bench.port, '127.0.0.1', () => socket.write('INVITE sip:x SIP/2.0\r\n\r\n'));
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(text).toContain('application/problem+json');
  });

  it('an answer that never comes is a 500', async () => {
    const release = bench.control.hold();
    const reply = bench.post(PATH, { target: { phoneNumber: '1' } });
    await eventually(() => bench.control.transfers).toHaveLength(1);
    bench.clock.advance(15_000);
    expect((await reply).json['code']).toBe('internal');
    release();
    expect((await bench.get('/healthz')).status).toBe(200);
    expect(bench.clock.pending).toBe(0);
  });
});

describe('bearer tokens', () => {
  it('close everything but health', async () => {
    const locked = await httpBench({ tokens: ['one', 'two'] });
    const status = async (path: string, token?: string) =>
      (await locked.get(path, token === undefined ? {} : { authorization: token })).status;
    for (const path of ['/v1/calls', '/v1/events', '/metrics', '/openapi.json', '/docs/', '/nowhere']) {
      const reply = await locked.get(path);
      expect([reply.status, reply.json['code'], reply.headers.get('www-authenticate')]).toEqual([
        401,
        'unauthorized',
        'Bearer',
      ]);
    }
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(200);
    for (const good of ['Bearer one', 'bearer two']) expect(await status('/v1/calls', good)).toBe(200);
    for (const bad of ['Bearer three', 'Bearer', 'Bearer one two', 'Basic one', 'one', 'Bearer onetwo']) {
      expect(await status('/v1/calls', bad)).toBe(401);
    }
    await locked.api.close();
  });
});

describe('health and metrics', () => {
  it('is alive', async () => {
    expect((await bench.get('/healthz')).json).toEqual({ status: 'ok', version: '0.0.0-test' });
    expect((await bench.ask('HEAD', '/healthz')).status).toBe(200);
  });

  it('is ready or says what is not', async () => {
    expect((await bench.get('/readyz')).status).toBe(200);
    bench.control.state = { ready: false, dependencies: { sip: 'down' } };
    const reply = await bench.get('/readyz');
    expect([reply.status, reply.json]).toEqual([503, { ready: false, dependencies: { sip: 'down' } }]);
  });

  it('gives the metrics as they are', async () => {
    const reply = await bench.get('/metrics');
    expect([reply.text, reply.type]).toEqual(['up 1\n', 'text/plain; version=0.0.4']);
  });

  it('serves its documentation', async () => {
    const page = await bench.get('/docs/');
    expect(page.status).toBe(200);
    expect(page.type).toContain('text/html');
    expect((await bench.get('/docs/json')).json['openapi']).toBe('3.1.0');
  });
});

describe('listening', () => {
  it('says where', () => {
    expect(bench.port).toBeGreaterThan(0);
    expect(bench.url).toBe(`http://127.0.0.1:${bench.port}`);
  });

  it('a port in use is one line that names it and the way out', async () => {
    const second = createHttpApi({ ...bench.options, listen: { host: '127.0.0.1', port: bench.port } });
    const error = await second.start().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe(
      `api.listen 127.0.0.1:${bench.port} is in use by another program: stop it, or set api.listen to another port`,
    );
    await second.close();
  });

  it('answers no CORS request', async () => {
    const reply = await bench.get('/v1/calls', { origin: 'http://evil.example' });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('close lets a request under way finish, then frees the port', async () => {
    const other = await httpBench();
    const release = other.control.hold();
    const reply = other.post(PATH, { target: { phoneNumber: '1' } });
    await eventually(() => other.control.transfers).toHaveLength(1);
    const closed = other.api.close();
    release();
    expect((await reply).status).toBe(202);
    other.clock.advance(2_000);
    await closed;
    await expect(other.get('/healthz')).rejects.toThrow();
  });
});
