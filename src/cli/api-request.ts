import type { ApiAccess } from './parse-cli.js';
import { oneLine, type ClientIo } from './io.js';

export interface ApiRequest {
  readonly path: string;
  readonly accept?: string;
  /** JSON body; with one the request is a POST. */
  readonly body?: unknown;
}

/** The answer, or one line that says why there is none. */
export type Answer =
  { readonly ok: true; readonly response: Response } | { readonly ok: false; readonly line: string };

/** Asks the API; a refusal becomes the sentence its problem document says. */
export async function apiRequest(
  io: ClientIo,
  { api, token }: ApiAccess,
  request: ApiRequest,
): Promise<Answer> {
  const headers = {
    accept: request.accept ?? 'application/json',
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(request.body !== undefined && { 'content-type': 'application/json' }),
  };
  try {
    const response = await io.fetch(`${api}${request.path}`, {
      method: request.body === undefined ? 'GET' : 'POST',
      headers,
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      ...(io.signal !== undefined && { signal: io.signal }),
    });
    return response.ok ? { ok: true, response } : { ok: false, line: await refusalOf(response) };
  } catch (error) {
    return {
      ok: false,
      line: `no answer from ${api} (${reasonOf(error)}); is the engine running? Name another with --api URL`,
    };
  }
}

async function refusalOf(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => undefined);
  const { code, title, detail } = (
    typeof problem === 'object' && problem !== null ? problem : {}
  ) as Readonly<Record<string, unknown>>;
  const said = [title, detail].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return `${response.status}${typeof code === 'string' ? ` ${code}` : ''}: ${oneLine(said === '' ? response.statusText : said)}`;
}

/** `fetch` hides the reason (ECONNREFUSED ...) in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'failed';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return code ?? oneLine(cause.message);
}
