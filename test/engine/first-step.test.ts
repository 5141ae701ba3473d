import { describe, expect, it } from 'vitest';
import { createMemoryPlaces } from '../../src/adapters/memory/places.js';
import { callId } from '../../src/domain/ids.js';
import { firstStep } from '../../src/engine/first-step.js';
import { Planner } from '../../src/engine/planner.js';
import { FakeClock } from '../support/fake-clock.js';
import { noMetrics } from '../support/fake-metrics.js';
import { CALLER, channelOf, settingsOf } from '../support/routing-bench.js';

/** What a caller of a trunk with this map is answered at once, as `code reason`. */
function answered(statusMap: string, channel: string): string {
  const settings = settingsOf(`
trunks:
  carrier: { allow: [ "::1" ], proxy: "sip:10.0.0.1", ${statusMap} }
channels:
  line: { match: { trunk: carrier, did: [ "7*" ] }, trunk: carrier, ${channel} }`);
  const clock = new FakeClock();
  const places = createMemoryPlaces({ trunks: settings.trunks, clock, metrics: noMetrics });
  const parts = { settings, clock, places, random: { next: () => 0, uuid: () => 'u' } };
  const id = callId('c');
  const asking = { callId: id, channel: channelOf(settings), caller: CALLER, trunk: 'carrier' };
  const requestUri = { user: '7-what', host: '10.0.0.7', text: 'sip:7-what@10.0.0.7' };
  const place = { sdpSeed: 1, host: '10.0.0.7', statusMap: settings.trunks.get('carrier')?.statusMap ?? {} };
  const planner = new Planner(parts, () => true);
  const step = firstStep(planner, settings, asking, { sdp: null, requestUri, customHeaders: [] }, place);
  const [reject] = step.effects.filter((effect) => effect.type === 'reject');
  if (reject?.type !== 'reject') throw new Error('not answered');
  return `${reject.code} ${reject.reason}`;
}

const REFUSE = 'refuse: { code: 603, reason: "Closed today" }';
/** Nothing a 302 could name. */
const NOWHERE = 'redirect: { phoneNumber: "+19005550100" }';
const ROUTE = 'route: requestUri';

describe('who is turned away', () => {
  it("is told what the channel says, or in the trunk's own code", () => {
    expect(answered('', REFUSE)).toBe('603 Closed today');
    expect(answered('statusMap: { 486: 480 }', REFUSE)).toBe('603 Closed today');
    expect(answered('statusMap: { 603: 486 }', REFUSE)).toBe('486 Busy Here');
  });

  it("is told in the trunk's own code that a redirection leads nowhere", () => {
    expect(answered('', NOWHERE)).toBe('404 Not Found');
    expect(answered('statusMap: { 404: 480 }', NOWHERE)).toBe('480 Temporarily Unavailable');
  });

  it("is told in the trunk's own code that a route leads nowhere", () => {
    expect(answered('', ROUTE)).toBe('404 Not Found');
    expect(answered('statusMap: { 404: 699 }', ROUTE)).toBe('699 Failed');
  });
});
