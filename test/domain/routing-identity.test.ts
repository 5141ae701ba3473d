import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLER_ID_RECIPES } from '../../src/domain/caller-id-recipes.js';
import { shownIdentity, type Showing } from '../../src/domain/routing/identity.js';
import { CALLER, invite, RoutingBench } from '../support/routing-bench.js';

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
    expect(show('caller', '', { user: '', display: null, dialled: '' }).from).toEqual({
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
    const caller = { user: 'ann <x>', display: 'A "B" \\', dialled: '1' };
    expect(show('caller', 'recipe: pai', caller).headers).toEqual([
      ['P-Asserted-Identity', '"A \\"B\\" \\\\" <sip:ann%20%3Cx%3E@10.0.0.1>'],
    ]);
  });

  it('a header that would need what is not there is left out', () => {
    const nameless = { user: '', display: null, dialled: '1' };
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
      fc.property(nasty, nasty, nasty, policy, (user, display, dialled, how) =>
        trunks.every((trunk) => {
          const { headers } = shownIdentity(
            { policy: how, number: null },
            { user, display, dialled },
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
