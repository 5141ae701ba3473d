import { UsageError } from '../../errors.js';

const WAYS_OUT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program: stop it, or set api.listen to another port',
  EACCES: 'needs more rights: set api.listen to a port above 1023',
  EADDRNOTAVAIL: 'is not an address of this machine: set api.listen to one that is',
  ENOTFOUND: 'is not a known host name: set api.listen to an address of this machine',
};

/** Why the API cannot listen, as one line with the way out. */
export function listenError(
  error: unknown,
  listen: { readonly host: string; readonly port: number },
): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const wayOut = WAYS_OUT[code];
  return wayOut === undefined ? error : new UsageError(`api.listen ${listen.host}:${listen.port} ${wayOut}`);
}
