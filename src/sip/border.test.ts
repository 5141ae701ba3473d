import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteDisplayName } from './display-name.js';
import { parseCustomHeaders, parseHeaderName, parseHeaderValue } from './headers.js';
import { parseHostPort } from './host-port.js';
import { parseNumber } from './numbers.js';
import { formatSipUri, parseSipUri, parseSipUriOrAddress, userOf } from './sip-uri.js';
import { formatTelUri, parseTelUri } from './tel-uri.js';

const write = <T>(value: T | undefined, format: (value: T) => string): string | undefined =>
  value === undefined ? undefined : format(value);

/** Everything a stranger's text can become on the wire. */
const BORDER: Record<string, (text: string) => string | undefined> = {
  headerName: parseHeaderName,
  headerValue: parseHeaderValue,
  headers: (text) => {
    const checked = parseCustomHeaders([
      ['X-A', text],
      [text, 'v'],
    ]);
    return checked.ok
      ? checked.headers.flat().join('')
      : checked.problems.map((p) => p.name + p.message).join('');
  },
  displayName: quoteDisplayName,
  hostPort: (text) => write(parseHostPort(text), (h) => h.host),
  number: parseNumber,
  sipUri: (text) => write(parseSipUri(text), formatSipUri),
  sipUriOrAddress: (text) => write(parseSipUriOrAddress(text), formatSipUri),
  user: (text) => write(parseSipUri(text), (uri) => userOf(uri) ?? ''),
  telUri: (text) => write(parseTelUri(text), formatTelUri),
};

/** Text near the grammar, so that many cases get deep, with line ends and NUL put anywhere. */
const nearMiss = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'sip:',
        'tel:',
        'bob',
        '@',
        'example.com',
        '127.0.0.1',
        '[::1]',
        ':5060',
        ';lr',
        '?X=1',
        '+1612',
        ' ',
      ),
      fc.constantFrom('\r', '\n', '\0', '\r\n', '%0d%0a', '%00', '\u010a', '\u2028'),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('the border', () => {
  it.each(Object.entries(BORDER))('%s lets no CR, LF or NUL through', (_name, pass) => {
    fc.assert(
      fc.property(nearMiss, (text) => {
        const passed = pass(text);
        return passed === undefined || !/[\r\n\0]/.test(passed);
      }),
      { numRuns: 100_000 },
    );
    expect(pass('sip:bob@example.com\r\nVia: x') ?? '').not.toMatch(/[\r\n\0]/);
  });
});
