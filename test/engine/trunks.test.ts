import { expect, it } from 'vitest';
import { FakeMetrics } from '../support/fake-metrics.js';
import type { Settings } from '../../src/domain/settings.js';
import type { Log } from '../../src/ports/log.js';
import type { TrunkState, TrunkWatch } from '../../src/ports/trunk-watch.js';
import { Trunks } from '../../src/engine/trunks.js';

const UNKNOWN: TrunkState = {
  trunk: 'carrier',
  registration: 'pending',
  detail: null,
  refusedWith: null,
  reachable: null,
  missed: null,
  rttMs: null,
};

function started() {
  let tell: (state: Partial<TrunkState>) => void = () => undefined;
  let stopped = 0;
  const watch: TrunkWatch = {
    watch: (_trunks, listener) => {
      tell = (state) => listener({ ...UNKNOWN, ...state });
    },
    stop: () => {
      stopped += 1;
      return Promise.resolve();
    },
  };
  const logged: [string, object, string][] = [];
  const note =
    (level: string) =>
    (fields: object, message: string): void =>
      void logged.push([level, fields, message]);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const metrics = new FakeMetrics();
  const settings: Pick<Settings, 'trunks'> = { trunks: new Map() };
  const trunks = new Trunks({ settings, watch, metrics, log });
  trunks.start();
  return {
    trunks,
    metrics,
    logged,
    stopped: () => stopped,
    tell: (state: Partial<TrunkState>) => tell(state),
  };
}

const REGISTERED = { registration: 'registered' } as const;
const PINGED = { registration: 'none' } as const;
const REFUSED = { registration: 'failed', detail: '403 Forbidden', refusedWith: 403 } as const;

it.each<[string, Partial<TrunkState>, boolean, string, string | undefined]>([
  ['not known yet', {}, true, 'degraded', 'not registered yet'],
  ['not pinged yet', PINGED, true, 'degraded', 'not known yet'],
  [
    'without a link',
    { detail: 'the SIP server is away' },
    true,
    'degraded',
    'not registered: the SIP server is away',
  ],
  ['registered', REGISTERED, true, 'up', undefined],
  ['reachable', { ...PINGED, reachable: true, rttMs: 3 }, true, 'up', undefined],
  ['registered and reachable', { ...REGISTERED, reachable: true }, true, 'up', undefined],
  ['refused', REFUSED, false, 'down', 'registration refused: 403 Forbidden; check trunks.carrier.auth'],
  [
    'refused for another reason',
    { ...REFUSED, detail: '503 Busy', refusedWith: 503 },
    false,
    'down',
    'registration refused: 503 Busy; check trunks.carrier.proxy',
  ],
  [
    'unanswered',
    { registration: 'failed', detail: 'no answer' },
    false,
    'down',
    'registration failed: no answer; check trunks.carrier.proxy',
  ],
  [
    'not renewed, and still valid',
    { ...REGISTERED, detail: 'no answer' },
    true,
    'degraded',
    'registration failed: no answer (the last one still holds); check trunks.carrier.proxy',
  ],
  [
    'registered and not reachable',
    { ...REGISTERED, reachable: false, missed: 'no answer to OPTIONS' },
    false,
    'down',
    'not reachable: no answer to OPTIONS; check trunks.carrier.proxy',
  ],
  [
    'one ping missed',
    { ...PINGED, reachable: true, missed: 'no answer to OPTIONS' },
    true,
    'degraded',
    'a ping was missed: no answer to OPTIONS; check trunks.carrier.proxy',
  ],
  [
    'refused and not reachable',
    { ...REFUSED, reachable: false, missed: 'no answer to OPTIONS' },
    false,
    'down',
    'registration refused: 403 Forbidden, not reachable: no answer to OPTIONS; check trunks.carrier.auth',
  ],
])('%s', (_what, state, up, word, detail) => {
  const { trunks, metrics, tell } = started();
  tell(state);
  expect(trunks.trunkUp('carrier')).toBe(up);
  expect(trunks.rows()).toEqual({ 'trunk:carrier': word });
  expect(trunks.details()).toEqual(detail === undefined ? {} : { 'trunk:carrier': detail });
  expect(metrics.told).toEqual([`trunkChanged(carrier, ${up})`]);
});

it('a trunk nobody watches is up and has no row', () => {
  const { trunks } = started();
  expect(trunks.trunkUp('quiet')).toBe(true);
  expect(trunks.rows()).toEqual({});
});

it('writes a line for each change, a warning when something is wrong', () => {
  const { logged, tell } = started();
  tell({});
  tell(REGISTERED);
  tell(REFUSED);
  tell(REGISTERED);
  expect(logged.map(([level, , message]) => `${level}: ${message}`)).toEqual([
    'info: trunk is watched',
    'info: trunk is up',
    'warn: trunk is not well',
    'info: trunk is up',
  ]);
  expect(logged[2]?.[1]).toMatchObject({
    trunk: 'carrier',
    detail: expect.stringContaining('403') as string,
  });
});

it('stop takes the registrations back', async () => {
  const { trunks, stopped } = started();
  await trunks.stop();
  expect(stopped()).toBe(1);
});
