import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWavFormat, samplesOf } from '../../src/audio/wav.js';
import type { HttpSpeechSettings, SoundSettings } from '../../src/domain/sound-settings.js';
import type { SoundLimits } from '../../src/adapters/speech/options.js';
import { refusal, scratchDir, SoundsBench, wavSaying } from '../support/sounds-bench.js';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let scratch: ReturnType<typeof scratchDir>;
let server: Server;
let at: string;
let asked: Asked[];
let answer: (response: ServerResponse, asked: Asked) => void;
let benches: SoundsBench[];

beforeEach(async () => {
  scratch = scratchDir();
  mkdirSync(join(scratch.path, 'sounds'));
  asked = [];
  benches = [];
  answer = (response, { body }) =>
    response.writeHead(200, { 'content-type': 'audio/wav' }).end(wavSaying(body || 'fetched'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      asked.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(benches.map((bench) => bench.sounds.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  scratch.remove();
});

function benchOf(settings: Partial<SoundSettings>, limits: Partial<SoundLimits> = {}): SoundsBench {
  const bench = new SoundsBench(scratch.path, settings, { limits });
  benches.push(bench);
  return bench;
}

const speaking = (more: Partial<HttpSpeechSettings> = {}, limits: Partial<SoundLimits> = {}): SoundsBench =>
  benchOf(
    {
      speech: {
        kind: 'http',
        url: `http://${at}/speak`,
        body: null,
        headers: {},
        secret: null,
        voice: 'ann',
        timeoutMs: 3000,
        ...more,
      },
    },
    limits,
  );

const fetching = (limits: Partial<SoundLimits> = {}): SoundsBench => benchOf({ allowHosts: [at] }, limits);

const textIn = (path: string): string => {
  const wav = readFileSync(path);
  return Buffer.from(samplesOf(wav, readWavFormat(wav)).map((sample) => sample / 100)).toString('utf8');
};

/** The request has arrived and is not answered. */
const stuck = (): Promise<ServerResponse> => new Promise((resolve) => (answer = resolve));

describe('speech by a service', () => {
  it('gets the bare text', async () => {
    expect(textIn(await speaking().say('All busy'))).toBe('All busy');
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/speak', body: 'All busy' });
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' });
  });

  it('or JSON with text and voice in it, with headers and a token', async () => {
    const body = { input: { text: '<{text}>' }, list: ['{voice}', 1, null], model: 'm' };
    const bench = speaking({ body, secret: 'key', headers: { 'X-Org': 'me' } });
    await bench.say('say {voice} "now"');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      input: { text: '<say {voice} "now">' },
      list: ['ann', 1, null],
      model: 'm',
    });
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer key',
      'x-org': 'me',
    });
  });

  it('that is slow is left at the deadline, to the last byte', async () => {
    const bench = speaking();
    const reached = stuck();
    const said = refusal(bench.say('slow'));
    const response = await reached;
    response.writeHead(200, { 'content-type': 'audio/wav' }).write(wavSaying('half'));
    const closed = new Promise((resolve) => response.once('close', resolve));
    bench.clock.advance(3000);
    expect(await said).toBe('timeout: not there within 3000 ms');
    await closed;
  });

  it('that is dead, or hangs up, is told apart from one that is slow', async () => {
    expect(await refusal(speaking({ url: 'http://127.0.0.1:1/' }).say('x'))).toBe(
      'speech_failed: 127.0.0.1:1 cannot be asked: ECONNREFUSED',
    );
    answer = (response) => void response.destroy();
    expect(await refusal(speaking().say('x'))).toMatch(/^speech_failed: 127\.0\.0\.1:\d+ cannot be asked: /);
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': '999' });
      response.write('RIFF');
      setImmediate(() => response.destroy());
    };
    expect(await refusal(speaking().say('y'))).toMatch(/^speech_failed/);
  });

  it.each([
    [500, { 'content-type': 'audio/wav' }, wavSaying('x'), /^speech_failed: .* answered 500$/],
    [302, { location: 'http://127.0.0.1:1/' }, '', /^speech_failed: .* redirects \(302\)/],
    [
      200,
      { 'content-type': 'application/json' },
      '{"error":"quota"}',
      /^not_playable: .* sent application\/json, not audio$/,
    ],
    [200, { 'content-type': 'text/html; charset=utf-8' }, '<html>', /^not_playable: .* sent text\/html/],
    [200, { 'content-type': 'audio/wav' }, '<html>sorry</html>', /^not_playable: the audio is no WAV file$/],
    [200, { 'content-type': 'audio/mpeg' }, 'ID3...', /^not_playable: the audio is no WAV file$/],
    [200, {}, '', /^not_playable: the audio is no WAV file$/],
  ])('that answers %i %j is not believed', async (status, headers, body, why) => {
    answer = (response) => void response.writeHead(status, headers).end(body);
    expect(await refusal(speaking().say('x'))).toMatch(why);
  });

  it('that never ends is cut off', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' });
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1_000_000), more);
      };
      more();
    };
    expect(await refusal(speaking().say('x'))).toMatch(/^not_playable: .* sent more than 20000000 bytes$/);
  });
});

describe('audio behind a URL', () => {
  it('is fetched once, and again when it is old; a host that fails then costs nobody the prompt', async () => {
    const bench = fetching({ freshMs: 1000 });
    const uri = `http://${at}/a.wav?x=1`;
    const path = await bench.uri(uri);
    expect(textIn(path)).toBe('fetched');
    expect(await bench.uri(uri)).toBe(path);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/a.wav?x=1' });
    bench.clock.advance(1000);
    answer = (response) => void response.writeHead(200).end(wavSaying('newer'));
    expect(textIn(await bench.uri(uri))).toBe('newer');
    bench.clock.advance(1000);
    answer = (response) => void response.writeHead(500).end();
    expect(textIn(await bench.uri(uri))).toBe('newer');
    expect(asked).toHaveLength(3);
  });

  it('is fetched from no host the configuration does not name, however it is written', async () => {
    const bench = fetching();
    const port = at.split(':')[1] ?? '';
    for (const uri of [
      'http://127.0.0.1:1/a.wav',
      'http://127.0.0.1/a.wav',
      `http://localhost:${port}/a.wav`,
      `http://[::1]:${port}/a.wav`,
      `http://0.0.0.0:${port}/`,
      `http://${at}@10.0.0.1/a.wav`,
      `http://${at}.evil.example/a.wav`,
      'http://169.254.169.254/latest/meta-data/',
    ])
      expect(await refusal(bench.uri(uri))).toMatch(/^not_found: /);
    for (const uri of [`http://me:pw@${at}/a.wav`, 'file:///etc/passwd', `ftp://${at}/a`, 'a.wav', ''])
      expect(await refusal(bench.uri(uri))).toContain('is no http(s) URL without credentials');
    expect(asked).toEqual([]);
    // Another spelling of the same address is the same address.
    expect(await bench.uri(`http://2130706433:${port}/a.wav`)).toContain(scratch.path);
  });

  it('follows no redirect to such a host', async () => {
    answer = (response) => void response.writeHead(301, { location: 'http://127.0.0.1:1/' }).end();
    expect(await refusal(fetching().uri(`http://${at}/a.wav`))).toContain(
      'redirects (301), which is not followed',
    );
  });

  it('has its deadline and its limit', async () => {
    const bench = fetching({ fetchMs: 700, fetchBytes: 1000 });
    const reached = stuck();
    const slow = refusal(bench.uri(`http://${at}/slow.wav`));
    await reached;
    bench.clock.advance(700);
    expect(await slow).toBe('timeout: not there within 700 ms');
    answer = (response) => void response.writeHead(200).end(wavSaying('x'.repeat(500)));
    expect(await refusal(bench.uri(`http://${at}/long.wav`))).toContain('sent more than 1000 bytes');
    answer = (response) => void response.writeHead(404).end();
    expect(await refusal(bench.uri(`http://${at}/gone.wav`))).toMatch(/^not_found: .* answered 404$/);
  });
});
