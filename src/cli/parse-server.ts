import { UsageError } from '../errors.js';
import { parseHostPort } from '../sip/host-port.js';
import type { Options } from './parse-options.js';

/** `scenarios --server --sip`: a drachtio-server to play on. */
export interface ServerArguments {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly sip: { readonly address: string; readonly port: number };
}

export function parseServerArguments({ server, sip }: Options['values']): ServerArguments | null {
  if (server === undefined && sip === undefined) return null;
  if (typeof server !== 'string' || typeof sip !== 'string')
    throw new UsageError('scenarios: --server and --sip belong together');
  const admin = /^(.+:\d+):([^:]+)$/.exec(server);
  const { host, port } = addressOf('--server', admin?.[1] ?? '', 'HOST:PORT:SECRET');
  const at = addressOf('--sip', sip, 'HOST:PORT');
  return { host, port, secret: admin?.[2] ?? '', sip: { address: at.host, port: at.port } };
}

function addressOf(option: string, text: string, form: string): { host: string; port: number } {
  const parsed = parseHostPort(text);
  if (parsed?.port == null) throw new UsageError(`scenarios: ${option} wants ${form}`);
  return { host: parsed.host.replace(/^\[|\]$/g, ''), port: parsed.port };
}
