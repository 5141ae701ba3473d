import type { CommandTarget } from '../domain/command.js';
import { UsageError } from '../errors.js';
import { parseNumber } from '../sip/numbers.js';
import { parsePostDial } from '../sip/post-dial.js';
import { parseSipUriOrAddress } from '../sip/sip-uri.js';

export interface TransferArguments {
  readonly callId: string;
  readonly targets: readonly CommandTarget[];
  readonly method: (typeof METHODS)[number] | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly ringTimeoutMs: number | null;
  readonly returnToBot: boolean;
  readonly dryRun: boolean;
}

const METHODS = ['auto', 'invite', 'refer', 'bye'] as const;

/** The options of `switchhook transfer`; what they mean in SIP is checked by the engine, which knows the trunks. */
export function parseTransferArguments(
  callId: string,
  values: Readonly<Record<string, unknown>>,
): TransferArguments {
  return {
    callId,
    targets: targetsOf(values),
    method: methodOf(values['method']),
    headers: Object.fromEntries(texts(values['header']).map(headerOf)),
    ringTimeoutMs: milliseconds(values['ring-timeout']),
    returnToBot: values['return'] === true,
    dryRun: values['dry-run'] === true,
  };
}

function targetsOf(values: Readonly<Record<string, unknown>>): readonly CommandTarget[] {
  const keys = postDialOf(values['post-dial']);
  const queues = texts(values['queue']).map((queue) => ({ queue }));
  const addresses = texts(values['to']).map(targetOf);
  const extensions = texts(values['extension']).map((extension) => ({ extension }));
  const targets = [...addresses, ...queues, ...extensions];
  if (targets.length === 0)
    throw new UsageError(
      'transfer: --to is missing; give a number or a SIP URI, or name a --queue or an --extension',
    );
  if (keys === undefined) return targets;
  if (queues.length > 0) throw new UsageError('transfer: --post-dial has no meaning with --queue');
  return targets.map((target) => ({ ...target, postDial: keys }));
}

function postDialOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (parsePostDial(value) !== undefined) return value;
  throw new UsageError(`transfer: --post-dial "${value}" is no row of keys; write --post-dial ww1234#`);
}

function methodOf(value: unknown): TransferArguments['method'] {
  if (typeof value !== 'string') return null;
  const method = METHODS.find((known) => known === value);
  if (method !== undefined) return method;
  throw new UsageError(`transfer: --method "${value}" is unknown; one of ${METHODS.join(', ')}`);
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];

function targetOf(text: string): CommandTarget {
  if (parseNumber(text) !== undefined) return { phoneNumber: text };
  if (parseSipUriOrAddress(text) !== undefined) return { sipUri: text };
  throw new UsageError(
    `transfer: --to "${text}" is neither a number nor a SIP URI; write +16123456789 or sip:bob@host`,
  );
}

function headerOf(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new UsageError(
      `transfer: --header "${text}" has no name and value; write --header X-Reason=support`,
    );
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function milliseconds(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new UsageError(
    `transfer: --ring-timeout "${value}" is no number of milliseconds; write --ring-timeout 30000`,
  );
}
