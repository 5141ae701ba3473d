import { PLAIN_SOUNDS } from './plan.js';
import { describe, expect, it } from 'vitest';
import { compileAdmission } from './admission.js';
import type { Channel, Settings, Trunk } from './settings.js';

const trunk = (name: string, ...allow: string[]): Trunk => ({
  name,
  allow,
  proxy: null,
  auth: null,
  register: false,
  pingMs: null,
  numberFormat: 'raw',
  callerId: { policy: 'caller', number: null, allowForeign: false, recipe: {} },
  transfer: { refer: 'auto', referTo: 'sip', headersIn: 'message', dtmfInfo: false },
  headerBudget: { count: 33, bytes: 36_864 },
  limits: { concurrent: null, perMinute: null, perTargetPerMinute: null },
  failover: [],
  statusMap: {},
  referFromNetwork: null,
});

const BOT: Channel['answer'] = { by: 'bot', bot: { kind: 'sip', uri: 'sip:bot' } };

const channel = (
  id: string,
  on: string | null,
  did: readonly string[],
  answer: Channel['answer'] = BOT,
): Channel => ({
  id,
  match: { trunk: on, did },
  trunk: null,
  media: 'direct',
  answer,
  events: null,
  referFromNetwork: null,
  transfer: {},
  answerTimeoutMs: 1000,
  recording: null,
});

const settings: Settings = {
  trunks: new Map(
    [
      trunk('carrier', '10.0.0.0/24'),
      trunk('ivr', '10.0.0.7', '2001:db8::/32'),
      trunk('lone', '192.0.2.1'),
    ].map((t) => [t.name, t]),
  ),
  channels: new Map(
    [
      channel('exact', null, ['18005550100']),
      channel('short', null, ['1800*']),
      channel('long', null, ['1800555*']),
      channel('ivr', 'ivr', [], { by: 'route', to: 'requestUri' }),
      channel('moved', 'carrier', ['2000'], { by: 'redirect', to: { sipUri: 'sip:x' } }),
      channel('closed', 'carrier', ['3000'], { by: 'refuse', code: 603, reason: 'Decline' }),
      channel('by-name-only', null, []),
    ].map((c) => [c.id, c]),
  ),
  targets: { queues: new Map(), extensions: new Map() },
  policy: { allowHosts: null, allowCountries: null, denyPrefixes: [], referFromNetwork: 'deny' },
  transfer: {
    method: 'auto',
    refer: { responseMs: 1, firstNotifyMs: 1, totalMs: 1, departMs: 1 },
    ringTimeoutMs: 1,
    returnToBot: false,
    onFailure: [],
    callerSilenceMs: 1,
    sounds: PLAIN_SOUNDS,
  },
};

const admit = compileAdmission(settings);

describe('where a call belongs', () => {
  it.each([
    ['10.0.0.1', '18005550100', 'exact', 'carrier'],
    ['10.0.0.1', '+18005550100', 'exact', 'carrier'],
    ['10.0.0.1', '18005550101', 'long', 'carrier'],
    ['10.0.0.1', '18001', 'short', 'carrier'],
    ['10.0.0.1', '2000', 'moved', 'carrier'],
    ['10.0.0.1', '3000', 'closed', 'carrier'],
    // Two trunks allow this address: the number decides.
    ['10.0.0.7', '18005550100', 'exact', 'carrier'],
    ['10.0.0.7', 'anything', 'ivr', 'ivr'],
    ['2001:db8::5', 'anything', 'ivr', 'ivr'],
  ])('%s dialling %s: %s by %s', (address, dialled, id, by) => {
    expect(admit(address, dialled)).toMatchObject({ kind: 'call', channel: { id }, trunk: { name: by } });
  });

  it.each([
    ['10.0.0.1', '9'],
    ['192.0.2.1', '2000'],
  ])('%s dialling %s belongs to no channel', (address, dialled) => {
    expect(admit(address, dialled).kind).toBe('noChannel');
  });

  it.each(['10.0.1.1', '192.0.2.2', '::1', 'garbage', ''])('%s is a stranger', (address) => {
    expect(admit(address, '18005550100')).toEqual({ kind: 'stranger' });
  });
});
