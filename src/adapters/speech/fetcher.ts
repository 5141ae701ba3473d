import { Agent, request } from 'undici';
import { SoundError } from '../../ports/sounds.js';

export interface FetchRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** More than this is not read: an error. */
  readonly maxBytes: number;
}

/** Gets audio by HTTP. Follows no redirect: that would lead to an address nobody allowed. */
export interface Fetcher {
  /**
   * The body of a 200 that does not call itself text.
   *
   * @throws SoundError
   */
  fetch(wanted: FetchRequest, signal: AbortSignal): Promise<Buffer>;
  close(): Promise<void>;
}

/** Requests at once to one host. */
const CONNECTIONS = 8;

export function createFetcher(): Fetcher {
  const agent = new Agent({ connections: CONNECTIONS });
  return {
    fetch: (wanted, signal) => fetchAudio(agent, wanted, signal),
    // Not `close`: that would wait for a server that never ends its answer.
    close: () => agent.destroy(),
  };
}

async function fetchAudio(
  agent: Agent,
  { method, url, headers, body, maxBytes }: FetchRequest,
  signal: AbortSignal,
): Promise<Buffer> {
  const host = new URL(url).host;
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      headers: { 'user-agent': 'switchhook', accept: 'audio/wav', ...headers },
      body,
      signal,
    });
    const why = whyNotAudio(answer.statusCode, answer.headers['content-type']);
    if (why === null) return await read(answer.body, maxBytes, host);
    // Its own abort is news to nobody.
    answer.body.on('error', () => undefined).destroy();
    throw new SoundError(why[0], `${host} ${why[1]}`);
  } catch (error) {
    if (error instanceof SoundError) throw error;
    if (signal.aborted && signal.reason instanceof SoundError) throw signal.reason;
    throw new SoundError('speech_failed', `${host} cannot be asked: ${codeOf(error)}`);
  }
}

function whyNotAudio(
  status: number,
  type: string | string[] | undefined,
): readonly [SoundError['reason'], string] | null {
  if (status >= 300 && status < 400) return ['speech_failed', `redirects (${status}), which is not followed`];
  if (status !== 200) return [status === 404 ? 'not_found' : 'speech_failed', `answered ${status}`];
  const kind = String(type ?? '');
  const isText = /^(?:text\/|application\/(?:\w+\+)?(?:json|xml))/i.test(kind);
  return isText ? ['not_playable', `sent ${kind.slice(0, 64)}, not audio`] : null;
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function read(body: AsyncIterable<unknown>, maxBytes: number, host: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > maxBytes) throw new SoundError('not_playable', `${host} sent more than ${maxBytes} bytes`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks, bytes);
}

/** The code of the system call or the library; its message may hold the URL, with a key in it. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}
