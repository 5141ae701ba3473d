import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics, type PrometheusMetrics } from './metrics.js';

let metrics: PrometheusMetrics;
beforeEach(() => {
  metrics = createMetrics({ version: '1.2.3' });
});
afterEach(() => metrics.close());

const lines = async () => (await metrics.text()).split('\n');

it('has every metric by its name', async () => {
  const names = (await lines()).flatMap((line) => /^# TYPE (\S+) (\S+)/.exec(line)?.slice(1).join(' ') ?? []);
  expect(names).toEqual([
    'transfer_attempts_total counter',
    'transfer_outcomes_total counter',
    'transfer_duration_seconds histogram',
    'transfer_caller_silence_seconds histogram',
    'transfers_active gauge',
    'sessions_expired_total counter',
    'stale_sessions_reaped_total counter',
    'calls_active gauge',
    'calls_total counter',
    'calls_taken_over_total counter',
    'calls_lost_total counter',
    'calls_contained_total counter',
    'cdr_lost_total counter',
    'legs_open gauge',
    'leaks_total counter',
    'teardown_overdue_total counter',
    'ignored_events_total counter',
    'webhook_seconds histogram',
    'events_lost_total counter',
    'store_backlog gauge',
    'store_writes_lost_total counter',
    'dependency_up gauge',
    'trunk_up gauge',
    'trunk_calls gauge',
    'event_loop_lag_seconds gauge',
    'build_info gauge',
  ]);
});

it('counts what happened', async () => {
  metrics.callStarted('line');
  metrics.callStarted('line');
  metrics.callEnded();
  metrics.callContained('line', 'abandoned');
  metrics.sessionExpired('chat');
  metrics.sessionReaped();
  metrics.cdrLost('file');
  metrics.legsChanged('in', 1);
  metrics.legsChanged('out', 2);
  metrics.legsChanged('out', -1);
  metrics.transferMoved(null, 'dialling');
  metrics.transferMoved(null, 'dialling');
  metrics.transferMoved('dialling', 'withTarget');
  metrics.callerWasSilent(0.03);
  metrics.attemptStarted('invite', 'carrier');
  metrics.attemptStarted('invite', null);
  metrics.transferEnded('invite', 'failed', 'busy', 3);
  metrics.ignored('withBot', 'refused');
  metrics.leaked('timer');
  metrics.teardownOverdue();
  metrics.eventDelivered('timeout', 5, 'question');
  metrics.eventLost('given_up');
  metrics.storeBacklog(7);
  metrics.storeWriteLost('record');
  metrics.dependencyChanged('signalling', true);
  metrics.dependencyChanged('store', false);
  metrics.trunkChanged('carrier', true);
  metrics.trunkChanged('backup', false);
  metrics.trunkInUse('carrier', 3);
  metrics.trunkInUse('carrier', 2);
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'calls_total{channel="line"} 2',
      'calls_contained_total{channel="line",result="abandoned"} 1',
      'sessions_expired_total{channel="chat"} 1',
      'stale_sessions_reaped_total 1',
      'cdr_lost_total{sink="file"} 1',
      'calls_active{dir="in"} 1',
      'calls_active{dir="out"} 1',
      'legs_open 2',
      'transfers_active{phase="dialling"} 1',
      'transfers_active{phase="withTarget"} 1',
      'transfer_attempts_total{mode="invite",trunk="carrier"} 1',
      'transfer_attempts_total{mode="invite",trunk="none"} 1',
      'transfer_outcomes_total{mode="invite",result="failed",reason="busy"} 1',
      'transfer_duration_seconds_bucket{le="2.5",mode="invite",result="failed"} 0',
      'transfer_duration_seconds_bucket{le="5",mode="invite",result="failed"} 1',
      'transfer_caller_silence_seconds_bucket{le="0.02"} 0',
      'transfer_caller_silence_seconds_bucket{le="0.05"} 1',
      'ignored_events_total{phase="withBot",event="refused"} 1',
      'leaks_total{kind="timer"} 1',
      'leaks_total{kind="leg"} 0',
      'teardown_overdue_total 1',
      'webhook_seconds_sum{kind="question",result="timeout"} 5',
      'events_lost_total{reason="given_up"} 1',
      'store_backlog 7',
      'store_writes_lost_total{kind="record"} 1',
      'dependency_up{name="signalling"} 1',
      'dependency_up{name="store"} 0',
      'trunk_up{trunk="carrier"} 1',
      'trunk_up{trunk="backup"} 0',
      'trunk_calls{trunk="carrier"} 2',
      `build_info{version="1.2.3",node="${process.versions.node}"} 1`,
    ]),
  );
  expect((await lines()).find((l) => l.startsWith('event_loop_lag_seconds'))).toMatch(/ [\d.e-]+$/);
});

it('two in one process do not mix', async () => {
  const other = createMetrics({ version: '1' });
  other.callStarted('line');
  expect(await metrics.text()).not.toContain('calls_total{');
  other.close();
});
