/** One panel of the dashboard. `$i` in an expression stands for the choice of engines. */
export interface Panel {
  readonly title: string;
  /** For whoever is woken up at night: what it shows, and when to worry. */
  readonly says: string;
  readonly unit: 's' | 'short' | 'reqps' | 'percentunit' | 'bool';
  /** PromQL -> legend. */
  readonly lines: readonly (readonly [expr: string, legend: string])[];
  readonly kind?: 'stat' | 'timeseries';
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const p = (by: string, metric: string, quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (${['le', ...(by === '' ? [] : [by])].join(', ')}) (rate(${metric}_bucket{$i}[$__rate_interval])))`;

const rate = (metric: string, by: string): string => `sum by (${by}) (rate(${metric}{$i}[$__rate_interval]))`;

const sum = (metric: string, by: string): string => `sum by (${by}) (${metric}{$i})`;

/** How much of a counter came up in the time shown. */
const came = (metric: string, by: string): string => `sum by (${by}) (increase(${metric}{$i}[$__range]))`;

const now: Row = {
  title: 'Now',
  panels: [
    {
      ...{ title: 'Live calls', unit: 'short', kind: 'stat' },
      says: 'Callers on the line, and calls to bots and targets on their behalf.',
      lines: [[sum('calls_active', 'dir'), '{{dir}}']],
    },
    {
      ...{ title: 'Dependencies', unit: 'bool', kind: 'stat' },
      says: 'SIP server, media, store. Calls go on without the store; without the SIP server there are none.',
      lines: [['min by (name) (dependency_up{$i})', '{{name}}']],
    },
    {
      ...{ title: 'Trunks', unit: 'bool', kind: 'stat' },
      says: 'Watched trunks: registered where they have to be, answering OPTIONS where they are asked.',
      lines: [['min by (trunk) (trunk_up{$i})', '{{trunk}}']],
    },
    {
      ...{ title: 'Should be zero', unit: 'short', kind: 'stat' },
      says: 'Leaks, overdue teardowns, lost events, lost writes, lost detail records: each is a bug or a loss, and in the log.',
      lines: [
        [came('leaks_total', 'kind'), 'leaked {{kind}}'],
        [`sum(increase(teardown_overdue_total{$i}[$__range]))`, 'teardown overdue'],
        [came('events_lost_total', 'reason'), 'events {{reason}}'],
        [came('store_writes_lost_total', 'kind'), 'writes {{kind}}'],
        [came('cdr_lost_total', 'sink'), 'CDR {{sink}}'],
      ],
    },
    {
      ...{ title: 'Versions', unit: 'short', kind: 'stat' },
      says: 'Engines by version.',
      lines: [['count by (version, node) (build_info{$i})', '{{version}} on Node {{node}}']],
    },
  ],
};

const transfers: Row = {
  title: 'Transfers',
  panels: [
    {
      ...{ title: 'Verdicts', unit: 'reqps' },
      says: 'Every accepted transfer has exactly one.',
      lines: [[rate('transfer_outcomes_total', 'result'), '{{result}}']],
    },
    {
      ...{ title: 'Share that reached somebody', unit: 'percentunit' },
      says: 'Completed out of all that were not cancelled, by mode.',
      lines: [
        [
          `${rate('transfer_outcomes_total', 'mode').replace('{$i}', '{$i, result="completed"}')} / ${rate('transfer_outcomes_total', 'mode').replace('{$i}', '{$i, result!="cancelled"}')}`,
          '{{mode}}',
        ],
      ],
    },
    {
      ...{ title: 'Why they failed', unit: 'reqps' },
      says: 'Outcomes of those that failed. `unknown` means that nobody can say whether the caller arrived.',
      lines: [
        [rate('transfer_outcomes_total', 'reason').replace('{$i}', '{$i, result="failed"}'), '{{reason}}'],
      ],
    },
    {
      ...{ title: 'Attempts', unit: 'reqps' },
      says: 'Targets tried, by trunk: much more than verdicts means that many are hunted for long.',
      lines: [[rate('transfer_attempts_total', 'mode, trunk'), '{{mode}} {{trunk}}']],
    },
    {
      ...{ title: 'Command to verdict', unit: 's' },
      says: 'A completed transfer has its verdict when the conversation is over, so its time is that of the talk.',
      lines: [
        [p('result', 'transfer_duration_seconds', 0.5), '{{result}} p50'],
        [p('result', 'transfer_duration_seconds', 0.95), '{{result}} p95'],
      ],
    },
    {
      ...{ title: 'Silence when the caller changes partners', unit: 's' },
      says: 'From letting go of the one to hearing the other, as far as signalling knows. Above half a second people say hello.',
      lines: [
        [p('', 'transfer_caller_silence_seconds', 0.5), 'p50'],
        [p('', 'transfer_caller_silence_seconds', 0.99), 'p99'],
      ],
    },
    {
      ...{ title: 'Transfers under way', unit: 'short' },
      says: 'Without a verdict, by phase of the call; withTarget: caller and agent talk.',
      lines: [[sum('transfers_active', 'phase'), '{{phase}}']],
    },
  ],
};

const calls: Row = {
  title: 'Calls',
  panels: [
    {
      ...{ title: 'Calls taken', unit: 'reqps' },
      says: 'New calls by channel.',
      lines: [[rate('calls_total', 'channel'), '{{channel}}']],
    },
    {
      ...{ title: 'What became of callers', unit: 'reqps' },
      says: 'Calls to bots: contained by the bot, transferred to a person, abandoned while waiting.',
      lines: [[rate('calls_contained_total', 'result'), '{{result}}']],
    },
    {
      ...{ title: 'SIP legs', unit: 'short' },
      says: 'Open dialogs. It follows the live calls; one that only grows is a leak.',
      lines: [['sum(legs_open{$i})', 'legs']],
    },
    {
      ...{ title: 'Calls on trunks', unit: 'short' },
      says: 'What limits.concurrent counts.',
      lines: [[sum('trunk_calls', 'trunk'), '{{trunk}}']],
    },
    {
      ...{ title: 'Calls taken over', unit: 'reqps' },
      says: 'From engines that were gone, and by engines that took this one for gone.',
      lines: [
        ['sum(rate(calls_taken_over_total{$i}[$__rate_interval]))', 'taken over'],
        ['sum(rate(calls_lost_total{$i}[$__rate_interval]))', 'lost to another engine'],
      ],
    },
    {
      ...{ title: 'Sessions that ended by themselves', unit: 'reqps' },
      says: 'Nothing was heard of them any more, or no engine had their call.',
      lines: [
        [rate('sessions_expired_total', 'channel'), 'expired {{channel}}'],
        ['sum(rate(stale_sessions_reaped_total{$i}[$__rate_interval]))', 'reaped'],
      ],
    },
    {
      ...{ title: 'Ignored events', unit: 'reqps' },
      says: 'SIP that came when nothing waited for it. Races are normal, a flood is a peer that does not follow.',
      lines: [[rate('ignored_events_total', 'phase, event'), '{{phase}} {{event}}']],
    },
  ],
};

const bots: Row = {
  title: 'Bots and store',
  panels: [
    {
      ...{ title: 'Bots answer within', unit: 's' },
      says: 'p95 by kind; the caller waits for a question, and for nothing else.',
      lines: [[p('kind', 'webhook_seconds', 0.95), '{{kind}}']],
    },
    {
      ...{ title: 'Deliveries', unit: 'reqps' },
      says: 'One event may take several.',
      lines: [[rate('webhook_seconds_count', 'result'), '{{result}}']],
    },
    {
      ...{ title: 'Writes that wait for the store', unit: 'short' },
      says: 'Up to 50,000; then the oldest are given up, and named in the log.',
      lines: [['sum(store_backlog{$i})', 'writes']],
    },
    {
      ...{ title: 'Event loop lag', unit: 's' },
      says: 'How late timers fire, p99. Above 50 ms the engine has more than its core can do.',
      lines: [['max by (instance) (event_loop_lag_seconds{$i})', '{{instance}}']],
    },
  ],
};

/** What the dashboard shows, from top to bottom. */
export const ROWS: readonly Row[] = [now, transfers, calls, bots];
