import { Registry } from 'prom-client';
import type { LeakKind, LossReason, Metrics, MetricsPage } from '../../ports/metrics.js';
import { watchEventLoop } from './event-loop-lag.js';
import { makeInstruments, type Instruments } from './instruments.js';

/** Label of an attempt that went to its target without a trunk. */
const NO_TRUNK = 'none';

export interface PrometheusMetrics extends Metrics, MetricsPage {
  /** Stops watching the event loop. */
  close(): void;
}

/** Counts what happened in a registry of its own: two engines in one process do not mix. */
export function createMetrics(options: { readonly version: string }): PrometheusMetrics {
  const registry = new Registry();
  const instruments = makeInstruments(registry);
  instruments.build.set({ version: options.version, node: process.versions.node }, 1);
  beginAtZero(instruments);
  const loop = watchEventLoop();
  return {
    ...happenings(instruments),
    contentType: registry.contentType,
    text: () => {
      instruments.lag.set(loop.read());
      return registry.metrics();
    },
    close: () => loop.stop(),
  };
}

/** A counter that first appears with its first increase hides that increase from `increase()`. */
function beginAtZero({ leaks, lost, storeLost, callsActive }: Instruments): void {
  for (const kind of ['leg', 'timer'] satisfies LeakKind[]) leaks.inc({ kind }, 0);
  for (const reason of LOSS_REASONS) lost.inc({ reason }, 0);
  for (const kind of ['record', 'event']) storeLost.inc({ kind }, 0);
  for (const dir of ['in', 'out']) callsActive.set({ dir }, 0);
}

const LOSS_REASONS = ['queue_full', 'given_up', 'endpoint_gone', 'closed'] satisfies LossReason[];

const records = (
  m: Instruments,
): Pick<Metrics, 'callContained' | 'sessionExpired' | 'sessionReaped' | 'cdrLost'> => ({
  callContained: (channel, result) => m.contained.inc({ channel, result }),
  sessionExpired: (channel) => m.expired.inc({ channel }),
  sessionReaped: () => m.reaped.inc(),
  cdrLost: (sink) => m.cdrLost.inc({ sink }),
});

function happenings(m: Instruments): Metrics {
  return {
    callStarted: (channel) => {
      m.calls.inc({ channel });
      m.callsActive.inc({ dir: 'in' });
    },
    callEnded: () => m.callsActive.dec({ dir: 'in' }),
    callTakenOver: () => {
      m.callsTakenOver.inc();
      m.callsActive.inc({ dir: 'in' });
    },
    callLost: () => {
      m.callsLost.inc();
      m.callsActive.dec({ dir: 'in' });
    },
    ...records(m),
    legsChanged: (dir, by) => {
      m.legsOpen.inc(by);
      if (dir === 'out') m.callsActive.inc({ dir }, by);
    },
    transferMoved: (from, to) => {
      if (from !== null) m.transfersActive.dec({ phase: from });
      if (to !== null) m.transfersActive.inc({ phase: to });
    },
    transferEnded: (mode, result, reason, seconds) => {
      m.outcomes.inc({ mode, result, reason });
      m.duration.observe({ mode, result }, seconds);
    },
    callerWasSilent: (seconds) => m.callerSilence.observe(seconds),
    attemptStarted: (mode, trunk) => m.attempts.inc({ mode, trunk: trunk ?? NO_TRUNK }),
    ignored: (phase, event) => m.ignored.inc({ phase, event }),
    leaked: (kind) => m.leaks.inc({ kind }),
    teardownOverdue: () => m.teardownOverdue.inc(),
    eventDelivered: (result, seconds, kind) => m.webhook.observe({ kind, result }, seconds),
    eventLost: (reason) => m.lost.inc({ reason }),
    ...dependencies(m),
  };
}

const dependencies = (
  m: Instruments,
): Pick<
  Metrics,
  'storeBacklog' | 'storeWriteLost' | 'dependencyChanged' | 'trunkChanged' | 'trunkInUse'
> => ({
  storeBacklog: (writes) => m.storeBacklog.set(writes),
  storeWriteLost: (kind) => m.storeLost.inc({ kind }),
  dependencyChanged: (name, up) => m.dependencyUp.set({ name }, up ? 1 : 0),
  trunkChanged: (trunk, up) => m.trunkUp.set({ trunk }, up ? 1 : 0),
  trunkInUse: (trunk, calls) => m.trunkCalls.set({ trunk }, calls),
});
