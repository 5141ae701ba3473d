export interface RedisUrl {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  readonly tls: boolean;
}

/** `redis://user:password@host:6379/0`, all but the host optional; `rediss:` for TLS. `undefined`: it is none. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return undefined;
  const db = /^(?:\/(\d{1,4})?)?$/.exec(url.pathname);
  if (db === null || url.search !== '' || url.hash !== '') return undefined;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === undefined || password === undefined) return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...{ username, password, db: Number(db[1] ?? 0), tls: url.protocol === 'rediss:' },
  };
}

/** What stands between the signs of a URL, `null` when nothing does, `undefined` when it cannot be read. */
function decoded(text: string): string | null | undefined {
  try {
    return text === '' ? null : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
