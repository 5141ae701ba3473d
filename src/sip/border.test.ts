import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteDisplayName } from './display-name.js';
import { parseCustomHeaders, parseHeaderName, parseHeaderValue } from './headers.js';
import { parseHostPort } from './host-port.js';
import { parseNumber } from './numbers.js';
import { parsePostDial } from './post-dial.js';
import { parseReferTo } from './refer-to.js';
import { formatReferredBy, parseReferredBy } from './referred-by.js';
import { formatReplaces, parseReplaces, replacesOf } from './replaces.js';
import { formatSipfrag, parseSipfrag } from './sipfrag.js';
import { formatSipUri, parseSipUri, parseSipUriOrAddress, userOf } from './sip-uri.js';
import { formatTelUri, parseTelUri } from './tel-uri.js';

/** No border lets more through than the longest header we read. */
const MAX_LENGTH = 4096;

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
  postDial: parsePostDial,
  referTo: (text) =>
    write(parseReferTo(text), ({ uri, headers, replaces, method }) =>
      [
        uri.scheme === 'tel' ? formatTelUri(uri) : formatSipUri(uri),
        ...headers.flat(),
        replaces === null ? '' : formatReplaces(replaces),
        method ?? '',
      ].join(''),
    ),
  replaces: (text) => write(parseReplaces(text), formatReplaces),
  replacesOfDialog: (text) =>
    write(replacesOf({ callId: text, localTag: text, remoteTag: text }), formatReplaces),
  referredBy: (text) => write(parseReferredBy(text), formatReferredBy),
  // One line, whose end is ours.
  sipfrag: (text) => write(parseSipfrag(text), formatSipfrag)?.slice(0, -2),
  sipfragReason: (text) => formatSipfrag({ code: 200, reason: text }).slice(0, -2),
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
        '<',
        '>',
        '"',
        '?Replaces=',
        '%3Bto-tag%3Da',
        ';from-tag=b',
        ';method=',
        'SIP/2.0 200 ',
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
  it.each(Object.entries(BORDER))('%s lets nothing overlong through', (_name, pass) => {
    for (const long of [4097, 65_536])
      for (const head of ['', 'sip:', 'tel:', '<sip:a@b>;', '"', 'SIP/2.0 200 '])
        for (const unit of ['1', 'a', ';a', '%41', '"'])
          expect((pass(head + unit.repeat(long / unit.length)) ?? '').length).toBeLessThanOrEqual(MAX_LENGTH);
  });

  it.each(Object.entries(BORDER))('%s lets no CR, LF or NUL through', (_name, pass) => {
    fc.assert(
      fc.property(nearMiss, (text) => {
        const passed = pass(text);
        return passed === undefined || (!/[\r\n\0]/.test(passed) && passed.length <= MAX_LENGTH);
      }),
      { numRuns: 100_000 },
    );
    expect(pass('sip:bob@example.com\r\nVia: x') ?? '').not.toMatch(/[\r\n\0]/);
  });
});
