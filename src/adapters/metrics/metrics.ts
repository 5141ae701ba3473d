import { Registry } from 'prom-client';
import type { Metrics, MetricsPage } from '../../ports/metrics.js';
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

function happenings(m: Instruments): Metrics {
  return {
    callStarted: (channel) => {
      m.calls.inc({ channel });
      m.callsActive.inc();
    },
    callEnded: () => m.callsActive.dec(),
    legOpened: () => m.legsOpen.inc(),
    legClosed: () => m.legsOpen.dec(),
    transferStarted: () => m.transfersActive.inc(),
    transferEnded: (method, outcome, seconds) => {
      m.transfersActive.dec();
      m.outcomes.inc({ method, outcome });
      m.duration.observe({ method, outcome }, seconds);
    },
    attemptStarted: (method, trunk) => m.attempts.inc({ method, trunk: trunk ?? NO_TRUNK }),
    ignored: (phase, event) => m.ignored.inc({ phase, event }),
    leaked: (kind) => m.leaks.inc({ kind }),
    eventDelivered: (result, seconds) => m.webhook.observe({ result }, seconds),
    eventLost: (reason) => m.lost.inc({ reason }),
    storeBacklog: (writes) => m.storeBacklog.set(writes),
    storeWriteLost: (kind) => m.storeLost.inc({ kind }),
    dependencyChanged: (name, up) => m.dependencyUp.set({ name }, up ? 1 : 0),
    trunkChanged: (trunk, up) => m.trunkUp.set({ trunk }, up ? 1 : 0),
    trunkInUse: (trunk, calls) => m.trunkCalls.set({ trunk }, calls),
  };
}
