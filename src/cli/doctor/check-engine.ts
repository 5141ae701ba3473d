import type { Config } from '../../config/schema.js';
import { bad, good, warn, type Finding } from '../../ports/finding.js';
import { apiRequest } from '../api-request.js';
import { oneLine, type ClientIo } from '../io.js';

/** What a running engine says of itself; `undefined`: none runs here. */
export async function checkEngine(config: Config, io: ClientIo): Promise<readonly Finding[] | undefined> {
  const api = `http://${config.api.listen}`;
  const about = `engine ${api}`;
  const request = { path: '/readyz' };
  const answer = await apiRequest(io, { api, token: config.api.tokens[0] ?? null }, request);
  if (answer.ok)
    return [good(about, 'runs and is ready'), ...rows(await answer.response.json().catch(() => null))];
  return answer.line.startsWith('503')
    ? [bad(about, 'runs and is not ready', `see ${api}/readyz`)]
    : undefined;
}

/** A finding for each trunk the engine watches, and for whatever else is not up, from the body of `/readyz`. */
function rows(body: unknown): readonly Finding[] {
  const details = record(record(body)['details']);
  return Object.entries(record(record(body)['dependencies'])).flatMap(([name, word]) => {
    const isTrunk = name.startsWith('trunk:');
    if (word === 'up' && !isTrunk) return [];
    const about = isTrunk ? `trunk ${name.slice('trunk:'.length)}` : name;
    if (word === 'up') return good(about, 'is up');
    const detail = details[name];
    const says = `is ${String(word)}: ${typeof detail === 'string' ? oneLine(detail) : 'no detail'}`;
    return word === 'down' ? bad(about, says, 'see its log') : warn(about, says, 'see its log');
  });
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
