import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is kept of the demos before. */
const KEPT = 4;

/**
 * A new directory for what a demo leaves behind, below `dir`, where the oldest make room; in the system's own for
 * temporary files where `dir` cannot be written to.
 */
export async function newKeep(dir: string, now: Date): Promise<string> {
  const name = `${now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-`;
  try {
    await mkdir(dir, { recursive: true });
    const before = (await readdir(dir)).filter((entry) => /^\d{8}-\d{6}-/.test(entry)).sort();
    for (const old of before.slice(0, -KEPT)) await rm(join(dir, old), { recursive: true, force: true });
    return await mkdtemp(join(dir, name));
  } catch {
    return mkdtemp(join(tmpdir(), 'switchhook-demo-'));
  }
}
