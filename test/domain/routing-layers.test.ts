import { describe, expect, it } from 'vitest';
import { botTarget } from '../../src/domain/routing/bot-target.js';
import { explainPlan, layersOf } from '../../src/domain/routing/layers.js';
import { planRedirect } from '../../src/domain/routing/plan-redirect.js';
import { resolveRoute } from '../../src/domain/routing/resolve-route.js';
import { CALLER, channelOf, commandOf, RoutingBench } from '../support/routing-bench.js';

const NUMBER = { targets: [{ phoneNumber: '+16125550123' }] } as const;

describe('layers', () => {
  const bench = new RoutingBench({
    carrier: 'numberFormat: e164, callerId: { policy: fixed, number: "+16125550142" }',
    channel: 'transfer: { method: invite, ringTimeoutMs: 7000, refer: { totalMs: 9000 } }',
    more: `  bare: { bot: { kind: sip, uri: "sip:10.0.0.9" } }
transfer: { method: refer, ringTimeoutMs: 8000, returnToBot: true, callerSilenceMs: 3000 }`,
  });
  const layers = (command = {}, channel = 'line') =>
    layersOf(bench.settings, channelOf(bench.settings, channel), commandOf({ ...NUMBER, ...command }));

  it.each([
    ['method', 'invite', 'channel'],
    ['ringTimeoutMs', 7000, 'channel'],
    ['returnToBot', true, 'default'],
    ['callerSilenceMs', 3000, 'default'],
    ['onFailure', [], 'default'],
    ['trunk', 'carrier', 'channel'],
    ['numberFormat', 'e164', 'trunk'],
    ['callerId', { policy: 'fixed', number: '+16125550142' }, 'trunk'],
  ] as const)('%s is %j from the %s', (field, value, layer) => {
    expect(layers()[field]).toEqual({ value, layer });
  });

  it.each([
    ['method', { method: 'bye' }, 'bye'],
    ['ringTimeoutMs', { ringTimeoutMs: 1000 }, 1000],
    ['returnToBot', { returnToBot: false }, false],
    ['onFailure', { onFailure: [] }, []],
    ['callerId', { callerId: { policy: 'bot' } }, { policy: 'bot' }],
    ['trunk', { via: 'line' }, 'carrier'],
  ] as const)('the command has the last word: %s', (field, command, value) => {
    expect(layers(command)[field]).toEqual({ value, layer: 'command' });
  });

  it('a channel that says nothing is not asked', () => {
    expect(layers({}, 'bare')).toMatchObject({
      method: { value: 'refer', layer: 'default' },
      ringTimeoutMs: { value: 8000, layer: 'default' },
      trunk: { value: null, layer: 'default' },
      numberFormat: { value: 'raw', layer: 'default' },
      callerId: { value: { policy: 'caller' }, layer: 'default' },
    });
  });

  it('the plan is made of the same values', () => {
    expect(bench.plan(NUMBER)).toMatchObject({
      method: 'invite',
      ringTimeoutMs: 7000,
      returnToBot: true,
      callerSilenceMs: 3000,
      refer: { responseMs: 15_000, totalMs: 9000 },
      otherwise: 'stay',
      reason: null,
      metadata: {},
    });
  });

  it('explainPlan lists them', () => {
    const rows = explainPlan(
      bench.settings,
      channelOf(bench.settings),
      commandOf({ ...NUMBER, method: 'bye' }),
    );
    expect(rows.map(({ field }) => field)).toEqual([
      'method',
      'trunk',
      'numberFormat',
      'callerId',
      'ringTimeoutMs',
      'returnToBot',
      'onFailure',
      'callerSilenceMs',
    ]);
    expect(rows[0]).toEqual({ field: 'method', value: 'bye', layer: 'command' });
  });
});

describe('channels without a bot', () => {
  const bench = new RoutingBench({
    carrier: 'statusMap: { 603: 486 }, headerBudget: { count: 2 }',
    trunks: '  tel: { allow: [ "::2" ], transfer: { referTo: tel } }',
    more: `  ivr: { match: { did: [ "1" ] }, trunk: carrier, route: requestUri }
  fixed: { match: { did: [ "2" ] }, route: { queue: q } }
  moved: { match: { did: [ "3" ] }, redirect: { phoneNumber: "+16125550123" } }
  spread: { match: { did: [ "4" ] }, redirect: { queue: q } }
targets:
  queues: { q: { members: [ "sip:a@10.0.0.9", "sip:b@10.0.0.9" ] }, "7001": { members: [ "sip:c@10.0.0.9" ] } }
  extensions: { "7001": { queue: q } }`,
  });
  const { settings } = bench;
  const command = (channel: string, user: string, headers: readonly (readonly [string, string])[] = []) =>
    resolveRoute(settings, channelOf(settings, channel), user, headers);

  it.each([
    ['ivr', '7001', { extension: '7001' }],
    ['ivr', 'q', { queue: 'q' }],
    ['ivr', '+16125550123', { phoneNumber: '+16125550123' }],
    // Nothing of that name: routing says so.
    ['ivr', 'nobody', { extension: 'nobody' }],
    ['fixed', '7001', { queue: 'q' }],
  ])('%s dialled as %s goes to %j', (channel, user, target) => {
    expect(command(channel, user)).toEqual({
      targets: [target],
      method: 'invite',
      returnToBot: false,
      headers: [],
      otherwise: 'end',
      metadata: {},
    });
  });

  it('X-* headers travel on, ours and broken ones do not', () => {
    const { headers } = command('ivr', 'q', [
      ['X-Lang', 'de'],
      ['x-Ticket', '7'],
      ['X-LANG', 'twice'],
      ['X-Switchhook-Call', 'forged'],
      ['x-switchhook-channel', 'forged'],
      ['Subject', 'no'],
      ['X-Bad', 'a\r\nVia: x'],
      ['X Y', 'z'],
    ]);
    expect(headers).toEqual([
      ['X-Lang', 'de'],
      ['x-Ticket', '7'],
    ]);
  });

  const redirect = (
    channel: string,
    trunk = 'carrier',
    headers: readonly (readonly [string, string])[] = [],
  ) => {
    const from = settings.trunks.get(trunk);
    if (from === undefined) throw new Error(`no trunk ${trunk}`);
    return planRedirect(settings, channelOf(settings, channel), from, headers, () => 0);
  };

  it('a 302 names what a REFER would, and gives the headers back', () => {
    expect(redirect('moved', 'carrier', [['X-Lang', 'de']])).toEqual({
      ok: true,
      value: { contacts: ['<sip:+16125550123@10.0.0.1:5080>'], headers: [['X-Lang', 'de']] },
    });
    expect(redirect('moved', 'tel')).toMatchObject({ value: { contacts: ['<tel:+16125550123>'] } });
    expect(redirect('spread')).toMatchObject({
      value: { contacts: ['<sip:a@10.0.0.9>', '<sip:b@10.0.0.9>'] },
    });
  });

  it('what cannot be said in a 302 is a problem', () => {
    const many = ['X-A', 'X-B', 'X-C'].map((name) => [name, '1'] as const);
    expect(redirect('moved', 'carrier', many)).toMatchObject({
      problem: { code: 'header_budget', refused: null },
    });
    expect(redirect('ivr')).toMatchObject({ problem: { code: 'not_supported' } });
    // As a dry run asks it: the configuration has no such channel.
    const to = { phoneNumber: '+16125550123', postDial: '1' };
    const channel = { ...channelOf(settings, 'moved'), answer: { by: 'redirect' as const, to } };
    const [carrier] = [...settings.trunks.values()];
    expect(carrier && planRedirect(settings, channel, carrier, [], () => 0)).toMatchObject({
      problem: { code: 'not_supported', detail: expect.stringContaining('cannot follow a 302') as string },
    });
  });

  it("a bot's leg carries the call and channel, and nothing of ours else", () => {
    expect(
      botTarget(channelOf(settings), { kind: 'sip', uri: 'sip:bot@10.0.0.9' }, CALLER, 'call_1'),
    ).toEqual({
      label: 'line',
      uri: 'sip:bot@10.0.0.9',
      route: null,
      trunk: null,
      from: { user: '+16125550199', display: 'Ann', host: null },
      headers: [
        ['X-Switchhook-Call', 'call_1'],
        ['X-Switchhook-Channel', 'line'],
      ],
      postDial: null,
      auth: null,
    });
  });
});
