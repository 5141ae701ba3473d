import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cellsOf, loadGrid, missingSingles } from './grid-schema.js';

const home = resolve(import.meta.dirname, '../../../sip-scenarios');
const grid = loadGrid(join(home, 'chaos', 'grid.yml'));

describe('the grid', () => {
  it('has every switch with every method, or says why it does not apply', () => {
    expect(missingSingles(grid)).toEqual([]);
  });

  it('notices a single that is missing', () => {
    const { doesNotApply } = grid;
    const cells = grid.cells.filter(({ switches }) => !switches.includes('lateNotify'));
    expect(missingSingles({ cells, doesNotApply })).toEqual(['lateNotify x refer']);
    expect(missingSingles({ cells: grid.cells, doesNotApply: doesNotApply.slice(1) })).toEqual([
      'lateNotify x invite',
      'lateNotify x bye',
    ]);
  });

  it('loses every 2nd to every 10th packet with each method', () => {
    const names = cellsOf(grid).map(({ name }) => name);
    for (const method of ['invite', 'refer', 'bye'])
      for (let n = 2; n <= 10; n += 1) expect(names).toContain(`chaos-${method}-dropEvery=${n}`);
  });

  it('has a quick cell for every switch', () => {
    const quick = new Set(
      grid.cells.filter((c) => c.quick).flatMap(({ switches }) => switches.map((s) => s.split('=')[0])),
    );
    expect(quick.size).toBe(10);
  });
});

describe('a mistake in the grid', () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-grid-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const one =
    '{ switches: [dropAck], method: invite, verdict: completed, outcome: answered, caller: bridged, why: "it is so" }';

  it.each([
    [
      'an unknown switch',
      `cells: [${one.replace('dropAck', 'dropAcks')}]\ndoesNotApply: []`,
      /:1:.*unknown switch "dropAcks"/,
    ],
    ['a cell twice', `cells: [${one}, ${one}]\ndoesNotApply: []`, /chaos-invite-dropAck is there twice/],
    ['no reason', `cells: [${one.replace('it is so', '')}]\ndoesNotApply: []`, /cells\[0\]\.why/],
    ['no YAML', 'cells: [', /grid.yml:1:/],
  ])('%s is named with its place', (_what, text, message) => {
    const file = join(directory, 'grid.yml');
    writeFileSync(file, text.replaceAll('it is so', 'it is so, as ever'));
    expect(() => loadGrid(file)).toThrow(message);
  });
});
