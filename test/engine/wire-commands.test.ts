import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandFromBye, commandFromRefer } from '../../src/engine/wire-commands.js';
import type { HeaderLine } from '../../src/domain/plan.js';
import { formatReplaces } from '../../src/sip/replaces.js';
import { settingsOf } from '../support/routing-bench.js';

const LISTENING = ['udp:10.0.0.7:5060', 'tcp:10.0.0.7:5062', 'tcp:[2001:db8::7]:5060'];

const settings = settingsOf(`
trunks:
  carrier: { allow: [ "::1" ], proxy: "sip:carrier.example:5080" }
channels:
  line: { match: { trunk: carrier }, trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" } }
targets:
  queues: { support: { members: [ "sip:agent1@pbx.example" ] } }
  extensions: { "7001": { queue: support }, "ops.desk": { sipUri: "sip:ops@pbx.example" } }
policy: { allow: { hosts: [ "pbx.example", "carrier.example" ] } }
`);

const wish = (referTo: string, more: { referredBy?: string; customHeaders?: readonly HeaderLine[] } = {}) =>
  commandFromRefer(
    { source: '10.0.0.9', referTo, referredBy: null, customHeaders: [], ...more },
    settings,
    LISTENING,
  );

function command(...args: Parameters<typeof wish>) {
  const understood = wish(...args);
  if (!understood.ok) throw new Error(understood.text);
  return understood.command;
}

describe('whom a Refer-To means', () => {
  it.each([
    // at our own address
    ['<sip:7001@10.0.0.7>', { extension: '7001' }],
    ['<sip:7001@10.0.0.7:5062;transport=tcp>', { extension: '7001' }],
    ['<sip:support@[2001:DB8::7]:5060>', { queue: 'support' }],
    ['<sip:%6fps.desk@10.0.0.7>', { extension: 'ops.desk' }],
    ['<sip:+16125550123@10.0.0.7>', { phoneNumber: '+16125550123' }],
    ['<sip:+16125550123;phone-context=x@10.0.0.7;user=phone>', { phoneNumber: '+16125550123' }],
    // at a host the policy does not allow: names only
    ['<sip:7001@elsewhere.example>', { extension: '7001' }],
    ['<sip:support@elsewhere.example>', { queue: 'support' }],
    ['<sip:7001@10.0.0.7:5070>', { extension: '7001' }],
    ['<sip:bob@elsewhere.example>', { sipUri: 'sip:bob@elsewhere.example' }],
    ['<sip:+1612@elsewhere.example>', { sipUri: 'sip:+1612@elsewhere.example' }],
    // at a host the policy allows: its own names
    ['<sip:7001@pbx.example>', { sipUri: 'sip:7001@pbx.example' }],
    ['<sip:support@pbx.example>', { sipUri: 'sip:support@pbx.example' }],
    ['<sips:bob@pbx.example;transport=tls>', { sipUri: 'sips:bob@pbx.example;transport=tls' }],
    ['<sip:pbx.example>', { sipUri: 'sip:pbx.example' }],
    // at a trunk's proxy: numbers go through routing
    ['<sip:+16125550123@carrier.example>', { phoneNumber: '+16125550123' }],
    ['<sip:16125550123@CARRIER.example:5080>', { phoneNumber: '16125550123' }],
    ['<sip:16125550123@carrier.example:5099>', { sipUri: 'sip:16125550123@carrier.example:5099' }],
    ['<sip:bob@carrier.example>', { sipUri: 'sip:bob@carrier.example' }],
    ['<tel:+1-612-555-0123>', { phoneNumber: '+16125550123' }],
    ['tel:7001;phone-context=x', { phoneNumber: '7001' }],
    ['<sip:bob@pbx.example;method=INVITE>', { sipUri: 'sip:bob@pbx.example' }],
  ])('%s', (referTo, target) => {
    expect(command(referTo)).toEqual({ targets: [target], method: 'auto', headers: [], metadata: {} });
  });

  it.each([
    ['', 400],
    ['<http://pbx.example>', 400],
    ['<sip:a@pbx.example>, <sip:b@pbx.example>', 400],
    ['<sip:bob@pbx.example;method=BYE>', 501],
    ['<sip:bob@pbx.example;method=MESSAGE>', 501],
    ['<sip:bob@pbx.example;method>', 501],
    ['<sip:nobody@10.0.0.7>', 404],
    ['<sip:10.0.0.7>', 404],
    ['<tel:*21#>', 404],
    ['<sip:bob@pbx.example?Via=x>', 400],
    ['<sip:bob@pbx.example?P-Asserted-Identity=%3Csip%3Aa%40b%3E>', 400],
    ['<sip:bob@pbx.example?X-A=1&x-a=2>', 400],
    ['<sip:bob@pbx.example?body=x>', 400],
    ['<sip:bob@pbx.example?X-A=%0d%0aVia%3A%20x>', 400],
    ['<sip:bob@pbx.example?Replaces=abc>', 400],
    ['<sip:bob@pbx.example?Require=replaces>', 400],
    ['<sip:bob@pbx.example?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=timer>', 400],
  ])('%s is refused with %d', (referTo, code) => {
    const refused = wish(referTo);
    expect(refused).toMatchObject({ ok: false, code });
    expect(refused.ok ? '' : refused.text).not.toBe('');
  });

  it('knows no address as ours before the SIP server has said one', () => {
    const refer = {
      source: '10.0.0.9',
      referTo: '<sip:+1612@10.0.0.7>',
      referredBy: null,
      customHeaders: [],
    };
    expect(commandFromRefer(refer, settings, [])).toMatchObject({
      ok: true,
      ours: false,
      command: { targets: [{ sipUri: 'sip:+1612@10.0.0.7' }] },
    });
  });
});

describe('what a REFER carries', () => {
  it('headers inside Refer-To go on, and X-* beside it that they do not say themselves', () => {
    const referTo =
      '<sip:bob@pbx.example?callReason=a%20b&X-Id=1&X-Switchhook-Call=c&User-to-User=00%3Bencoding%3Dhex>';
    const customHeaders: HeaderLine[] = [
      ['x-id', '2'],
      ['X-Lang', 'de'],
      ['X-Switchhook-Channel', 'other'],
      ['X-Lang', 'fr'],
    ];
    expect(command(referTo, { customHeaders }).headers).toEqual([
      ['callReason', 'a b'],
      ['X-Id', '1'],
      ['User-to-User', '00;encoding=hex'],
      ['X-Lang', 'de'],
    ]);
  });

  it('more headers than may go on refuse the REFER', () => {
    const customHeaders = Array.from({ length: 33 }, (_, i): HeaderLine => [`X-${i}`, '1']);
    expect(wish('<sip:bob@pbx.example>', { customHeaders })).toMatchObject({ ok: false, code: 400 });
  });

  it.each([
    ['<sip:agent1@pbx.example>;cid=1', '<sip:agent1@pbx.example>'],
    ['"Ann" <sip:ann@pbx.example>', '"Ann" <sip:ann@pbx.example>'],
    ['nobody', undefined],
    ['<sip:a@b\r\nVia: x>', undefined],
  ])('Referred-By %j goes on as %j', (referredBy, value) => {
    expect(command('<sip:bob@pbx.example>', { referredBy }).referredBy).toBe(value);
  });

  it.each([
    ['<sip:x@10.0.0.7?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>', true, { sipUri: 'sip:x@10.0.0.7' }],
    ['<sip:7001@10.0.0.7:5062?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>', true, { extension: '7001' }],
    [
      '<sip:x@10.0.0.7?Require=Replaces&Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>',
      true,
      { sipUri: 'sip:x@10.0.0.7' },
    ],
    [
      '<sip:x@pbx.example?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>',
      false,
      { sipUri: 'sip:x@pbx.example' },
    ],
  ])('Replaces in %s: ours %s', (referTo, ours, target) => {
    const understood = wish(referTo);
    expect(understood).toMatchObject({ ok: true, ours, command: { targets: [target], headers: [] } });
    const replaces = understood.ok ? understood.replaces : null;
    expect(replaces && formatReplaces(replaces)).toBe('c@h;to-tag=1;from-tag=2');
  });
});

describe('a BYE that names a transfer', () => {
  const bye = (...headers: HeaderLine[]) => commandFromBye(headers, settings, LISTENING);

  it.each([
    ['<sip:bob@pbx.example>', { sipUri: 'sip:bob@pbx.example' }],
    ['sip:bob@pbx.example', { sipUri: 'sip:bob@pbx.example' }],
    ['"Bob" <sip:7001@10.0.0.7>', { extension: '7001' }],
    ['<sip:support@elsewhere.example>', { queue: 'support' }],
    ['tel:+1-612-555-0123', { phoneNumber: '+16125550123' }],
    [' +1 (612) 555-0123 ', { phoneNumber: '+1 (612) 555-0123' }],
    ['queue:support', { queue: 'support' }],
    ['Queue: support', { queue: 'support' }],
    ['7001', { extension: '7001' }],
    ['ops.desk', { extension: 'ops.desk' }],
    ['support', { queue: 'support' }],
    ['7002', { phoneNumber: '7002' }],
  ])('to %s', (value, target) => {
    expect(bye(['X-Transfer-To', value])).toEqual({
      ok: true,
      command: { targets: [target], method: 'auto', headers: [], metadata: {} },
    });
  });

  it('says how, and what else goes on', () => {
    const headers: HeaderLine[] = [
      ['X-Reason', 'angry'],
      ['x-transfer-to', '7001'],
      ['X-TRANSFER-METHOD', ' Refer '],
      ['X-Switchhook-Call', 'call_1'],
      ['Subject', 'no'],
    ];
    expect(bye(...headers)).toEqual({
      ok: true,
      command: {
        targets: [{ extension: '7001' }],
        method: 'refer',
        headers: [['X-Reason', 'angry']],
        metadata: {},
      },
    });
  });

  it('only hangs up without X-Transfer-To', () => {
    expect(bye()).toBeNull();
    expect(bye(['X-Transfer-Method', 'refer'], ['X-Reason', 'done'])).toBeNull();
  });

  it.each<[string, HeaderLine[]]>([
    ['an empty target', [['X-Transfer-To', ' ']]],
    ['a word', [['X-Transfer-To', 'bob']]],
    ['a queue that is not there', [['X-Transfer-To', 'queue:sales']]],
    ['nobody of ours', [['X-Transfer-To', '<sip:nobody@10.0.0.7>']]],
    ['headers inside', [['X-Transfer-To', '<sip:bob@pbx.example?X-A=1>']]],
    ['Replaces inside', [['X-Transfer-To', '<sip:bob@pbx.example?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>']]],
    ['a line end', [['X-Transfer-To', '+1612\r\nVia: x']]],
    [
      'two targets',
      [
        ['X-Transfer-To', '7001'],
        ['x-transfer-to', '7001'],
      ],
    ],
    [
      'no method',
      [
        ['X-Transfer-To', '7001'],
        ['X-Transfer-Method', 'message'],
      ],
    ],
    [
      'two methods',
      [
        ['X-Transfer-To', '7001'],
        ['X-Transfer-Method', 'refer'],
        ['X-Transfer-Method', 'bye'],
      ],
    ],
  ])('is not understood with %s', (_what, headers) => {
    const refused = bye(...headers);
    expect(refused).toMatchObject({ ok: false });
    expect(refused?.ok === false ? refused.text : '').toMatch(/^X-Transfer-/);
  });
});

describe('the border of REFER and BYE', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.constantFrom('<', '>', '"', 'sip:', 'tel:', 'queue:', '7001', 'bob', '@pbx.example', '@10.0.0.7'),
        fc.constantFrom(
          '?X-A=',
          '&',
          '%0d%0a',
          '%00',
          ';method=INVITE',
          '?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2',
        ),
        fc.constantFrom('\r', '\n', '\0', '\r\n', ' ', 'x'.repeat(1100)),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 7 },
    )
    .map((parts) => parts.join(''));

  /** Everything in the command that can come to stand in a message. */
  const wired = (parsed: ReturnType<typeof wish> | ReturnType<typeof commandFromBye>): string[] => {
    if (parsed?.ok !== true) return [];
    const { targets, headers, referredBy } = parsed.command;
    const replaces = 'replaces' in parsed && parsed.replaces !== null ? formatReplaces(parsed.replaces) : '';
    return [...targets.flatMap((t) => Object.values(t)), ...headers.flat(), referredBy ?? '', replaces];
  };

  const sound = (values: readonly string[]) =>
    values.every((value) => !/[\r\n\0]/.test(value) && value.length <= 4096);

  it('lets no line end and nothing overlong through, whatever is sent', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const customHeaders: HeaderLine[] = [
          [`X-${b}`, c],
          ['X-Ok', b],
        ];
        const refer = wired(wish(a, { referredBy: c, customHeaders }));
        const bye = wired(commandFromBye([['X-Transfer-To', a], ...customHeaders], settings, LISTENING));
        return sound(refer) && sound(bye);
      }),
      { numRuns: 100_000 },
    );
  });
});
