import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Rings last from half a second to minutes. */
const TRANSFER_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** A re-INVITE takes tens of milliseconds, a lost packet half a second more. */
const SILENCE_SECONDS = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WEBHOOK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric there is, by its name on the page; all in seconds and `_total`, no number or host in a label. */
export function makeInstruments(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    attempts: counter('transfer_attempts_total', 'Targets tried', 'mode', 'trunk'),
    outcomes: counter('transfer_outcomes_total', 'Verdicts of transfers', 'mode', 'result', 'reason'),
    duration: histogram(
      'transfer_duration_seconds',
      'From the command to the verdict',
      TRANSFER_SECONDS,
      ...(['mode', 'result'] as const),
    ),
    callerSilence: histogram(
      'transfer_caller_silence_seconds',
      'Each time a caller changes partners: from letting go of the one to hearing the other',
      SILENCE_SECONDS,
    ),
    transfersActive: gauge('transfers_active', 'Transfers without a verdict, by phase of the call', 'phase'),
    callsActive: gauge(
      'calls_active',
      'in: live calls; out: calls to bots and targets on their behalf',
      'dir',
    ),
    calls: counter('calls_total', 'Calls taken', 'channel'),
    legsOpen: gauge('legs_open', 'SIP legs'),
    leaks: counter('leaks_total', 'Things still open when their call ended', 'kind'),
    teardownOverdue: counter('teardown_overdue_total', 'Calls whose legs did not close in time'),
    webhook: histogram('webhook_seconds', 'Delivery attempts of events', WEBHOOK_SECONDS, 'kind', 'result'),
    lost: counter('events_lost_total', 'Events no bot was told', 'reason'),
    storeBacklog: gauge('store_backlog', 'Writes that wait for the store'),
    storeLost: counter('store_writes_lost_total', 'Writes the store never took', 'kind'),
    dependencyUp: gauge('dependency_up', '1: reachable', 'name'),
    trunkUp: gauge('trunk_up', '1: registered and reachable, as far as the trunk is watched', 'trunk'),
    trunkCalls: gauge(
      'trunk_calls',
      'Calls of transfers on the trunk, what limits.concurrent counts',
      'trunk',
    ),
    ignored: counter('ignored_events_total', 'Events the phase of a call does not expect', 'phase', 'event'),
    lag: gauge('event_loop_lag_seconds', '99th percentile since the last scrape'),
    build: gauge('build_info', 'Always 1', 'version', 'node'),
  };
}

export type Instruments = ReturnType<typeof makeInstruments>;
