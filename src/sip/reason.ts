/** What a Reason header says (RFC 3326), also as joined from several lines with commas. */
export interface Reason {
  /** `Q.850;cause=` (RFC 6432 for responses). */
  readonly q850: number | null;
  /** `SIP;cause=` */
  readonly sip: number | null;
  /** The first `text=`. */
  readonly text: string | null;
}

const NONE: Reason = { q850: null, sip: null, text: null };

/** Reads every reason-value of the header; what cannot be read is left out, nothing is refused. */
export function parseReason(value: string | undefined): Reason {
  if (value === undefined || value === '') return NONE;
  let q850: number | null = null;
  let sip: number | null = null;
  let text: string | null = null;
  for (const part of splitOutsideQuotes(value, ',')) {
    const [protocol = '', ...params] = splitOutsideQuotes(part, ';');
    const cause = causeOf(params);
    const word = protocol.trim().toLowerCase();
    if (word === 'q.850') q850 ??= cause;
    else if (word === 'sip') sip ??= cause;
    text ??= textOf(params);
  }
  return { q850, sip, text };
}

function causeOf(params: readonly string[]): number | null {
  const value = param(params, 'cause');
  return value !== undefined && isDigits(value) && value.length <= 5 ? Number(value) : null;
}

function textOf(params: readonly string[]): string | null {
  const value = param(params, 'text');
  return value === undefined || value === '' ? null : unquote(value);
}

function param(params: readonly string[], name: string): string | undefined {
  for (const candidate of params) {
    const equals = candidate.indexOf('=');
    if (equals > 0 && candidate.slice(0, equals).trim().toLowerCase() === name) {
      return candidate.slice(equals + 1).trim();
    }
  }
  return undefined;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  let out = '';
  for (let i = 1; i < value.length && value[i] !== '"'; i++) {
    if (value[i] === '\\' && i + 1 < value.length) i++;
    out += value[i] ?? '';
  }
  return out;
}

function splitOutsideQuotes(value: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(value.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

function isDigits(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return value !== '';
}
