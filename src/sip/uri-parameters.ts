import { UNRESERVED, characterSet, consistsOfEscaped } from './character-set.js';

/** `;name` or `;name=value` of a URI, in the order written; `null` = no value. */
export type UriParameter = readonly [name: string, value: string | null];

/** RFC 3261 25.1 `paramchar`. */
const isParameterCharacter = characterSet(UNRESERVED, '[]/:&+$');

/** The text after the first `;`, or `undefined` when a parameter is empty, malformed or named twice (19.1.1). */
export function parseUriParameters(text: string): readonly UriParameter[] | undefined {
  const seen = new Set<string>();
  const parameters: UriParameter[] = [];
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? null : part.slice(equals + 1);
    if (!consistsOfEscaped(name, isParameterCharacter) || seen.has(name.toLowerCase())) return undefined;
    if (value !== null && !consistsOfEscaped(value, isParameterCharacter)) return undefined;
    seen.add(name.toLowerCase());
    parameters.push([name, value]);
  }
  return parameters;
}

export const formatUriParameters = (parameters: readonly UriParameter[]): string =>
  parameters.map(([name, value]) => (value === null ? `;${name}` : `;${name}=${value}`)).join('');

/** A parameter by name, whatever its case; `''` when it has no value. */
export function uriParameter(parameters: readonly UriParameter[], name: string): string | undefined {
  const found = parameters.find(([n]) => n.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : (found[1] ?? '');
}
