import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLER_ID_RECIPES } from '../../src/domain/caller-id-recipes.js';
import { botTarget } from '../../src/domain/routing/bot-target.js';
import { shownIdentity, type Showing } from '../../src/domain/routing/identity.js';
import { CALLER, channelOf, invite, RoutingBench } from '../support/routing-bench.js';

const TARGET = 'sip:+16125550123@10.0.0.1:5080';
const trunkWith = (callerId: string) => {
  const trunk = new RoutingBench({ carrier: `callerId: { ${callerId} }` }).settings.trunks.get('carrier');
  return trunk ?? null;
};
const show = (policy: Showing['policy'], callerId = '', caller = CALLER) =>
  shownIdentity({ policy, number: null }, caller, trunkWith(callerId), TARGET);

const ANONYMOUS = { user: 'anonymous', display: 'Anonymous', host: 'anonymous.invalid' };

describe('From', () => {
  it.each([
    ['caller', '', { user: '+16125550199', display: 'Ann', host: null }],
    ['bot', '', { user: '18005550100', display: null, host: null }],
    ['fixed', 'number: "+16125550142"', { user: '+16125550142', display: null, host: null }],
    ['fixed', '', { user: '18005550100', display: null, host: null }],
    ['anonymous', '', ANONYMOUS],
    [
      'caller',
      'recipe: business, number: "+16125550142"',
      { user: '+16125550142', display: null, host: '10.0.0.1' },
    ],
    ['anonymous', 'recipe: business', ANONYMOUS],
  ] as const)('%s with { %s }', (policy, callerId, from) => {
    expect(show(policy, callerId).from).toEqual(from);
  });

  it('a caller without a number has none here either', () => {
    expect(show('caller', '', { user: '', display: null, dialled: '', hidden: false }).from).toEqual({
      user: null,
      display: null,
      host: null,
    });
  });

  it('who calls anonymously stays so', () => {
    const hidden = { ...CALLER, user: 'Anonymous', display: 'Ann' };
    const { from, headers, callersOwn } = show('caller', 'recipe: pai', hidden);
    expect([from, headers, callersOwn]).toEqual([ANONYMOUS, [['Privacy', 'id']], false]);
    expect(show('bot', '', hidden).from.user).toBe('18005550100');
  });

  it('who asks for privacy stays hidden, whatever is shown instead', () => {
    const hidden = { ...CALLER, hidden: true };
    const asserted = ['P-Asserted-Identity', '<sip:+16125550199@10.0.0.1>'];
    expect(show('caller', 'recipe: paiAlways', hidden)).toEqual({
      from: ANONYMOUS,
      headers: [asserted, ['Privacy', 'id']],
      callersOwn: false,
    });
    for (const recipe of ['plain', 'pai', 'ppi', 'remotePartyId', 'business', 'paiDiversion', 'historyInfo'])
      expect(JSON.stringify(show('caller', `recipe: ${recipe}`, hidden)), recipe).not.toMatch(
        /6125550199|Ann/,
      );
    const instead = show('bot', 'recipe: paiAlways', hidden);
    expect(instead).toMatchObject({ from: { user: '18005550100', display: null }, headers: [] });
  });

  it('who asks for privacy gets no second try with another number', () => {
    const bench = new RoutingBench();
    bench.caller = { ...CALLER, hidden: true };
    const ways = bench.ways({ targets: [{ phoneNumber: '+16125550123' }] });
    expect(ways).toHaveLength(1);
    expect(invite(ways[0]).branches[0]).toMatchObject({ from: ANONYMOUS, headers: [['Privacy', 'id']] });
  });

  it('a recipe that makes an empty user part is no address: the shown number stands instead', () => {
    const recipe = 'recipe: { From: "<sip:@{host}>" }';
    expect(show('caller', recipe).from).toEqual({ user: '+16125550199', display: 'Ann', host: null });
  });
});

describe("the bot's leg", () => {
  const { settings } = new RoutingBench();
  const bot = { kind: 'sip', uri: 'sip:10.0.0.9' } as const;
  const leg = (caller: Partial<typeof CALLER>) =>
    botTarget(channelOf(settings), bot, { ...CALLER, ...caller }, 'call_c');

  it('sees who calls, and that it is a secret', () => {
    const open = [
      ['X-Switchhook-Call', 'call_c'],
      ['X-Switchhook-Channel', 'line'],
    ];
    const from = { user: '+16125550199', display: 'Ann', host: null };
    expect(leg({})).toMatchObject({ from, headers: open });
    expect(leg({ hidden: true })).toMatchObject({ from, headers: [...open, ['Privacy', 'id']] });
  });

  it('a caller without a number has none here either', () => {
    expect(leg({ user: '', display: null }).from).toEqual({ user: null, display: null, host: null });
  });
});

describe('built-in recipes', () => {
  const PAI = ['P-Asserted-Identity', '"Ann" <sip:+16125550199@10.0.0.1>'];
  const DIVERSION = ['Diversion', '<sip:18005550100@10.0.0.1>;reason=unconditional;counter=1;privacy=off'];
  const HISTORY = [
    'History-Info',
    `<sip:18005550100@10.0.0.1>;index=1, <${TARGET};cause=302>;index=1.1;mp=1`,
  ];
  const PRIVACY = ['Privacy', 'id'];

  it.each([
    ['plain', [], [PRIVACY]],
    ['pai', [PAI], [PRIVACY]],
    ['paiAlways', [PAI], [['P-Asserted-Identity', '<sip:+16125550199@10.0.0.1>'], PRIVACY]],
    ['ppi', [['P-Preferred-Identity', PAI[1]]], [PRIVACY]],
    ['remotePartyId', [['Remote-Party-ID', `${PAI[1]};party=calling;screen=yes`]], [PRIVACY]],
    ['diversion', [DIVERSION], [DIVERSION, PRIVACY]],
    ['paiDiversion', [PAI, DIVERSION], [DIVERSION, PRIVACY]],
    ['historyInfo', [HISTORY], [HISTORY, PRIVACY]],
    ['business', [PAI], [PRIVACY]],
  ])('%s', (recipe, known, anonymous) => {
    expect(show('caller', `recipe: ${recipe}`).headers).toEqual(known);
    expect(show('anonymous', `recipe: ${recipe}`).headers).toEqual(anonymous);
  });

  it('are all in the table above', () => {
    expect(Object.keys(CALLER_ID_RECIPES)).toHaveLength(9);
  });
});

describe('own recipes', () => {
  it('fill every placeholder', () => {
    const recipe = 'recipe: { X-All: "{shown}|{name}|{caller}|{dialled}|{business}|{host}|{target}" }';
    expect(show('bot', `${recipe}, number: "+16125550142"`).headers).toEqual([
      ['X-All', `18005550100||+16125550199|18005550100|+16125550142|10.0.0.1|${TARGET}`],
    ]);
  });

  it('a user part is escaped, a name quoted', () => {
    const caller = { user: 'ann <x>', display: 'A "B" \\', dialled: '1', hidden: false };
    expect(show('caller', 'recipe: pai', caller).headers).toEqual([
      ['P-Asserted-Identity', '"A \\"B\\" \\\\" <sip:ann%20%3Cx%3E@10.0.0.1>'],
    ]);
  });

  it('a header that would need what is not there is left out', () => {
    const nameless = { user: '', display: null, dialled: '1', hidden: false };
    expect(show('caller', 'recipe: paiDiversion', nameless).headers.map(([name]) => name)).toEqual([
      'Diversion',
    ]);
  });

  it('a command may not write what the recipe writes', () => {
    const bench = new RoutingBench({ carrier: 'callerId: { recipe: remotePartyId }' });
    const targets = [{ phoneNumber: '+16125550123' }] as const;
    expect(bench.problem({ targets, headers: [['remote-party-id', 'x']] })).toMatchObject({
      code: 'invalid_field',
      path: 'headers.remote-party-id',
      detail: 'callerId.recipe of trunk "carrier" writes this header itself',
      refused: null,
    });
  });

  it('the second try after a 403 shows the business number everywhere', () => {
    const bench = new RoutingBench({ carrier: 'callerId: { recipe: paiDiversion, number: "+16125550142" }' });
    const ways = bench.ways({ targets: [{ phoneNumber: '+16125550123' }] });
    expect(invite(ways[1])).toMatchObject({
      after: 'caller_id_refused',
      branches: [
        {
          from: { user: '+16125550142', display: null },
          headers: [
            ['P-Asserted-Identity', '<sip:+16125550142@10.0.0.1>'],
            ['Diversion', '<sip:+16125550142@10.0.0.1>;reason=unconditional;counter=1;privacy=off'],
          ],
        },
      ],
    });
  });
});

describe('whatever a caller calls itself', () => {
  const trunks = Object.keys(CALLER_ID_RECIPES).map((name) => trunkWith(`recipe: ${name}`));
  const nasty = fc.string({
    unit: fc.constantFrom(
      'a',
      '1',
      '+',
      '"',
      '\\',
      '<',
      '>',
      '@',
      ';',
      '\r',
      '\n',
      '\0',
      '%',
      'ü',
      '\ud800',
      ' ',
    ),
  });

  it('every header stays on its line, and inside its quotes and brackets', () => {
    const policy = fc.constantFrom<Showing['policy']>('caller', 'bot', 'fixed', 'anonymous');
    fc.assert(
      fc.property(nasty, nasty, nasty, policy, fc.boolean(), (user, display, dialled, how, hidden) =>
        trunks.every((trunk) => {
          const { headers } = shownIdentity(
            { policy: how, number: null },
            { user, display, dialled, hidden },
            trunk,
            TARGET,
          );
          return headers.every(([, value]) => isSound(value));
        }),
      ),
      { numRuns: 3000 },
    );
  });
});

/** Quoted strings taken out, what is left has no line end, and brackets in pairs. */
function isSound(value: string): boolean {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"/g, '');
  return !/[\r\n\0"]/.test(bare) && /^(?:[^<>]|<[^<>]*>)*$/.test(bare);
}
