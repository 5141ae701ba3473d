import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellsOf, loadGrid, type Cell } from '../../src/scenarios/chaos/grid-schema.js';
import { playGrid } from '../../src/scenarios/chaos/run-grid.js';
import type { ScenarioResult } from '../../src/scenarios/play-scenario.js';
import { Ports } from '../../src/scenarios/ports.js';
import { explain } from '../../src/scenarios/report.js';

/** The quick cells of the chaos grid; `npm run scenarios -- --all` plays the whole of it. */
const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'dist', 'main.js');
const cells = cellsOf(loadGrid(join(root, 'sip-scenarios', 'chaos', 'grid.yml')));
const quick = cells.filter((cell) => cell.quick);

const controller = new AbortController();
process.once('exit', () => controller.abort());
setMaxListeners(0, controller.signal);
const directory = mkdtempSync(join(tmpdir(), 'switchhook-chaos-'));
afterAll(() => {
  controller.abort();
  rmSync(directory, { recursive: true, force: true });
});

const played = (
  chosen: readonly Cell[],
  name: string,
  deadlineMs = 90_000,
): Promise<readonly ScenarioResult[]> =>
  playGrid(chosen, {
    deadlineMs,
    engine: [process.execPath, main],
    ports: new Ports(Math.floor(Math.random() * 5000) * 2),
    directory: join(directory, name),
    signal: controller.signal,
  });

beforeAll(() => {
  if (!existsSync(main)) throw new Error('dist/main.js is missing: run "npm run build" first');
});

describe('the chaos grid', () => {
  let results: ReadonlyMap<string, ScenarioResult>;
  beforeAll(async () => {
    results = new Map((await played(quick, 'quick')).map((result) => [result.name, result]));
  }, 240_000);

  it.each([...quick.map(({ name }) => name), 'chaos-final-tables'])('%s', (name) => {
    const result = results.get(name);
    expect(
      result?.failures.map(({ message }) => message),
      result && explain(result),
    ).toEqual([]);
  });

  it('leaves a ladder of each call', () => {
    expect(results.get('chaos-refer-lateNotify')?.ladder).toMatch(/REFER[^]*BYE[^]*NOTIFY/);
  });
});

/** A grid that cannot fail proves nothing. */
describe('a cell with a wrong word in it', () => {
  const busy = cells.find(({ name }) => name === 'chaos-refer-busyAfter183')!;

  it('fails, and names what was there instead', { timeout: 120_000 }, async () => {
    const wrong: Cell[] = [
      { ...busy, name: 'outcome', outcome: 'declined' },
      { ...busy, name: 'verdict', verdict: 'completed' },
      { ...busy, name: 'gone', caller: 'gone', switches: ['refer200', 'busyAfter183'] },
      { ...busy, name: 'far end', switches: ['lateNotify'] },
    ];
    const results = await played(wrong, 'wrong', 6000);
    const said = new Map(
      results.map(({ name, failures }) => [name, failures.map((f) => f.message).join('; ')]),
    );
    expect(said.get('outcome')).toMatch(/wanted "declined", was "busy"/);
    expect(said.get('verdict')).toMatch(/wanted "transfer.completed", was "transfer.failed"/);
    expect(said.get('gone')).toMatch(/caller: is still there/);
    expect(said.get('far end')).toMatch(/caller: has been hung up/);
    expect(readFileSync(join(directory, 'wrong', 'config.yaml'), 'utf8')).toContain('cell-3');
  });
});
