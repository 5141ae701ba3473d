import { isSupportedCountry } from 'libphonenumber-js/max';
import { isSoundFile } from '../audio/sound-file.js';
import { OUTCOMES } from '../domain/outcome.js';
import { characterSet, consistsOf } from '../sip/character-set.js';
import { parseCidr } from '../sip/cidr.js';
import { parseHeaderName, parseHeaderValue } from '../sip/headers.js';
import { parseHostPort } from '../sip/host-port.js';
import { parseListenAddress } from '../sip/listen-address.js';
import { parseNumber, parseNumberFormat } from '../sip/numbers.js';
import { MAX_POST_DIAL, parsePostDial } from '../sip/post-dial.js';
import { parseSipUri, parseSipUriOrAddress } from '../sip/sip-uri.js';
import type { Formats } from './check-shape.js';
import { parseRedisUrl } from './redis-url.js';

const unless = (fits: (text: string) => boolean, message: string) => (text: string) =>
  fits(text) ? undefined : message;

/** What the text formats of our schemas mean; the message ends the sentence that starts with the key. */
export const formats: Formats = {
  'sip-uri': unless(
    (t) => parseSipUri(t) !== undefined,
    'is no SIP URI; write sip:user@host:port, without a password',
  ),
  'sip-target': unless(
    (t) => parseSipUriOrAddress(t) !== undefined,
    'is no SIP URI; write sip:user@host, without a password (numbers go in phoneNumber)',
  ),
  'sip-proxy': unless(isProxy, 'is no proxy; write sip:host:port, without a user and without headers'),
  cidr: unless(
    (t) => parseCidr(t) !== undefined,
    'is no address block; write 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32',
  ),
  'sip-listen': unless(
    (t) => parseListenAddress(t) !== undefined,
    'is no listen address; write udp:127.0.0.1:5060 or tcp:[::1]:5060 (port 0 = any free port)',
  ),
  'host-port': unless((t) => parseHostPort(t)?.port != null, 'is no host and port; write 127.0.0.1:8080'),
  host: unless(
    (t) => parseHostPort(t)?.port === null,
    'is no host; write a name, an IPv4 address or [IPv6], without a port',
  ),
  'http-url': unless(
    isHttpUrl,
    'is no URL; write http://host/path or https://host/path, without credentials',
  ),
  'redis-url': unless(
    (t) => parseRedisUrl(t) !== undefined,
    'is no store; write memory, or redis://host:6379/0',
  ),
  'webhook-secret': unless(
    isWebhookSecret,
    'is no webhook secret; write whsec_ and the base64 form of 24 to 64 random bytes',
  ),
  'did-pattern': unless(isDidPattern, 'is no number or prefix; write 18005550100, or a prefix such as 1800*'),
  'number-format': unless(
    (t) => parseNumberFormat(t) !== undefined,
    'must be raw, e164, plainE164, or national(<CC>) such as national(US)',
  ),
  'phone-number': unless(
    (t) => parseNumber(t) !== undefined,
    'is no phone number; write at most 32 digits with an optional leading +',
  ),
  'number-prefix': unless(
    (t) => /^\+?[0-9]{1,15}$/.test(t),
    'is no beginning of a number; write digits with an optional leading +',
  ),
  'post-dial': unless(
    (t) => parsePostDial(t) !== undefined,
    `must be 1 to ${MAX_POST_DIAL} keys: digits, A to D, *, #, and w or , for a pause`,
  ),
  'sound-file': unless(
    isSoundFile,
    'is no sound file; write a path of letters, digits, _ - and ., such as prompts/sorry.wav, without ..',
  ),
  directory: unless(
    (t) => !/[\p{Cc}!{}|]/u.test(t),
    'is no directory a media server can be told of; write a path without ! { } | and control characters',
  ),
  'full-path': unless(
    (t) => t.startsWith('/') && !/[\p{Cc}!{}|]/u.test(t),
    'is no full path; write one that begins with /',
  ),
  'host-maybe-port': unless(
    (t) => parseHostPort(t) !== undefined,
    'is no host; write a name or an address, with a port when it is not 80 or 443',
  ),
  key: unless((t) => /^[0-9*#A-D]$/.test(t), 'must be one key of a phone: a digit, *, # or A to D'),
  // Names and reasons travel in headers of a BYE.
  'one-line': unless((t) => parseHeaderValue(t) !== undefined, 'must be one line without control characters'),
  'header-name': unless(
    (t) => parseHeaderName(t) !== undefined,
    'is no name of a header; write one such as X-Session-Id',
  ),
  seconds: unless(
    (t) => /^\d{1,3}(?:\.\d{1,3})?$/.test(t) && Number(t) >= 1 && Number(t) <= 600,
    'must be seconds from 1 to 600',
  ),
  country: unless((t) => isSupportedCountry(t), 'is no country; write its two letters, such as US'),
  'failure-match': unless(
    isFailureMatch,
    `must be a SIP code (486), a class (4xx), *, or one of ${OUTCOMES.join(', ')}`,
  ),
};

function isProxy(text: string): boolean {
  const uri = parseSipUri(text);
  return uri !== undefined && uri.user === null && uri.headers === null;
}

function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === ''
  );
}

const isBase64 = characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Standard Webhooks: 192 to 512 bits of key. */
function isWebhookSecret(text: string): boolean {
  if (!text.startsWith('whsec_') || text.length > 100) return false;
  const encoded = text.slice('whsec_'.length);
  const digits = encoded.endsWith('==')
    ? encoded.slice(0, -2)
    : encoded.endsWith('=')
      ? encoded.slice(0, -1)
      : encoded;
  const bytes = Math.floor((digits.length * 3) / 4);
  return encoded.length % 4 === 0 && consistsOf(digits, isBase64) && bytes >= 24 && bytes <= 64;
}

const isDidCharacter = characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.~');

function isDidPattern(text: string): boolean {
  const prefix = text.endsWith('*') ? text.slice(0, -1) : text;
  return text.length <= 64 && (text === '*' || consistsOf(prefix, isDidCharacter));
}

function isFailureMatch(text: string): boolean {
  return text === '*' || (OUTCOMES as readonly string[]).includes(text) || /^[3-6](?:\d\d|xx)$/.test(text);
}
