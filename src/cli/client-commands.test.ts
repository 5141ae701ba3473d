import { describe, expect, it } from 'vitest';
import type { ClientIo, Fetch, FetchInit } from './io.js';
import { runLadder } from './ladder.js';
import { parseCli, type CliCommand } from './parse-cli.js';
import { sseEvents } from './sse-lines.js';
import { runTransfer } from './transfer.js';
import { runWatch } from './watch.js';

/** Records what the command asked and said; answers what the test wants. */
class Recorder implements ClientIo {
  out = '';
  err = '';
  readonly asked: { url: string; init: FetchInit }[] = [];
  readonly stdout = { write: (text: string) => (this.out += text) };
  readonly stderr = { write: (text: string) => (this.err += text) };
  constructor(
    private readonly answer: () => Response,
    readonly signal: AbortSignal = new AbortController().signal,
  ) {}
  readonly fetch: Fetch = (url, init) => {
    this.asked.push({ url, init });
    return Promise.resolve().then(this.answer);
  };
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

function command<N extends CliCommand['name']>(name: N, ...argv: string[]): Extract<CliCommand, { name: N }> {
  return parseCli([name, ...argv]) as Extract<CliCommand, { name: N }>;
}

const refuse = () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
};

describe('switchhook transfer', () => {
  it('sends the command and prints the ids', async () => {
    const io = new Recorder(() => json(202, { transferId: 'tr_1', sessionId: 'agent_transfer:1:2:3' }));
    const argv = [
      'call_1',
      '--to',
      '1612',
      '--header',
      'X-A=1',
      '--return',
      '--ring-timeout',
      '5',
      '--token',
      'secret',
    ];
    expect(await runTransfer(command('transfer', ...argv), io)).toBe(0);
    expect(io.out).toBe('transfer tr_1\nsession  agent_transfer:1:2:3\n');
    expect(io.asked[0]?.url).toBe('http://127.0.0.1:8080/v1/calls/call_1/transfers');
    expect(io.asked[0]?.init).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer secret' } });
    expect(JSON.parse(io.asked[0]?.init.body ?? '')).toEqual({
      target: { phoneNumber: '1612' },
      headers: { 'X-A': '1' },
      ringTimeoutMs: 5,
      returnToBot: true,
    });
  });

  it('escapes the call id and sends several targets as a list', async () => {
    const io = new Recorder(() => json(202, {}));
    await runTransfer(command('transfer', '../x?y', '--to', '1', '--to', 'a@b.com'), io);
    expect(io.asked[0]?.url).toContain('/v1/calls/..%2Fx%3Fy/transfers');
    expect(JSON.parse(io.asked[0]?.init.body ?? '')).toEqual({
      target: [{ phoneNumber: '1' }, { sipUri: 'a@b.com' }],
    });
  });

  it('prints a dry run as SIP, with who decided what', async () => {
    const way = { method: 'invite', trunk: 'carrier', after: null };
    const answer = {
      method: 'auto',
      targets: [
        {
          target: '1612',
          ringTimeoutMs: 5,
          ways: [
            {
              ...way,
              headerBudget: { count: 1, bytes: 9, maxCount: 4, maxBytes: 500 },
              requests: [
                { to: '1612', sip: 'INVITE sip:1612@h SIP/2.0\r\nX-A: 1\r\n\r\n{sdp}', postDial: 'w1' },
              ],
            },
            { ...way, trunk: null, after: 'trunk_failed', headerBudget: null, requests: [] },
          ],
        },
      ],
      refusal: { code: 'transfer_pending', detail: 'transfer tr_1 is pending' },
      layers: [
        { field: 'method', value: 'auto', layer: 'default' },
        { field: 'returnToBot', value: true, layer: 'command' },
      ],
    };
    const io = new Recorder(() => json(200, answer));
    const argv = ['call_1', '--queue', 'support', '--method', 'bye', '--dry-run'];
    expect(await runTransfer(command('transfer', ...argv), io)).toBe(0);
    expect(io.asked[0]?.url).toBe('http://127.0.0.1:8080/v1/calls/call_1/transfers?dryRun=true');
    expect(JSON.parse(io.asked[0]?.init.body ?? '')).toEqual({ target: { queue: 'support' }, method: 'bye' });
    expect(io.out).toBe(`# refused at this moment, transfer_pending: transfer tr_1 is pending

# target 1, 1612: INVITE to trunk carrier, own headers 1 of 4, 9 of 500 bytes

INVITE sip:1612@h SIP/2.0
X-A: 1

{sdp}

# once answered: w1

# target 1, 1612: INVITE after trunk_failed

method       default   auto
returnToBot  command   true
`);
  });

  it.each<[() => Response, string]>([
    [
      () => json(409, { code: 'transfer_pending', title: 'Another transfer is pending', detail: 'tr_1' }),
      '409 transfer_pending: Another transfer is pending: tr_1',
    ],
    [() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }), '502: Bad Gateway'],
    [refuse, 'no answer from http://127.0.0.1:8080 (ECONNREFUSED); is the engine running?'],
  ])('says in one line why not', async (answer, line) => {
    const io = new Recorder(answer);
    expect(await runTransfer(command('transfer', 'c', '--to', '1'), io)).toBe(1);
    expect(io.err).toContain(`switchhook: ${line}`);
    expect(io.err.trim()).not.toContain('\n');
  });
});

describe('switchhook ladder', () => {
  it.each([
    [[], 'text/plain'],
    [['--json'], 'application/json'],
    [['--mermaid'], 'text/vnd.mermaid'],
  ])('%j asks for %s', async (options, accept) => {
    const io = new Recorder(() => new Response('INVITE ->'));
    expect(await runLadder(command('ladder', 'call_1', ...options), io)).toBe(0);
    expect(io.asked[0]?.init.headers['accept']).toBe(accept);
    expect(io.out).toBe('INVITE ->\n');
  });
});

describe('switchhook watch', () => {
  const event = {
    id: 'evt_1',
    seq: 7,
    type: 'transfer.failed',
    time: '2026-01-01T12:00:00.123Z',
    callId: 'call_1',
    data: { outcome: 'busy', next: { action: 'goto', node: 'Apology' } },
  };
  const stream = [
    ': hello\n\n',
    `id: 5\nevent: transfer.failed\ndata: ${JSON.stringify(event)}\n\n`,
    'data: {"callId":"call_2"}\n\n',
  ].join('');

  it('prints a line per event and the way to go on when the engine leaves', async () => {
    const io = new Recorder(() => new Response(stream));
    expect(await runWatch(command('watch', '--call', 'call_1', '--after', '4'), io)).toBe(1);
    expect(io.asked[0]?.url).toBe('http://127.0.0.1:8080/v1/events?after=4');
    expect(io.out).toBe('12:00:00.123 call_1 #7 transfer.failed busy -> goto Apology\n');
    expect(io.err).toContain('the engine closed the stream; go on with --after 5');
  });

  it('--json prints events whole', async () => {
    const io = new Recorder(() => new Response(stream));
    await runWatch(command('watch', '--json'), io);
    expect(JSON.parse(io.out.split('\n')[0] ?? '')).toEqual(event);
  });

  it('an interrupt is a normal end', async () => {
    const abort = new AbortController();
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        abort.abort();
        controller.error(new Error('aborted'));
      },
    });
    const io = new Recorder(() => new Response(broken), abort.signal);
    expect([await runWatch(command('watch'), io), io.err]).toEqual([0, '']);
  });
});

describe('server-sent events', () => {
  it('read the same however the network cuts them', async () => {
    const bytes = new TextEncoder().encode(
      'id: 1\r\ndata: ü\r\ndata:b\r\n\r\n: x\n\nid: 2\ndata: c\n\ndata: cut',
    );
    for (const size of [1, 2, 3, 1000]) {
      const events: unknown[] = [];
      const chunks = async function* () {
        for (let i = 0; i < bytes.length; i += size) yield await Promise.resolve(bytes.slice(i, i + size));
      };
      for await (const e of sseEvents(chunks())) events.push(e);
      expect(events).toEqual([
        { id: '1', data: 'ü\nb' },
        { id: '2', data: 'c' },
      ]);
    }
  });

  it('the fetch of Node fits', () => {
    const real: Fetch = fetch;
    expect(real).toBe(fetch);
  });
});
