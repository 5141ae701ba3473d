import { request, type Dispatcher } from 'undici';
import type { Clock } from '../../ports/clock.js';
import type { DeliveryResult } from '../../ports/metrics.js';

export interface PostLimits {
  readonly requestTimeoutMs: number;
  readonly answerBytes: number;
}

export interface Posted {
  readonly result: DeliveryResult;
  /** Status of the answer, `null` when none came. */
  readonly status: number | null;
}

/**
 * One POST, over within the timeout, never rejecting. No redirect is followed: a receiver that moved is a failure
 * to be seen, and following would carry a signed event to an address nobody configured.
 */
export async function post(
  agent: Dispatcher,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  clock: Clock,
  limits: PostLimits,
): Promise<Posted> {
  const abort = new AbortController();
  const cancel = clock.after(limits.requestTimeoutMs, () => abort.abort());
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', 'user-agent': 'switchhook', ...headers },
      body,
      signal: abort.signal,
    });
    // The status decides; the body is read only so that the connection can be used again.
    await discard(answer.body, limits.answerBytes).catch(() => undefined);
    return { result: meaning(answer.statusCode), status: answer.statusCode };
  } catch {
    return { result: abort.signal.aborted ? 'timeout' : 'unreachable', status: null };
  } finally {
    cancel();
  }
}

function meaning(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 ? 'gone' : 'refused';
}

/** Reads up to `limit` bytes; leaving the loop early destroys the stream, and with it the connection. */
async function discard(body: AsyncIterable<unknown>, limit: number): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += (chunk as Buffer).length;
    if (read > limit) return;
  }
}
