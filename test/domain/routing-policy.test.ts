import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoutingBench } from '../support/routing-bench.js';

const number = (phoneNumber: string) => ({ targets: [{ phoneNumber }] as const });
const uri = (sipUri: string) => ({ targets: [{ sipUri }] as const });

describe('what policy forbids is a transfer of its own, refused', () => {
  it('with the ids, the labels as written, an outcome and the way out', () => {
    const problem = new RoutingBench().problem({
      targets: [{ phoneNumber: '+1 900 555 1234' }, { phoneNumber: '+16125550123' }],
      reason: 'user_request',
      metadata: { ticket: 7 },
    });
    expect(problem).toEqual({
      code: 'target_not_allowed',
      path: 'target[0].phoneNumber',
      detail: 'premium, shared-cost and satellite numbers are never called',
      refused: {
        id: 'tr_t',
        sessionId: 'agent_transfer:t:call_c:line',
        method: 'auto',
        reason: 'user_request',
        metadata: { ticket: 7 },
        targets: ['+1 900 555 1234', '+16125550123'],
        outcome: 'forbidden',
        why: 'premium, shared-cost and satellite numbers are never called',
      },
    });
  });

  it.each([
    [
      'a number the trunk cannot dial',
      'numberFormat: e164',
      number('7001'),
      'invalid_field',
      'invalid_number',
    ],
    ['a host outside', '', uri('sip:bob@10.9.9.9'), 'target_not_allowed', 'forbidden'],
    [
      'digits nobody can send',
      '',
      { targets: [{ phoneNumber: '1', postDial: '1' }] },
      'not_supported',
      'not_supported',
    ],
    [
      'REFER on a trunk without',
      'transfer: { refer: no }',
      { ...number('1'), method: 'refer' },
      'not_supported',
      'not_supported',
    ],
  ] as const)('%s', (_what, carrier, command, code, outcome) => {
    expect(new RoutingBench({ carrier }).problem(command)).toMatchObject({ code, refused: { outcome } });
  });

  it.each([
    ['no number', number('12x'), 'invalid_field', 'target.phoneNumber'],
    ['no URI', uri('nonsense'), 'invalid_field', 'target.sipUri'],
    ['headers inside a URI', uri('sip:bob@10.0.0.1?X-A=1'), 'invalid_field', 'target.sipUri'],
    ['no such channel', { ...number('1'), via: 'nobody' }, 'unknown_channel', 'via'],
    [
      'bad data',
      { ...number('1'), userToUser: { data: 'xyz', encoding: 'hex' } },
      'invalid_field',
      'userToUser.data',
    ],
    [
      'data twice',
      { ...number('1'), headers: [['user-to-user', '00']], userToUser: { data: '00', encoding: 'hex' } },
      'invalid_field',
      'userToUser',
    ],
  ] as const)('but a command that is wrong is only wrong: %s', (_what, command, code, path) => {
    expect(new RoutingBench().problem(command)).toMatchObject({ code, path, refused: null });
  });

  it('a channel without a way out says so', () => {
    const bench = new RoutingBench({
      trunks: '  deaf: { allow: [ "::2" ] }',
      more: `  lone: { bot: { kind: sip, uri: "sip:10.0.0.9" } }
  inbound: { match: { trunk: deaf }, bot: { kind: sip, uri: "sip:10.0.0.9" } }`,
    });
    expect(bench.route(number('1'), 'lone')).toMatchObject({ ok: false, problem: { code: 'no_trunk' } });
    expect(bench.problem({ ...number('1'), via: 'inbound' })).toMatchObject({
      code: 'no_trunk',
      path: 'via',
    });
  });
});

describe('premium numbers', () => {
  const anyHost = 'policy: { allow: { hosts: [ 10.0.0.1, 10.0.0.9, gw.example ] } }';

  it.each([
    'sip:+19005551234@10.0.0.1',
    'sip:19005551234@10.0.0.1:5080',
    'sip:19005551234@10.0.0.1:9;user=phone',
    'sip:%2b1%39005551234@10.0.0.1',
    'sip:1-900-555-1234@10.0.0.1',
    'sip:+19005551234;phone-context=x@10.0.0.1',
    'sip:*67*19005551234@10.0.0.1',
    'sip:19005551234w12@10.0.0.1',
    'sip:%ff19005551234@10.0.0.1',
    'sip:19005551234%09@10.0.0.1',
    'sip:5551234;phone-context=+1900@10.0.0.1',
    'sip:00881612345678@10.0.0.1',
    'sip:09001234567@10.0.0.9:5070',
    'sip:+881612345678@gw.example',
    'sips:+19005551234@10.0.0.1',
    '+19005551234@10.0.0.1',
    'tel:+1-900-555-1234',
    'TEL:+19005551234;phone-context=x',
  ])('do not hide in %s', (text) => {
    expect(new RoutingBench({ more: anyHost }).problem(uri(text))).toMatchObject({
      code: 'target_not_allowed',
      refused: { outcome: 'forbidden' },
    });
  });

  it.each(['sip:agent7@10.0.0.1', 'sip:900@10.0.0.9', 'sip:16125550123@10.0.0.9'])('%s is none', (text) => {
    expect(new RoutingBench({ more: anyHost }).route(uri(text)).ok).toBe(true);
  });

  it('do not hide behind names', () => {
    const bench = new RoutingBench({
      more: `targets:
  extensions: { sat: { phoneNumber: "+881612345678" } }
  queues: { q: { members: [ "sip:+19005551234@10.0.0.1" ] } }`,
    });
    for (const target of [{ extension: 'sat' }, { queue: 'q' }])
      expect(bench.problem({ targets: [target] })).toMatchObject({ code: 'target_not_allowed' });
  });

  it('do not hide from a REFER or BYE', () => {
    for (const method of ['refer', 'bye'] as const) {
      expect(new RoutingBench().problem({ ...number('+19005551234'), method })).toMatchObject({
        code: 'target_not_allowed',
      });
      expect(new RoutingBench().problem({ ...uri('sip:+19005551234@10.0.0.1'), method })).toMatchObject({
        code: 'target_not_allowed',
      });
    }
  });

  it('and neither do prefixes the configuration adds', () => {
    const bench = new RoutingBench({ more: 'policy: { deny: { prefixes: [ "+4470", "0123" ] } }' });
    for (const text of ['+447012345678', '00447012345678', '0123456'])
      expect(bench.problem(number(text)).code).toBe('target_not_allowed');
    expect(bench.problem(uri('sip:447012345678@10.0.0.1')).code).toBe('target_not_allowed');
    expect(bench.route(number('+442079460958')).ok).toBe(true);
  });
});

describe('countries', () => {
  const bench = new RoutingBench({ more: 'policy: { allow: { countries: [ US ] } }' });

  it.each([
    [number('+16125550123'), true],
    [number('16125550123'), true],
    [number('+442079460958'), false],
    [number('01144207946095'), false],
    [number('7001'), false],
    [uri('sip:+442079460958@10.0.0.1'), false],
    [uri('sip:+442079460958@10.0.0.1:9999'), false],
    [uri('sip:+16125550123@10.0.0.1'), true],
    // Not a network of phone numbers: somebody's own numbering.
    [uri('sip:442079460958@10.0.0.9'), true],
    [uri('sip:bob@10.0.0.1'), true],
  ])('%j: %s', (command, allowed) => expect(bench.route(command).ok).toBe(allowed));

  it('premium numbers as people of these countries dial them are known', () => {
    const french = new RoutingBench({ more: 'policy: { allow: { countries: [ FR ] } }' });
    expect(french.problem(number('0891234567')).detail).toContain('premium');
    expect(french.problem(uri('sip:0891234567@10.0.0.1')).detail).toContain('premium');
  });

  it('the refusal names the key and the way out', () => {
    expect(bench.problem(number('+442079460958')).detail).toBe(
      'the number belongs to none of policy.allow.countries (US); write it with + and country code, or add its country',
    );
  });
});

describe('hosts', () => {
  const names = `targets:
  queues: { q: { members: [ "sip:a@10.1.0.1" ], overflow: { sipUri: "sip:o@10.1.0.2" } } }
  extensions: { x: { sipUri: "x@10.1.0.3" } }
`;
  it('without policy.allow.hosts, those the configuration names', () => {
    const bench = new RoutingBench({
      more: `  closed: { match: { did: [ "9" ] }, redirect: { sipUri: "sip:r@10.1.0.4" } }\n${names}`,
    });
    for (const host of ['10.0.0.1', '10.0.0.9', '10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4'])
      expect(bench.route(uri(`sip:bob@${host}`)).ok, host).toBe(true);
    expect(bench.problem(uri('sip:bob@10.1.0.5')).code).toBe('target_not_allowed');
  });

  it('with it, those it lists, in any case and IPv6 too', () => {
    const bench = new RoutingBench({ more: 'policy: { allow: { hosts: [ GW.example, "[2001:DB8::1]" ] } }' });
    for (const host of ['gw.EXAMPLE', '[2001:db8::1]:5070'])
      expect(bench.route(uri(`sip:bob@${host}`)).ok, host).toBe(true);
    expect(bench.problem(uri('sip:bob@10.0.0.1')).detail).toContain('add it to policy.allow.hosts');
  });
});

describe('maddr', () => {
  const URIS = [
    'sip:bob@10.0.0.1;maddr=10.9.9.9',
    'sip:bob@10.0.0.9;x=1;MADDR=10.0.0.9',
    'sip:b@10.0.0.9;m%61ddr=h',
  ];

  it.each(URIS)('does not lead past the host policy in %s', (text) => {
    for (const method of ['invite', 'refer', 'bye'] as const)
      for (const via of [{}, { via: 'line' }])
        expect(new RoutingBench().problem({ ...uri(text), method, ...via })).toMatchObject({
          code: 'target_not_allowed',
          detail: expect.stringContaining('maddr') as string,
          refused: { outcome: 'forbidden' },
        });
  });

  it('is a name like any other in a user part', () => {
    expect(new RoutingBench().route(uri('sip:bob;maddr=x@10.0.0.9')).ok).toBe(true);
  });
});

describe("the caller's number on a trunk that registers", () => {
  const registering = 'register: true, auth: { username: u, password: p }, callerId: ';

  it.each([
    ['{ policy: bot }', undefined, true],
    ['{ policy: bot }', { policy: 'anonymous' }, true],
    ['{ policy: bot }', { policy: 'fixed', number: '+16125550142' }, false],
    ['{ policy: bot }', { policy: 'fixed', number: '+1 800 555 0100' }, true],
    ['{ policy: bot }', { policy: 'fixed' }, true],
    ['{ policy: bot, number: "+1 612 555 0142" }', { policy: 'fixed', number: '16125550142' }, true],
    ['{ policy: bot, number: "+16125550142" }', { policy: 'fixed', number: '+16125550143' }, false],
    ['{ policy: bot, number: "+16125550142" }', { policy: 'fixed', number: '18005550100' }, false],
    ['{ policy: fixed, number: "+16125550142" }', undefined, true],
    ['{ policy: bot, allowForeignCallerId: true }', { policy: 'fixed', number: '+16125550143' }, true],
    ['{ policy: bot }', { policy: 'caller' }, false],
    ['{ policy: bot, allowForeignCallerId: true }', { policy: 'caller' }, true],
    ['{ policy: caller, allowForeignCallerId: true }', undefined, true],
  ] as const)('trunk %s, command %j: %s', (carrier, callerId, allowed) => {
    const bench = new RoutingBench({ carrier: registering + carrier });
    expect(bench.route({ ...number('1'), ...(callerId && { callerId }) }).ok).toBe(allowed);
  });

  it('the refusal names the way out', () => {
    const bench = new RoutingBench({ carrier: `${registering}{ policy: bot }` });
    expect(bench.problem({ ...number('1'), callerId: { policy: 'caller' } })).toMatchObject({
      code: 'caller_id_not_allowed',
      path: 'callerId.policy',
      detail: expect.stringContaining('trunks.carrier.callerId.allowForeignCallerId: true') as string,
      refused: { outcome: 'forbidden' },
    });
    const foreign = { policy: 'fixed', number: '+16125550142' } as const;
    expect(bench.problem({ ...number('1'), callerId: foreign })).toMatchObject({
      code: 'caller_id_not_allowed',
      path: 'callerId.number',
      detail: expect.stringContaining('trunks.carrier.callerId.number') as string,
      refused: { outcome: 'forbidden' },
    });
  });
});

describe('the header budget', () => {
  const headers = (n: number) => Array.from({ length: n }, (_, i) => [`X-${i}`, 'ü'] as const);

  it.each([
    ['count: 2', { headers: headers(2) }, true],
    ['count: 2', { headers: headers(3) }, false],
    ['count: 2', { headers: headers(2), userToUser: { data: '00', encoding: 'hex' } }, false],
    // `X-0: ü` and CRLF are nine bytes.
    ['bytes: 18', { headers: headers(2) }, true],
    ['bytes: 17', { headers: headers(2) }, false],
  ] as const)('%s, %j: %s', (budget, command, fits) => {
    const bench = new RoutingBench({ carrier: `headerBudget: { ${budget} }` });
    for (const method of ['invite', 'refer', 'bye'] as const)
      expect(bench.route({ ...number('1'), ...command, method }).ok, method).toBe(fits);
  });

  it('names trunk, count and limit', () => {
    const bench = new RoutingBench({ carrier: 'headerBudget: { count: 1, bytes: 100 }' });
    expect(bench.problem({ ...number('1'), headers: headers(2) })).toEqual({
      code: 'header_budget',
      path: 'headers',
      detail: '2 headers of 18 bytes; trunk "carrier" takes 1 of 100 (trunks.carrier.headerBudget)',
      refused: null,
    });
  });

  it('usually takes all that a command may carry', () => {
    const most = Array.from(
      { length: 32 },
      (_, i) => [`X-${'n'.repeat(60)}${i + 10}`, 'v'.repeat(1024)] as const,
    );
    const command = {
      ...number('1'),
      headers: most,
      userToUser: { data: '00'.repeat(505), encoding: 'hex' },
    } as const;
    expect(new RoutingBench().route(command).ok).toBe(true);
  });
});

describe('any text', () => {
  const parts = fc.constantFrom(
    ...[
      'sip:',
      'tel:',
      'bob',
      '@',
      '10.0.0.1',
      '10.0.0.9',
      ':5080',
      ';x=1',
      '?X-A=1',
      '+1900',
      '5551234',
      '%0d%0a',
    ],
    ...['\r', '\n', '\0', '>', '<', '"', ',', ' '],
  );
  const text = fc.array(parts, { maxLength: 8 }).map((found) => found.join(''));

  it('of a target becomes a plan whose addresses stay on their line, or a problem', () => {
    const bench = new RoutingBench({ carrier: 'transfer: { headersIn: referTo }' });
    const method = fc.constantFrom('invite', 'refer', 'bye');
    const target = fc.oneof(
      text.map((phoneNumber) => ({ phoneNumber })),
      text.map((sipUri) => ({ sipUri })),
      text.map((queue) => ({ queue })),
      text.map((extension) => ({ extension })),
    );
    fc.assert(
      fc.property(target, method, (wanted, how) => {
        const routed = bench.route({ targets: [wanted], method: how, replaces: 'a;to-tag=1;from-tag=2' });
        if (!routed.ok) return true;
        const wire = routed.value.targets[0].ways.map((way) => {
          if (way.method === 'refer') return /^<[^<>\r\n\0"]+>$/.test(way.referTo);
          if (way.method === 'bye') return !/[\r\n\0]/.test(way.headers.flat().join(''));
          return way.branches.every(({ uri: address }) => /^sips?:[^<>\r\n\0" ]+$/.test(address));
        });
        return wire.every(Boolean);
      }),
      { numRuns: 20_000 },
    );
  });
});
