import { describe, expect, it } from 'vitest';
import { TABLE } from '../../src/domain/table.js';
import { campaign } from '../simulation/campaign.js';
import { recording } from '../simulation/coverage.js';
import { drawing, drawnArrows, drawnLines, groups } from './drawing.js';

const cells = Object.entries(TABLE).flatMap(([phase, row]) => Object.keys(row).map((f) => `${phase} ${f}`));

describe('the drawing above TABLE', () => {
  it('has one line for every handler, and no other', () => {
    expect(drawnLines.map((l) => `${l.phase} ${l.fact}`).sort()).toEqual([...cells].sort());
  });

  it('names phases that exist', () => {
    for (const { phase, next } of drawnLines)
      for (const p of [phase, ...next, ...[...groups.values()].flat()])
        expect(Object.keys(TABLE)).toContain(p);
  });

  it('shows the way of a good transfer in its boxes', () => {
    const boxes = [...(/^ \* {2}\| .*\|$/m.exec(drawing)?.[0] ?? '').matchAll(/\| (\w+) \|/g)].map(
      (m) => m[1],
    );
    const labels = [...(/^ \* {2}\+.*botAnswered.*$/m.exec(drawing)?.[0] ?? '').matchAll(/[a-z]\w+/gi)].map(
      String,
    );
    const way = boxes.slice(0, -1).map((phase, i) => `${phase} ${labels[i]} -> ${boxes[i + 1]}`);
    expect(way).toHaveLength(4);
    for (const arrow of way) expect(drawnArrows).toContain(arrow);
  });

  // That every drawn arrow is taken needs the whole campaign: simulation.test.ts.
  it('is never left: no arrow is taken that is not drawn', () => {
    const seen = new Set<string>();
    expect(campaign(1, 2000, recording(seen)).broken).toBeNull();
    expect([...seen].filter((arrow) => !drawnArrows.includes(arrow))).toEqual([]);
    expect(seen.size).toBeGreaterThan(drawnArrows.length / 2);
  });
});
