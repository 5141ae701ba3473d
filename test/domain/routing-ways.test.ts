import { describe, expect, it } from 'vitest';
import { bye, invite, refer, RoutingBench, shape } from '../support/routing-bench.js';

const NUMBER = { phoneNumber: '+16125550123' } as const;
const AGENT = { sipUri: 'sip:bob@10.0.0.9:5070' } as const;

describe('INVITE', () => {
  it('a number goes through the trunk, once more with the business number, then over the failover trunks', () => {
    const bench = new RoutingBench({
      carrier: 'failover: [ second, third ], auth: { username: u, password: p }',
      trunks: `  second: { allow: [ "::1" ], proxy: "sip:10.0.0.2", numberFormat: plainE164 }
  third: { allow: [ "::1" ], proxy: "sip:10.0.0.3", numberFormat: national(US) }`,
    });
    const ways = bench.ways({ targets: [NUMBER] });
    expect(shape(ways)).toEqual([
      'invite carrier first sip:+16125550123@10.0.0.1:5080',
      'invite carrier caller_id_refused sip:+16125550123@10.0.0.1:5080',
      'invite second trunk_failed sip:16125550123@10.0.0.2',
      'invite third trunk_failed sip:6125550123@10.0.0.3',
    ]);
    expect(invite(ways[0]).branches[0]).toEqual({
      label: '+16125550123',
      uri: 'sip:+16125550123@10.0.0.1:5080',
      route: null,
      trunk: 'carrier',
      from: { user: '+16125550199', display: 'Ann', host: null },
      headers: [],
      postDial: null,
      auth: { username: 'u', password: 'p' },
    });
    expect(invite(ways[1]).branches[0].from).toEqual({ user: '18005550100', display: null, host: null });
    expect(invite(ways[2]).branches[0].auth).toBeNull();
  });

  it('a trunk that is down goes last, and what is tried first has no reason', () => {
    const bench = new RoutingBench({
      carrier: 'failover: [ second ]',
      trunks: '  second: { allow: [ "::1" ], proxy: "sip:10.0.0.2" }',
    });
    bench.knowledge = { ...bench.knowledge, trunkUp: (trunk) => trunk !== 'carrier' };
    expect(shape(bench.ways({ targets: [NUMBER] }))).toEqual([
      'invite second first sip:+16125550123@10.0.0.2',
      'invite second caller_id_refused sip:+16125550123@10.0.0.2',
      'invite carrier trunk_failed sip:+16125550123@10.0.0.1:5080',
    ]);
    bench.knowledge = { ...bench.knowledge, trunkUp: () => false };
    expect(bench.ways({ targets: [NUMBER] })[0]?.trunk).toBe('carrier');
  });

  it.each([
    ['the shown number is the business number anyway', 'callerId: { number: "+1 612 555 0199" }', {}],
    ['another number is shown', 'callerId: { policy: bot }', {}],
    ['nothing is shown', 'callerId: { policy: anonymous }', {}],
    ['the command says what is shown', '', { callerId: { policy: 'fixed', number: '+16125550142' } }],
  ] as const)('no second try when %s', (_why, carrier, command) => {
    expect(shape(new RoutingBench({ carrier }).ways({ targets: [NUMBER], ...command }))).toHaveLength(1);
  });

  it('no second try when what was dialled is no number', () => {
    const bench = new RoutingBench();
    bench.caller = { ...bench.caller, dialled: 'support' };
    expect(bench.ways({ targets: [NUMBER] })).toHaveLength(1);
  });

  it('a failover trunk that cannot take the call is left out', () => {
    const bench = new RoutingBench({
      carrier: 'failover: [ second ], transfer: { dtmfInfo: true }',
      trunks: '  second: { allow: [ "::1" ], proxy: "sip:10.0.0.2", headerBudget: { count: 0 } }',
    });
    const trunks = (command: object) => [
      ...new Set(bench.ways({ targets: [NUMBER], ...command }).map((way) => way.trunk)),
    ];
    expect(trunks({})).toEqual(['carrier', 'second']);
    expect(trunks({ headers: [['X-A', '1']] })).toEqual(['carrier']);
    expect(trunks({ targets: [{ ...NUMBER, postDial: '1' }] })).toEqual(['carrier']);
    bench.knowledge = { ...bench.knowledge, trunkUp: (trunk) => trunk !== 'carrier' };
    expect(trunks({})).toEqual(['second', 'carrier']);
    expect(trunks({ headers: [['X-A', '1']] })).toEqual(['carrier']);
  });

  it('a SIP URI goes to its own host, or through the trunk that `via` names', () => {
    const bench = new RoutingBench({
      trunks: '  second: { allow: [ "::1" ], proxy: "sip:10.0.0.2;transport=tcp" }',
      more: '  other: { trunk: second, bot: { kind: sip, uri: "sip:10.0.0.9" } }',
    });
    expect(shape(bench.ways({ targets: [AGENT] }))).toEqual(['invite - first sip:bob@10.0.0.9:5070']);
    expect(bench.plan({ targets: [{ sipUri: 'bob@10.0.0.9' }] }).targets[0]).toMatchObject({
      label: 'bob@10.0.0.9',
      ways: [{ branches: [{ label: 'bob@10.0.0.9', uri: 'sip:bob@10.0.0.9' }] }],
    });
    expect(shape(bench.ways({ targets: [{ sipUri: 'sip:bob@10.0.0.1:5080' }] }))[0]).toBe(
      'invite carrier first sip:bob@10.0.0.1:5080',
    );
    const way = invite(bench.ways({ targets: [AGENT], via: 'other' })[0]);
    expect([way.trunk, way.branches[0].route]).toEqual(['second', 'sip:10.0.0.2;transport=tcp']);
    expect(shape(bench.ways({ targets: [NUMBER], via: 'other' }))[0]).toBe(
      'invite second first sip:+16125550123@10.0.0.2;transport=tcp',
    );
  });

  it("of several trunks to one carrier, a URI there goes out by the channel's own", () => {
    const bench = new RoutingBench({
      trunks:
        '  second: { allow: [ "::2" ], proxy: "sip:10.0.0.1:5080", auth: { username: u2, password: p2 } }',
      more: `  two: { trunk: second, bot: { kind: sip, uri: "sip:10.0.0.9" } }
  none: { bot: { kind: sip, uri: "sip:10.0.0.9" } }`,
    });
    const trunkFor = (channel: string) =>
      bench.plan({ targets: [{ sipUri: 'sip:bob@10.0.0.1:5080' }] }, channel).targets[0].ways[0].trunk;
    expect(['line', 'two', 'none'].map(trunkFor)).toEqual(['carrier', 'second', 'carrier']);
  });

  it.each([
    ['sips:10.0.0.2', 'sips:bob@10.0.0.2', true],
    ['sips:10.0.0.2', 'sips:bob@10.0.0.2:5061', true],
    ['sips:10.0.0.2', 'sip:bob@10.0.0.2;transport=TLS', true],
    ['sips:10.0.0.2', 'sip:bob@10.0.0.2', false],
    ['sip:10.0.0.2', 'sip:bob@10.0.0.2:5060', true],
    ['sip:10.0.0.2', 'sips:bob@10.0.0.2', false],
  ])('a trunk at %s, %s: %s', (proxy, sipUri, belongs) => {
    const bench = new RoutingBench({ trunks: `  second: { allow: [ "::2" ], proxy: "${proxy}" }` });
    expect(bench.ways({ targets: [{ sipUri }] })[0]?.trunk).toBe(belongs ? 'second' : null);
  });

  it('tel: is a number', () => {
    expect(shape(new RoutingBench().ways({ targets: [{ sipUri: 'tel:+1-612-555-0123' }] }))[0]).toBe(
      'invite carrier first sip:+16125550123@10.0.0.1:5080',
    );
  });

  it('carries custom headers, User-to-User, Replaces and Referred-By', () => {
    const way = new RoutingBench().ways({
      targets: [NUMBER],
      headers: [['callReason', 'support']],
      userToUser: { data: 'hi', encoding: 'text' },
      replaces: 'abc;to-tag=1;from-tag=2',
      referredBy: '<sip:agent@10.0.0.9>',
    })[0];
    expect(invite(way).branches[0].headers).toEqual([
      ['callReason', 'support'],
      ['User-to-User', '6869;encoding=hex'],
      ['Replaces', 'abc;to-tag=1;from-tag=2'],
      ['Require', 'replaces'],
      ['Referred-By', '<sip:agent@10.0.0.9>'],
    ]);
  });

  it('digits after the answer need a trunk that takes them', () => {
    const able = new RoutingBench({ carrier: 'transfer: { dtmfInfo: true }' });
    const target = { ...NUMBER, postDial: 'ww12#' };
    expect(invite(able.ways({ targets: [target] })[0]).branches[0].postDial).toBe('ww12#');
    expect(new RoutingBench().problem({ targets: [target] })).toMatchObject({
      code: 'not_supported',
      path: 'target.phoneNumber',
      detail: expect.stringContaining('trunks.carrier.transfer.dtmfInfo') as string,
      refused: { outcome: 'not_supported' },
    });
    expect(able.problem({ targets: [{ ...AGENT, postDial: '1' }] }).detail).toContain(
      'transfer.dtmfInfo of a trunk',
    );
  });
});

describe('REFER', () => {
  const bench = (carrier = '') => new RoutingBench({ carrier, trunks: '  mute: { allow: [ "::1" ] }' });
  const asked = { method: 'refer' } as const;

  it.each([
    ['', NUMBER, '<sip:+16125550123@10.0.0.1:5080>'],
    ['numberFormat: national(US)', NUMBER, '<sip:6125550123@10.0.0.1:5080>'],
    [
      'transfer: { referTo: tel }, numberFormat: e164',
      { phoneNumber: '1 612 555 0123' },
      '<tel:+16125550123>',
    ],
    ['transfer: { referTo: tel }', { phoneNumber: '7001' }, '<tel:7001>'],
    ['', { sipUri: 'sip:Bob@10.0.0.1;User=x' }, '<sip:Bob@10.0.0.1;User=x>'],
    ['', { sipUri: 'bob@10.0.0.1' }, '<sip:bob@10.0.0.1>'],
    ['', { sipUri: 'sip:bob@10.0.0.1?X-A=1%20b' }, '<sip:bob@10.0.0.1?X-A=1%20b>'],
  ])('%s %j is %s', (carrier, target, referTo) => {
    expect(shape(bench(carrier).ways({ targets: [target], ...asked }))).toEqual([
      `refer carrier first ${referTo}`,
    ]);
  });

  it('headers stand beside Refer-To, or inside its URI, escaped', () => {
    const command = {
      targets: [NUMBER],
      ...asked,
      headers: [['X-A', 'a b;"ü"']],
      userToUser: { data: '6869', encoding: 'hex' },
    } as const;
    const beside = refer(bench('auth: { username: u, password: p }').ways(command)[0]);
    expect(beside).toMatchObject({
      referTo: '<sip:+16125550123@10.0.0.1:5080>',
      headers: [
        ['X-A', 'a b;"ü"'],
        ['User-to-User', '6869;encoding=hex'],
      ],
      referredBy: null,
      auth: { username: 'u', password: 'p' },
    });
    expect(refer(bench('transfer: { headersIn: referTo }').ways(command)[0])).toMatchObject({
      referTo: '<sip:+16125550123@10.0.0.1:5080?X-A=a%20b%3B%22%C3%BC%22&User-to-User=6869%3Bencoding%3Dhex>',
      headers: [],
    });
  });

  it('Replaces goes inside, Referred-By beside', () => {
    const command = {
      targets: [AGENT],
      ...asked,
      replaces: 'a@b;to-tag=1;from-tag=2',
      referredBy: '<sip:x@y>',
    } as const;
    expect(refer(bench().ways(command)[0])).toMatchObject({
      referTo: '<sip:bob@10.0.0.9:5070?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>',
      referredBy: '<sip:x@y>',
    });
    const tel = { ...command, targets: [NUMBER] as const };
    expect(bench('transfer: { referTo: tel }').problem(tel).detail).toContain(
      'tel: URI cannot carry headers',
    );
  });

  it.each([
    ['transfer: { refer: no }', [NUMBER], 'not_supported', 'trunks.carrier.transfer.refer: no'],
    ['transfer: { dtmfInfo: true }', [{ ...NUMBER, postDial: '1' }], 'not_supported', 'postDial'],
    ['', [{ sipUri: 'sip:bob@10.0.0.1?Route=x' }], 'invalid_field', 'reserved'],
    [
      '',
      [{ sipUri: 'sip:bob@10.0.0.1?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2' }],
      'invalid_field',
      'Replaces inside the URI is reserved',
    ],
    ['', [{ sipUri: 'sip:bob@10.0.0.1?Body=v%3D0' }], 'invalid_field', 'body'],
    ['', [{ sipUri: 'sip:bob@10.0.0.1?X-A=1&x-a=2' }], 'invalid_field', 'twice'],
    [
      'headerBudget: { count: 1 }',
      [{ sipUri: 'sip:bob@10.0.0.1?X-A=1&X-B=2' }],
      'header_budget',
      '2 headers',
    ],
    ['', [{ sipUri: 'sip:bob@10.0.0.1?X-A=%0d%0aVia' }], 'invalid_field', 'malformed'],
    ['', [{ sipUri: 'sip:bob@10.9.9.9' }], 'target_not_allowed', '10.9.9.9'],
    ['', [{ phoneNumber: '+19005551234' }], 'target_not_allowed', 'premium'],
    ['transfer: { referTo: tel }', [{ phoneNumber: '+19005551234' }], 'target_not_allowed', 'premium'],
    ['numberFormat: e164', [{ phoneNumber: '7001' }], 'invalid_field', 'no number trunk "carrier" can dial'],
  ] as const)('refuses %s %j', (carrier, targets, code, words) => {
    const problem = bench(carrier).problem({ targets, ...asked });
    expect(problem.code).toBe(code);
    expect(problem.detail).toContain(words);
  });

  it('headers of the command count with those inside the URI', () => {
    const command = {
      targets: [{ sipUri: 'sip:bob?x@10.0.0.1?X-A=1' }],
      ...asked,
      headers: [['X-B', '2']],
    } as const;
    const inside = 'transfer: { headersIn: referTo }';
    expect(refer(bench(inside).ways(command)[0]).referTo).toBe('<sip:bob?x@10.0.0.1?X-A=1&X-B=2>');
    expect(bench(`${inside}, headerBudget: { count: 1 }`).problem(command).code).toBe('header_budget');
    expect(bench().problem({ ...command, headers: [['x-a', '2']] }).detail).toContain('x-a is given twice');
  });

  it('a `?` in the user part begins no headers', () => {
    const command = {
      targets: [{ sipUri: 'sip:bob?x@10.0.0.1' }],
      ...asked,
      headers: [['X-B', '2']],
    } as const;
    expect(refer(bench('transfer: { headersIn: referTo }').ways(command)[0]).referTo).toBe(
      '<sip:bob?x@10.0.0.1?X-B=2>',
    );
  });

  it('cannot promise who is shown, unless that is the usual of the trunk', () => {
    const callerId = { policy: 'fixed', number: '+16125550142' } as const;
    for (const method of ['refer', 'bye'] as const) {
      expect(bench().problem({ targets: [NUMBER], method, callerId })).toMatchObject({
        code: 'not_supported',
        path: 'callerId',
        detail: expect.stringContaining('callerId') as string,
        refused: { outcome: 'not_supported' },
      });
      expect(bench('callerId: { policy: bot }').ways({ targets: [NUMBER], method })[0]?.method).toBe(method);
    }
  });

  it('a caller trunk without a proxy can refer numbers as tel: only', () => {
    const mute = bench();
    mute.knowledge = { ...mute.knowledge, callerTrunk: 'mute' };
    expect(mute.problem({ targets: [NUMBER], ...asked })).toMatchObject({ code: 'no_trunk', refused: null });
    mute.knowledge = { ...mute.knowledge, callerTrunk: 'gone' };
    expect(mute.problem({ targets: [NUMBER], ...asked })).toMatchObject({ code: 'no_trunk', path: 'method' });
  });
});

describe('auto', () => {
  it.each([
    ['yes', undefined, {}, ['refer', 'invite', 'invite']],
    ['yes', false, {}, ['refer', 'invite', 'invite']],
    ['auto', true, {}, ['refer', 'invite', 'invite']],
    ['auto', undefined, {}, ['invite', 'invite']],
    ['auto', false, {}, ['invite', 'invite']],
    ['no', true, {}, ['invite', 'invite']],
    ['yes', true, { returnToBot: true }, ['invite', 'invite']],
    ['yes', true, { via: 'line' }, ['invite', 'invite']],
    ['yes', true, { callerId: { policy: 'caller' } }, ['invite', 'invite']],
    ['yes', true, { callerId: { policy: 'bot' } }, ['invite']],
    ['yes', true, { targets: [{ ...NUMBER, postDial: '1' }] }, ['invite', 'invite']],
    ['yes', true, { targets: [{ queue: 'all' }] }, ['invite']],
    ['yes', true, { method: 'invite' }, ['invite', 'invite']],
  ] as const)('refer: %s, learned %s, %j: %j', (word, learned, command, methods) => {
    const bench = new RoutingBench({
      carrier: `transfer: { refer: ${word}, dtmfInfo: true }`,
      more: 'targets: { queues: { all: { members: [ "sip:a@10.0.0.9", "sip:b@10.0.0.9" ] } } }',
    });
    bench.knowledge = { ...bench.knowledge, takesRefer: () => learned };
    const ways = bench.ways({ targets: [NUMBER], ...command });
    expect(ways.map((way) => way.method)).toEqual(methods);
    if (methods[0] === 'refer') expect(ways[1]?.after).toBe('method_refused');
  });

  it('without a trunk to leave by, REFER alone; where REFER cannot be written, INVITE alone', () => {
    const bench = new RoutingBench({
      trunks: '  in: { allow: [ "::1" ], transfer: { refer: yes, referTo: tel } }',
      more: '  lone: { match: { trunk: in }, bot: { kind: sip, uri: "sip:10.0.0.9" } }',
    });
    bench.knowledge = { ...bench.knowledge, callerTrunk: 'in' };
    expect(shape(bench.plan({ targets: [NUMBER] }, 'lone').targets[0].ways)).toEqual([
      'refer in first <tel:+16125550123>',
    ]);
    expect(
      shape(bench.plan({ targets: [AGENT], replaces: 'a;to-tag=1;from-tag=2' }).targets[0].ways),
    ).toEqual([
      'refer in first <sip:bob@10.0.0.9:5070?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>',
      'invite - method_refused sip:bob@10.0.0.9:5070',
    ]);
    const tel = bench.plan({ targets: [NUMBER], replaces: 'a;to-tag=1;from-tag=2' }).targets[0].ways;
    expect(tel.map((way) => way.method)).toEqual(['invite', 'invite']);
  });
});

describe('BYE', () => {
  const asked = { method: 'bye', reason: 'user_request', headers: [['X-Lang', 'de']] } as const;
  const session = 'agent_transfer:t:call_c:line';

  it.each([
    [NUMBER, '+16125550123'],
    [AGENT, '<sip:bob@10.0.0.9:5070>'],
    [{ queue: 'billing' }, 'queue:billing'],
    [{ extension: '7001' }, '7001'],
  ])('%j is named %s', (target, to) => {
    const plan = new RoutingBench().plan({ targets: [target], ...asked });
    expect(plan.method).toBe('bye');
    expect(plan.targets[0].ways).toHaveLength(1);
    expect(bye(plan.targets[0].ways[0])).toMatchObject({
      trunk: 'carrier',
      headers: [
        ['X-Transfer-Session', session],
        ['X-Transfer-To', to],
        ['X-Transfer-Reason', 'user_request'],
        ['X-Lang', 'de'],
      ],
    });
  });

  it.each([
    [{ targets: [NUMBER, AGENT] }, 'one target'],
    [{ targets: [NUMBER], headers: [['x-transfer-to', '1']] }, 'method bye writes this header itself'],
    [{ targets: [{ phoneNumber: '+19005551234' }] }, 'premium'],
    [{ targets: [{ sipUri: 'sip:bob@10.9.9.9' }] }, '10.9.9.9'],
    [{ targets: [{ queue: 'a\r\nb' }] }, 'control characters'],
    [{ targets: [{ ...NUMBER, postDial: '1' }] }, 'cannot follow a BYE'],
    [{ targets: [{ extension: '7001', postDial: '1' }] }, 'cannot follow a BYE'],
    [{ targets: [{ sipUri: 'sip:bob@10.0.0.9?Route=x' }] }, 'reserved'],
    [{ targets: [{ sipUri: 'sip:bob@10.0.0.9?body=x' }] }, 'body'],
    [{ targets: [{ sipUri: 'sip:bob@10.0.0.9?x-lang=en' }] }, 'twice'],
  ] as const)('refuses %j', (command, words) => {
    expect(new RoutingBench().problem({ ...asked, ...command }).detail).toContain(words);
  });

  it('refuses an extension that stands for digits after the answer', () => {
    const bench = new RoutingBench({
      more: 'targets: { extensions: { a: { extension: b }, b: { phoneNumber: "1", postDial: "2#" } } }',
    });
    const problem = bench.problem({ ...asked, targets: [{ extension: 'a' }] });
    expect(problem).toMatchObject({ code: 'not_supported', path: 'target.postDial' });
    expect(problem.detail).toContain('cannot follow a BYE');
  });
});
