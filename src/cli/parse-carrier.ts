import type { Options } from './parse-options.js';

/** `scenarios --carrier`: a chaos carrier of one's own. */
export interface CarrierArguments {
  /** `127.0.0.1:5080`; checked where it is bound. */
  readonly listen: string;
  readonly switches: readonly string[];
  /** SIP URI it calls at once. */
  readonly call: string | null;
  /** `user:password`. */
  readonly auth: string | null;
}

export function parseCarrierArguments(values: Options['values']): CarrierArguments {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const switches = Array.isArray(values['switch']) ? values['switch'].map(String) : [];
  return {
    listen: text(values['carrier']) ?? '',
    switches,
    call: text(values['call']),
    auth: text(values['auth']),
  };
}
