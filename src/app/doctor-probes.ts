import { lookup } from 'node:dns/promises';
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { request } from 'undici';
import { examineSipServer } from '../adapters/drachtio/examine.js';
import { examineMediaServer } from '../adapters/freeswitch/examine.js';
import { examineRedis } from '../adapters/redis/examine.js';
import type { Place, Probes, WebAnswer } from '../cli/doctor/probes.js';
import { whyNotFree } from '../cli/port-free.js';
import { thisMachine } from '../config/machine.js';
import { connectionOf } from './start-store.js';

/** How long anybody may take to answer before it counts as not there. */
const PATIENCE_MS = 3000;

/** What the doctor asks, for real. @param path the environment's PATH */
export function doctorProbes(path: string | undefined, patienceMs = PATIENCE_MS): Probes {
  return {
    whyNotFree,
    sipServer: ({ tls, secret = '', ...server }) =>
      examineSipServer({ ...server, secret, ...(tls && { tls: {} }) }, patienceMs),
    mediaServer: ({ secret = '', ...server }) =>
      examineMediaServer({ ...server, secret, name: `${server.address}:${server.port}` }, patienceMs),
    store: (store) => examineRedis(connectionOf(store), patienceMs),
    web: (url) => head(url, patienceMs),
    whyNoAddress: (host) =>
      lookup(host).then(
        () => undefined,
        (error: unknown) => codeOf(error),
      ),
    place,
    runs: thisMachine(path).runs,
  };
}

/** HEAD: no event, nothing a receiver would act on. A redirect is an answer, and not followed. */
async function head(url: string, patienceMs: number): Promise<WebAnswer> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const { statusCode, body } = await request(url, { method: 'HEAD', signal });
    await body.dump();
    return { kind: 'answered', status: statusCode };
  } catch (error) {
    if (signal.aborted) return { kind: 'silent', why: `nothing for ${patienceMs} ms` };
    const why = codeOf(error);
    return /CERT|UNABLE_TO|SELF_SIGNED|ALTNAME/.test(why)
      ? { kind: 'untrusted', why }
      : { kind: 'unreachable', why };
  }
}

async function place(directory: string): Promise<Place> {
  try {
    if (!(await stat(directory)).isDirectory()) return { problem: 'is a file', free: null };
    await access(directory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(directory);
    return { problem: null, free: bavail * bsize };
  } catch (error) {
    return { problem: PROBLEMS[codeOf(error)] ?? `cannot be used (${codeOf(error)})`, free: null };
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'cannot be written by this user',
  EROFS: 'is on a disk that is read-only',
};

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
