/** Errors no patience helps against: who we say we are, where we want to be, what is allowed. */
const MISUSE =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH|DB index|invalid DB index|SELECT|This instance has cluster support disabled))/;

/**
 * Refusals that speak of the server's state: the same command is taken later, or by another server. Before Redis 7 one
 * that a script met stands at the end of the script's own error.
 */
const PASSING =
  /^(?:ERR Error running script .*: -)?(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|OOM|MISCONF|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|NOPERM|UNBLOCKED)\b/;

/** Nor when the certificate is not one we trust, or is another's (codes of Node's TLS). */
const MISTRUST = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

export const isMisuse = (error: Error): boolean =>
  MISUSE.test(messageOf(error)) || ('code' in error && MISTRUST.test(String(error.code)));

/** The server read the command and will never take it: sending it again would hold up all others for ever. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && !PASSING.test(error.message);

/** In words; of a cluster, what its last node said. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('lastNodeError' in error && error.lastNodeError instanceof Error) return messageOf(error.lastNodeError);
  // What ioredis says of a command whose connection ended speaks of an option of its own.
  if (error.name === 'MaxRetriesPerRequestError') return 'the connection broke before it answered';
  // Several addresses of one name, all tried (Node's AggregateError), have no message of their own.
  const code = 'code' in error ? String(error.code) : error.name;
  return error.message === '' ? code : error.message;
}
