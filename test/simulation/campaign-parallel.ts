import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ShareReport } from './campaign-share.js';

/** {@link campaign} on every core: the seeds are shared out, the reports are put together. */
export async function campaignOnAllCores(from: number, count: number): Promise<ShareReport> {
  const begun = performance.now();
  const processes = Math.min(8, Math.max(2, availableParallelism()));
  const share = Math.ceil(count / processes);
  const shares = Array.from({ length: processes }, (_, i) => ({
    from: from + i * share,
    count: Math.min(share, count - i * share),
  }));
  const reports = await Promise.all(shares.map(play));
  const schedules = reports.reduce((n, r) => n + r.schedules, 0);
  return {
    schedules,
    steps: reports.reduce((n, r) => n + r.steps, 0),
    perSecond: Math.round((schedules / (performance.now() - begun)) * 1000),
    broken: reports.find((r) => r.broken !== null)?.broken ?? null,
    arrows: [...new Set(reports.flatMap((r) => r.arrows))],
  };
}

function play({ from, count }: { from: number; count: number }): Promise<ShareReport> {
  return new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL('./campaign-share.ts', import.meta.url));
    const child = fork(path, [String(from), String(count)], { execArgv: ['--import', 'tsx'] });
    child.once('message', (report) => resolve(report as ShareReport));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the schedules from seed ${from} ended with code ${code}`));
    });
  });
}
