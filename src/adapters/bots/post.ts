import { request, type Dispatcher } from 'undici';
import type { Clock } from '../../ports/clock.js';
import type { DeliveryResult } from '../../ports/metrics.js';

export interface PostLimits {
  readonly requestTimeoutMs: number;
  readonly answerBytes: number;
}

/** The body of an answer; `tooLong`: there was more than the limit, and it was not read. */
export type AnswerBody = Buffer | 'tooLong';

export interface Posted {
  readonly result: DeliveryResult;
  /** Status of the answer, `null` when none came. */
  readonly status: number | null;
}

/** The same with the body of an answer that was delivered. */
export interface PostedWithAnswer extends Posted {
  readonly body: AnswerBody;
}

interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The answer's body is waited for; without it the event counts as not delivered. */
  readonly asks: boolean;
}

/**
 * One POST, over within the timeout, never rejecting. No redirect is followed: a receiver that moved is a failure
 * to be seen, and following would carry a signed event to an address nobody configured.
 */
export async function post(
  agent: Dispatcher,
  { url, headers, body, asks }: Outgoing,
  clock: Clock,
  limits: PostLimits,
): Promise<PostedWithAnswer> {
  const abort = new AbortController();
  const cancel = clock.after(limits.requestTimeoutMs, () => abort.abort());
  let status: number | null = null;
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', 'user-agent': 'switchhook', ...headers },
      body,
      signal: abort.signal,
    });
    status = answer.statusCode;
    const result = meaning(status);
    const reading = read(answer.body, limits.answerBytes);
    // Where nothing is asked the status decides; the body is read only so that the connection can be used again.
    const said = await (asks && result === 'delivered' ? reading : reading.catch(() => EMPTY));
    return { result, status, body: said };
  } catch {
    return { result: abort.signal.aborted ? 'timeout' : 'unreachable', status, body: EMPTY };
  } finally {
    cancel();
  }
}

const EMPTY = Buffer.alloc(0);

function meaning(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 ? 'gone' : 'refused';
}

/** Reads up to `limit` bytes; leaving the loop early destroys the stream, and with it the connection. */
async function read(body: AsyncIterable<unknown>, limit: number): Promise<AnswerBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > limit) return 'tooLong';
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
