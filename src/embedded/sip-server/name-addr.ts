import { BACKSLASH, COMMA, EQUALS, GT, LT, QUOTE, SEMI, isBlank } from './chars.js';

/** Index just behind the quoted string that starts at `from`, or the end of the text when it is never closed. */
export function skipQuoted(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i++;
    else if (c === QUOTE) return i + 1;
  }
  return text.length;
}

/** Where the header parameters of a name-addr or addr-spec begin: behind `>`, else at the first `;` (RFC 3261 20.10). */
function paramsStart(value: string): number {
  let i = 0;
  let semi = -1;
  while (i < value.length) {
    const c = value.charCodeAt(i);
    if (c === QUOTE) {
      i = skipQuoted(value, i);
      continue;
    }
    if (c === LT) {
      const close = value.indexOf('>', i);
      return close < 0 ? value.length : close + 1;
    }
    if (c === SEMI && semi < 0) semi = i;
    i++;
  }
  return semi < 0 ? value.length : semi;
}

function trimmed(text: string, from: number, to: number): string {
  let a = from;
  let b = to;
  while (a < b && isBlank(text.charCodeAt(a))) a++;
  while (b > a && isBlank(text.charCodeAt(b - 1))) b--;
  return text.slice(a, b);
}

function equalsIgnoringCase(text: string, from: number, to: number, name: string): boolean {
  let a = from;
  let b = to;
  while (a < b && isBlank(text.charCodeAt(a))) a++;
  while (b > a && isBlank(text.charCodeAt(b - 1))) b--;
  return b - a === name.length && text.slice(a, b).toLowerCase() === name;
}

/** Value of `;name=value` at or behind `from`; empty for a bare `;name`, undefined when absent. One pass. */
export function paramAt(value: string, from: number, name: string): string | undefined {
  let i = from;
  while (i < value.length) {
    if (value.charCodeAt(i) !== SEMI) {
      i++;
      continue;
    }
    const start = i + 1;
    let equals = -1;
    for (i = start; i < value.length; i++) {
      const c = value.charCodeAt(i);
      if (c === SEMI || c === COMMA) break;
      if (c === EQUALS && equals < 0) equals = i;
      if (c === QUOTE) i = skipQuoted(value, i) - 1;
    }
    if (equalsIgnoringCase(value, start, equals < 0 ? i : equals, name)) {
      return equals < 0 ? '' : trimmed(value, equals + 1, i);
    }
    if (value.charCodeAt(i) === COMMA) return undefined;
  }
  return undefined;
}

/** The tag of a From or To value, or the empty string. */
export function tagOf(value: string): string {
  if (value === '') return '';
  return paramAt(value, paramsStart(value), 'tag') ?? '';
}

/** A header parameter (not a URI parameter) of a name-addr or of a token header such as Event or Session-Expires. */
export function headerParam(value: string, name: string): string | undefined {
  return paramAt(value, paramsStart(value), name);
}

/** The URI inside a From, To, Contact or Route value. */
export function uriOf(value: string): string {
  let i = 0;
  while (i < value.length) {
    const c = value.charCodeAt(i);
    if (c === QUOTE) {
      i = skipQuoted(value, i);
    } else if (c === LT) {
      const close = value.indexOf('>', i);
      return trimmed(value, i + 1, close < 0 ? value.length : close);
    } else i++;
  }
  const end = value.search(/[;,]/);
  return trimmed(value, 0, end < 0 ? value.length : end);
}

/** Splits a comma separated header value; commas inside quotes or angle brackets do not count. */
export function splitList(value: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let i = 0;
  while (i < value.length) {
    const c = value.charCodeAt(i);
    if (c === QUOTE) {
      i = skipQuoted(value, i);
      continue;
    }
    if (c === LT) {
      const close = value.indexOf('>', i);
      i = close < 0 ? value.length : close;
    } else if (c === COMMA) {
      parts.push(trimmed(value, from, i));
      from = i + 1;
    }
    i++;
  }
  parts.push(trimmed(value, from, value.length));
  return parts.filter((p) => p !== '');
}

/** `value` with its tag parameter set. An addr-spec without brackets gets them, else `;tag` would read as part of the URI. */
export function withTag(value: string, tag: string): string {
  const at = paramsStart(value);
  const addressed = value.charCodeAt(at - 1) === GT ? value : `<${trimmed(value, 0, at)}>${value.slice(at)}`;
  return tag === '' || tagOf(addressed) !== '' ? addressed : `${addressed};tag=${tag}`;
}
