import { hostname } from 'node:os';
import pino, { type DestinationStream, type Logger } from 'pino';
import { maskLine } from './mask-line.js';
import type { NumbersShown } from './mask-text.js';

export interface LogOptions {
  readonly level: string;
  readonly numbers: NumbersShown;
  /** Where lines go; stderr when not given, because stdout belongs to the ready line. */
  readonly to?: DestinationStream;
}

/** One JSON object per line. Secrets are never in it, numbers and SIP users only where they are to be shown. */
export function createLog({ level, numbers, to }: LogOptions): Logger {
  const err = pino.stdSerializers.err;
  return pino(
    {
      level,
      base: { host: hostname() },
      serializers: { err, error: err },
      hooks: { streamWrite: (line) => maskLine(line, numbers) },
    },
    to ?? pino.destination({ dest: 2, sync: false }),
  );
}
