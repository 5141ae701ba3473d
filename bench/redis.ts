import { spawnSync } from 'node:child_process';
import { Child } from './child.js';
import type { Watched } from './subject.js';
import type { Workspace } from './workspace.js';

/** A redis-server of the benchmark's own, which keeps nothing on disk. */
export interface BenchRedis {
  readonly url: string;
  readonly process: Watched;
  stop(): Promise<void>;
}

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

export async function startRedis(work: Workspace): Promise<BenchRedis> {
  const port = await work.port();
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', work.directory, '--save', ''];
  const child = new Child(
    'redis-server',
    place,
    { cwd: work.directory, log: work.file('redis.log') },
    'pipe',
  );
  await child.line(/Ready to accept connections/);
  return {
    url: `redis://127.0.0.1:${port}/0`,
    process: { name: 'redis', pid: child.pid, inspector: undefined },
    stop: () => child.stop(),
  };
}
