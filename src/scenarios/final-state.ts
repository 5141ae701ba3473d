import type { EngineProcess } from './engine-process.js';
import { ScenarioFailure } from './failure.js';
import { mismatch } from './match.js';
import { until } from './until.js';

/** How long the engine may take to be empty once every party is gone. */
const EMPTY_MS = 10_000;

/** Gauges that must be back at zero, and counters that must never have moved. */
const ZERO =
  /^(?:\w+_)?(?:calls_active|transfers_active|legs_open|leaks_total|teardown_overdue_total|events_lost_total)(?:\{[^}]*\})? (\S+)$/gm;

/** The tables of the engine are empty: no live call, no leg open, nothing leaked. */
export async function checkEmpty(engine: EngineProcess, signal: AbortSignal): Promise<ScenarioFailure[]> {
  let seen = '';
  const empty = await until(EMPTY_MS, signal, async () => {
    const calls = await engine.request('GET', '/v1/calls', {});
    const metrics = await engine.request('GET', '/metrics', {});
    const text = String(metrics.body);
    const open = [...text.matchAll(ZERO)].filter((line) => Number(line[1]) !== 0).map((line) => line[0]);
    const gauges = [...text.matchAll(ZERO)].length;
    const problem = mismatch({ items: [] }, calls.body);
    seen = [problem === undefined ? '' : `GET /v1/calls: ${problem}`, ...open]
      .filter((t) => t !== '')
      .join('; ');
    if (gauges < 3)
      seen = `GET /metrics: ${metrics.status}, without calls_active, transfers_active, legs_open`;
    return seen === '' ? true : undefined;
  });
  return empty === true ? [] : [new ScenarioFailure('final tables', seen)];
}

export async function checkStatus(
  engine: EngineProcess,
  callId: string | undefined,
  wanted: Readonly<Record<string, unknown>>,
): Promise<ScenarioFailure[]> {
  const where = 'expect.transferStatus';
  if (callId === undefined) return [new ScenarioFailure(where, 'there was no call')];
  const { status, body } = await engine.request('GET', `/v1/calls/${callId}/transfer-status`, {});
  if (status !== 200) return [new ScenarioFailure(where, `status ${status}: ${JSON.stringify(body)}`)];
  const problem = mismatch(wanted, body);
  return problem === undefined ? [] : [new ScenarioFailure(where, problem)];
}
