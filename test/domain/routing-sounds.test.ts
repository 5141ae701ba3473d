import { describe, expect, it } from 'vitest';
import { PLAIN_SOUNDS } from '../../src/domain/plan.js';
import { explainPlan, layersOf } from '../../src/domain/routing/layers.js';
import { channelOf, commandOf, RoutingBench } from '../support/routing-bench.js';

const NUMBER = { targets: [{ phoneNumber: '+16125550123' }] } as const;
const MOH = '{ file: moh.wav }';

describe('sounds of a transfer', () => {
  const bench = new RoutingBench({
    channel: `media: anchored, transfer: { announce: null, confirm: { key: "5" }, returnKey: "*" }`,
    more: `  plain: { media: anchored, trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" } }
  near: { trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" } }
  web: { media: anchored, trunk: carrier, bot: { kind: webhook, url: "http://b/" } }
  routed: { media: anchored, trunk: carrier, route: requestUri }
transfer: { announce: ${MOH}, confirm: { timeoutMs: 1000 }, whisper: ${MOH} }`,
  });

  it('lie over each other key by key; null switches off what is below', () => {
    expect(bench.plan(NUMBER).sounds).toEqual({
      waiting: 'bot',
      announce: [],
      whisper: { file: 'moh.wav' },
      confirm: { key: '5', message: null, timeoutMs: 10_000 },
      warm: null,
      returnKey: '*',
    });
    const command = { ...NUMBER, sounds: { confirm: null, returnKey: '#', waiting: 'ringback' } } as const;
    expect(bench.plan(command).sounds).toMatchObject({ confirm: null, returnKey: '#', waiting: 'ringback' });
  });

  it('and digits after the answer need no INFO: they are sent in the media', () => {
    const command = { targets: [{ ...NUMBER.targets[0], postDial: '12' }] } as const;
    expect(bench.plan(command).targets[0].ways[0]).toMatchObject({ branches: [{ postDial: '12' }] });
  });

  it('are explained with the layer each came from', () => {
    const layers = layersOf(
      bench.settings,
      channelOf(bench.settings),
      commandOf({ ...NUMBER, sounds: { whisper: null } }),
    );
    expect(layers).toMatchObject({
      waiting: { value: 'bot', layer: 'default' },
      announce: { value: [], layer: 'channel' },
      whisper: { value: null, layer: 'command' },
      confirm: { layer: 'channel' },
      warm: { value: null, layer: 'default' },
    });
    const fields = (channel: string) =>
      explainPlan(bench.settings, channelOf(bench.settings, channel), commandOf(NUMBER)).map((e) => e.field);
    expect(fields('line').slice(-6)).toEqual([
      'waiting',
      'announce',
      'whisper',
      'confirm',
      'warm',
      'returnKey',
    ]);
    expect(fields('near')).not.toContain('waiting');
  });

  it.each([
    ['plain', 'bot'],
    ['web', 'ringback'],
    ['routed', 'early'],
  ])('a caller of %s waits with %s unless somebody says otherwise', (channel, waiting) => {
    expect(bench.plan(NUMBER, channel).sounds).toMatchObject({ waiting });
    const music = { ...NUMBER, sounds: { waiting: { music: 'x.wav' } } };
    expect(bench.plan(music, channel).sounds).toMatchObject({ waiting: { music: 'x.wav' } });
  });

  it('there are none where media is direct, and a command that wants some is wrong', () => {
    expect(bench.plan(NUMBER, 'near').sounds).toBeNull();
    const routed = bench.route({ ...NUMBER, sounds: { returnKey: '*' } }, 'near');
    expect(routed).toMatchObject({
      ok: false,
      problem: {
        code: 'invalid_field',
        path: 'returnKey',
        detail:
          'needs a media server, and the media of channel "near" is direct; set media: anchored there, or leave it out',
        refused: null,
      },
    });
    const off = { ...PLAIN_SOUNDS, announce: [] };
    expect(bench.plan({ ...NUMBER, sounds: off }, 'near').sounds).toBeNull();
  });

  it.each([{ announce: [{ text: 'a' }] }, { whisper: { text: 'a' } }, { waiting: 'early' as const }])(
    'wanted where media is direct: %j',
    (sounds) => {
      const routed = bench.route({ ...NUMBER, sounds }, 'near');
      expect(!routed.ok && routed.problem.path).toBe(Object.keys(sounds)[0]);
    },
  );
});

describe('an agent that hears us is a leg of ours', () => {
  const bench = (channel: string) =>
    new RoutingBench({ carrier: 'transfer: { refer: yes }', channel: `media: anchored, ${channel}` });

  it('so auto does not give it away by REFER', () => {
    expect(bench('transfer: {}').ways(NUMBER)[0]?.method).toBe('refer');
    for (const keys of [`whisper: ${MOH}`, 'confirm: {}', 'warm: {}', 'returnKey: "*"'])
      expect(bench(`transfer: { ${keys} }`).ways(NUMBER)[0]?.method).toBe('invite');
    expect(bench(`transfer: { announce: ${MOH}, waiting: ringback }`).ways(NUMBER)[0]?.method).toBe('refer');
  });

  it.each(['refer', 'bye'] as const)('and a command that asks for both it and %s is wrong', (method) => {
    const command = { ...NUMBER, method, sounds: { confirm: { key: '1', message: null, timeoutMs: 1 } } };
    expect(bench('transfer: {}').problem(command)).toMatchObject({
      code: 'invalid_field',
      path: 'confirm',
      detail: `needs the agent on a leg of ours; use method invite, not ${method}`,
    });
    expect(bench('transfer: { confirm: {} }').plan({ ...NUMBER, method }).method).toBe(method);
  });
});

describe('music of a queue', () => {
  const queues = `targets:
  queues:
    loud: { members: [ "sip:a@10.0.0.9", "sip:b@10.0.0.9" ], strategy: sequential, music: moh.wav, overflow: { queue: quiet } }
    quiet: { members: [ "sip:c@10.0.0.9" ] }
`;
  const music = (media: string) =>
    new RoutingBench({ channel: media, more: queues })
      .plan({ targets: [{ queue: 'loud' }, { phoneNumber: '+16125550123' }] })
      .targets.map((target) => target.music);

  it('is heard while its own members ring, and where we can be heard', () => {
    expect(music('media: anchored')).toEqual(['moh.wav', 'moh.wav', undefined, undefined]);
    expect(music('media: direct')).toEqual([undefined, undefined, undefined, undefined]);
  });
});
