import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCdrFile } from '../../../src/adapters/cdr-file/cdr-file.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import type { CallDetailRecord } from '../../../src/ports/cdr.js';
import { silentLog } from '../../../src/ports/log.js';
import { aCdr } from '../../support/cdr.js';
import { eventually } from '../../support/eventually.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { cdrConformance } from './sink-conformance.js';

let dir: string;
let made = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchhook-cdr-'));
});
afterAll(() => rm(dir, { recursive: true }));

const fresh = () => join(dir, String((made += 1)), 'calls.jsonl');

const read = async (path: string): Promise<CallDetailRecord[]> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CallDetailRecord);
};

const fileAt = (path: string, waiting = 100_000) => {
  const metrics = new FakeMetrics();
  const logged: object[] = [];
  const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
  return { sink: createCdrFile({ path, metrics, log, clock: systemClock, waiting }), metrics, logged };
};

cdrConformance('file', () => {
  const path = fresh();
  return Promise.resolve({ ...fileAt(path), read: () => read(path) });
});

describe('the file', () => {
  it('that cannot be written is known before the first call ends', async () => {
    const { sink, logged, metrics } = fileAt(dir);
    await sink.check();
    expect(logged).toEqual([{ path: dir, why: expect.stringContaining('EISDIR') as string }]);
    expect(metrics.told).toEqual([]);
  });

  it('is there, and empty, once it was looked at', async () => {
    const path = fresh();
    const { sink, logged } = fileAt(path);
    await sink.check();
    expect([await readFile(path, 'utf8'), logged]).toEqual(['', []]);
  });

  it('may be taken away at any time: the next record begins a new one', async () => {
    const path = fresh();
    const { sink } = fileAt(path);
    sink.write(aCdr(1));
    await eventually(() => read(path)).toHaveLength(1);
    await rename(path, `${path}.1`);
    sink.write(aCdr(2));
    await eventually(() => read(path)).toEqual([aCdr(2)]);
    expect(await read(`${path}.1`)).toEqual([aCdr(1)]);
    await sink.close();
  });

  it('goes on behind what an earlier engine wrote', async () => {
    const path = fresh();
    const before = fileAt(path).sink;
    before.write(aCdr(1));
    await before.close();
    const after = fileAt(path).sink;
    after.write(aCdr(2));
    await after.close();
    expect(await read(path)).toEqual([aCdr(1), aCdr(2)]);
  });

  it('on a disk that is full costs records, which are named and counted, and nothing else', async () => {
    const { sink, metrics, logged } = fileAt('/dev/full');
    sink.write(aCdr(1));
    await eventually(() => metrics.told).toEqual(['cdrLost(file)']);
    sink.write(aCdr(2));
    await eventually(() => metrics.told).toEqual(['cdrLost(file)', 'cdrLost(file)']);
    expect(logged).toMatchObject([
      { callId: 'call_1', why: expect.stringContaining('ENOSPC') as string },
      { callId: 'call_2' },
    ]);
    await sink.close();
  });

  it('begins a new line when the last write was cut short', async () => {
    const path = fresh();
    const blocked = join(path, 'calls.jsonl');
    const { sink, metrics } = fileAt(blocked);
    const first = fileAt(path).sink;
    first.write(aCdr(0));
    await first.close();
    // Where the directory should be there is a file.
    sink.write(aCdr(1));
    await eventually(() => metrics.told).toHaveLength(1);
    await rm(path);
    sink.write(aCdr(2));
    await eventually(() => read(blocked)).toEqual([aCdr(2)]);
    expect(await readFile(blocked, 'utf8')).toMatch(/^\n\{/);
    await sink.close();
  });

  it('that is slower than calls end gives up what comes on top of its bound', async () => {
    const { sink, metrics } = fileAt(fresh(), 3);
    // The first is taken to the disk at once; three wait behind it.
    for (let n = 1; n <= 6; n += 1) sink.write(aCdr(n));
    expect(metrics.told).toEqual(['cdrLost(file)', 'cdrLost(file)']);
    await sink.close();
  });
});
