import { Redis, type Cluster } from 'ioredis';
import { bad, good, warn, type Finding } from '../../ports/finding.js';
import { addressOf, createClient } from './client.js';
import { messageOf } from './failures.js';
import type { RedisConnection } from './options.js';
import { serverFindings, type ServerFacts } from './server-findings.js';

/**
 * Looks at a Redis without writing anything: whether it lets us in, and whether it is one to trust live calls to. Never
 * rejects; over within `timeoutMs`.
 */
export async function examineRedis(
  connection: RedisConnection,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const about = addressOf(connection);
  const client = createClient(connection, {
    connectMs: timeoutMs,
    retry: { firstMs: timeoutMs, longestMs: timeoutMs },
  });
  let lastProblem = '';
  client.on('error', (error: Error) => (lastProblem = messageOf(error)));
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    const found = await Promise.race([findings(client, about), silence]);
    // A database that is not there is no reason for ioredis not to go on, in another one.
    return lastProblem === '' ? found : [unreachable(about, lastProblem)];
  } catch (error) {
    return [unreachable(about, lastProblem === '' ? messageOf(error) : lastProblem)];
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}

async function findings(client: Redis | Cluster, about: string): Promise<readonly Finding[]> {
  await client.connect();
  if (client instanceof Redis) return serverFindings(about, await factsOf(client));
  const masters = client.nodes('master');
  const each = await Promise.all(
    masters.map(async (node) => {
      const { host = '', port = 0 } = node.options;
      return serverFindings(`Redis ${host}:${port}`, await factsOf(node));
    }),
  );
  return [good(about, `lets us in, ${masters.length} masters`), ...each.flat()];
}

async function factsOf(redis: Redis): Promise<ServerFacts> {
  const before = Date.now();
  const [seconds, micros] = await redis.time();
  const middle = (before + Date.now()) / 2;
  const info = parseInfo(await redis.info());
  // Managed services refuse CONFIG; what it would have said is unknown then.
  const save = await redis.config('GET', 'save').then(
    (answer) => (Array.isArray(answer) ? (answer[1] ?? '') : null),
    () => null,
  );
  return { info, save, clockAheadMs: Number(seconds) * 1000 + Number(micros) / 1000 - middle };
}

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const at = line.indexOf(':');
      return line.startsWith('#') || at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );

function unreachable(about: string, why: string): Finding {
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(why))
    return bad(about, `refuses the password (${why})`, 'check store.password, or the user in the URL');
  if (/NOPERM/.test(why))
    return warn(about, `lets us in and shows little (${why})`, 'allow the user +info +time, then look again');
  if (/CERT|certificate|self.signed|UNABLE_TO/i.test(why))
    return bad(
      about,
      `has a certificate that is not trusted (${why})`,
      'name its authority in NODE_EXTRA_CA_CERTS',
    );
  if (/DB index/.test(why)) return bad(about, `has no such database (${why})`, 'change the number in store');
  return bad(about, `cannot be used (${why})`, 'is it running? Check store');
}
