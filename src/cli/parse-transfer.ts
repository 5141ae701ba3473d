import type { CommandTarget } from '../domain/command.js';
import { UsageError } from '../errors.js';
import { parseNumber } from '../sip/numbers.js';
import { parseSipUriOrAddress } from '../sip/sip-uri.js';

export interface TransferArguments {
  readonly callId: string;
  readonly targets: readonly CommandTarget[];
  readonly headers: Readonly<Record<string, string>>;
  readonly ringTimeoutMs: number | null;
  readonly returnToBot: boolean;
}

/** The options of `switchhook transfer`; what they mean in SIP is checked by the engine, which knows the trunks. */
export function parseTransferArguments(
  callId: string,
  values: Readonly<Record<string, unknown>>,
): TransferArguments {
  const targets = texts(values['to']).map(targetOf);
  if (targets.length === 0) throw new UsageError('transfer: --to is missing; give a number or a SIP URI');
  return {
    callId,
    targets,
    headers: Object.fromEntries(texts(values['header']).map(headerOf)),
    ringTimeoutMs: milliseconds(values['ring-timeout']),
    returnToBot: values['return'] === true,
  };
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
