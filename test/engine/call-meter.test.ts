import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/domain/call.js';
import type { Effect } from '../../src/domain/effect.js';
import { asTransferId } from '../../src/domain/ids.js';
import { CallScript, PORT, sdp } from '../support/call-script.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakeMetrics } from '../support/fake-metrics.js';
import { CallMeter } from '../../src/engine/call-meter.js';

class SilenceMetrics extends FakeMetrics {
  readonly silences: number[] = [];
  override callerWasSilent(seconds: number): void {
    this.silences.push(seconds);
  }
}

function metered() {
  const clock = new FakeClock();
  const metrics = new SilenceMetrics();
  const meter = new CallMeter({ clock, metrics });
  return {
    metrics,
    /** After some time the meter sees where the call has got to. */
    sees: ({ call, last }: { readonly call: Call; readonly last: readonly Effect[] }, ms = 0) => {
      clock.advance(ms);
      meter.follow(call, last);
      return metrics.told.splice(0);
    },
    end: () => {
      meter.end();
      return metrics.told.splice(0);
    },
  };
}

describe('what is counted of a live call', () => {
  it('its legs, by who opened them, and its transfer by phase', () => {
    const { sees, end } = metered();
    const s = new CallScript();
    expect(sees(s)).toEqual(['legsChanged(in, 1)', 'legsChanged(out, 1)']);
    expect(sees(s.answers('bot'))).toEqual([]);
    expect(sees(s.commands())).toEqual(['transferMoved(none, dialling)', 'legsChanged(out, 1)']);
    expect(sees(s.answers('agent-1'))).toEqual(['transferMoved(dialling, moving)']);
    expect(sees(s.accepts('caller'))).toEqual(['transferMoved(moving, withTarget)']);
    expect(sees(s.accepts('bot', sdp(PORT.bot, 'inactive')).hangsUp('agent-1'))).toEqual([
      'transferMoved(withTarget, none)',
      'legsChanged(out, -1)',
    ]);
    expect(end()).toEqual(['legsChanged(in, -1)', 'legsChanged(out, -1)']);
  });

  it('of a chain, the older transfer is in conversation while the newer one rings', () => {
    const { sees, end } = metered();
    const s = CallScript.bridged().accepts('bot', sdp(PORT.bot, 'inactive'));
    sees(s);
    const second = { id: asTransferId('tr_2') };
    expect(sees(s.refers('agent-1', second))).toEqual([
      'transferMoved(none, dialling)',
      'legsChanged(out, 1)',
    ]);
    expect(end()).toEqual([
      'transferMoved(dialling, none)',
      'transferMoved(withTarget, none)',
      'legsChanged(in, -1)',
      'legsChanged(out, -3)',
    ]);
  });

  it('a call taken over from another engine counts as it is', () => {
    const { sees } = metered();
    expect(sees(CallScript.bridged())).toEqual([
      'transferMoved(none, withTarget)',
      'legsChanged(in, 1)',
      'legsChanged(out, 2)',
    ]);
  });
});

describe('how long a caller hears nobody', () => {
  it('direct: from the re-INVITE that takes it away until both are shown to each other', () => {
    const { sees, metrics } = metered();
    const s = CallScript.ringing();
    sees(s, 5000);
    sees(s.answers('agent-1'), 1000);
    sees(s.accepts('caller', sdp(1002)), 40);
    sees(s.accepts('agent-1', sdp(3003)), 20);
    expect(metrics.silences).toEqual([]);
    sees(s.accepts('caller', sdp(1002)), 20);
    expect(metrics.silences).toEqual([0.08]);
  });

  it('on the way back: from the moment the agent is gone', () => {
    const { sees, metrics } = metered();
    const s = CallScript.bridged().accepts('bot', sdp(PORT.bot, 'inactive'));
    sees(s);
    sees(s.hangsUp('agent-1'), 60_000);
    sees(s.accepts('bot'), 100);
    sees(s.accepts('caller'), 50);
    expect(metrics.silences).toEqual([0.15]);
  });

  it('anchored: from the order to the media server to its word that it is done', () => {
    const { sees, metrics } = metered();
    const s = CallScript.anchored();
    sees(s.commands().answers('agent-1'), 3000);
    sees(s.makes(), 7);
    expect(s.phase).toBe('withTarget');
    expect(metrics.silences).toEqual([0.007]);
  });

  it('nobody knows of a caller that never arrived', () => {
    const { sees, metrics } = metered();
    const s = CallScript.ringing();
    sees(s.answers('agent-1'), 10);
    sees(s.hangsUp('caller'), 10);
    expect([s.phase, metrics.silences]).toEqual(['ending', []]);
  });
});
