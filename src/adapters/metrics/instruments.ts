import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Rings last from half a second to minutes. */
const TRANSFER_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** A re-INVITE takes tens of milliseconds, a lost packet half a second more. */
const SILENCE_SECONDS = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WEBHOOK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the documentation says of a metric. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Makes metrics of one registry, and keeps a row of each. */
class Maker {
  readonly rows: MetricRow[] = [];

  constructor(private readonly registry: Registry) {}

  counter<L extends string>(name: string, help: string, ...labelNames: L[]) {
    return new Counter({ ...this.row('counter', name, help, labelNames), labelNames });
  }

  gauge<L extends string>(name: string, help: string, ...labelNames: L[]) {
    return new Gauge({ ...this.row('gauge', name, help, labelNames), labelNames });
  }

  histogram<L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) {
    return new Histogram({ ...this.row('histogram', name, help, labelNames), labelNames, buckets });
  }

  private row(type: MetricRow['type'], name: string, help: string, labels: readonly string[]) {
    this.rows.push({ name, type, labels, help });
    return { name, help, registers: [this.registry] };
  }
}

const transfers = (make: Maker) => ({
  attempts: make.counter('transfer_attempts_total', 'Targets tried', 'mode', 'trunk'),
  outcomes: make.counter('transfer_outcomes_total', 'Verdicts of transfers', 'mode', 'result', 'reason'),
  duration: make.histogram(
    'transfer_duration_seconds',
    'From the command to the verdict',
    TRANSFER_SECONDS,
    ...(['mode', 'result'] as const),
  ),
  callerSilence: make.histogram(
    'transfer_caller_silence_seconds',
    'Each time a caller changes partners: from letting go of the one to hearing the other',
    SILENCE_SECONDS,
  ),
  transfersActive: make.gauge(
    'transfers_active',
    'Transfers without a verdict, by phase of the call',
    'phase',
  ),
});

const calls = (make: Maker) => ({
  callsActive: make.gauge(
    'calls_active',
    'in: live calls; out: calls to bots and targets on their behalf',
    'dir',
  ),
  calls: make.counter('calls_total', 'Calls taken', 'channel'),
  callsTakenOver: make.counter('calls_taken_over_total', 'Calls taken over from an engine that was gone'),
  callsLost: make.counter('calls_lost_total', 'Calls another engine took over from this one'),
  contained: make.counter(
    'calls_contained_total',
    'Calls to bots: contained by the bot, transferred to a person, abandoned while waiting, or failed to reach one',
    ...(['channel', 'result'] as const),
  ),
  cdrLost: make.counter('cdr_lost_total', 'Call detail records that could not be kept', 'sink'),
  legsOpen: make.gauge('legs_open', 'SIP legs'),
  leaks: make.counter('leaks_total', 'Things still open when their call ended', 'kind'),
  teardownOverdue: make.counter('teardown_overdue_total', 'Calls whose legs did not close in time'),
  ignored: make.counter(
    'ignored_events_total',
    'Events the phase of a call does not expect',
    ...(['phase', 'event'] as const),
  ),
});

const sessions = (make: Maker) => ({
  expired: make.counter('sessions_expired_total', 'Sessions nothing was heard of any more', 'channel'),
  reaped: make.counter('stale_sessions_reaped_total', 'Sessions whose call no engine had any more'),
});

const bots = (make: Maker) => ({
  webhook: make.histogram(
    'webhook_seconds',
    'Deliveries of events: event and question by HTTP, until the answer; socket until acknowledged',
    WEBHOOK_SECONDS,
    ...(['kind', 'result'] as const),
  ),
  lost: make.counter('events_lost_total', 'Events no bot was told', 'reason'),
});

const dependencies = (make: Maker) => ({
  storeBacklog: make.gauge('store_backlog', 'Writes that wait for the store'),
  storeLost: make.counter('store_writes_lost_total', 'Writes the store never took', 'kind'),
  dependencyUp: make.gauge('dependency_up', '1: reachable', 'name'),
  trunkUp: make.gauge('trunk_up', '1: registered and reachable, as far as the trunk is watched', 'trunk'),
  trunkCalls: make.gauge(
    'trunk_calls',
    'Calls of transfers on the trunk, what limits.concurrent counts',
    'trunk',
  ),
});

const engine = (make: Maker) => ({
  lag: make.gauge('event_loop_lag_seconds', '99th percentile since the last scrape'),
  build: make.gauge('build_info', 'Always 1', 'version', 'node'),
});

/** Every metric there is, by its name on the page; all in seconds and `_total`, no number or host in a label. */
export function makeInstruments(registry: Registry) {
  const make = new Maker(registry);
  const instruments = {
    ...transfers(make),
    ...sessions(make),
    ...calls(make),
    ...bots(make),
    ...dependencies(make),
    ...engine(make),
  };
  return { ...instruments, rows: make.rows as readonly MetricRow[] };
}

export type Instruments = ReturnType<typeof makeInstruments>;
