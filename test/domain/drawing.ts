import { readFileSync } from 'node:fs';

/** One line of the drawing above TABLE: ` *  dialling    ringTimeout        -> dialling | (end)` */
export interface DrawnLine {
  readonly phase: string;
  readonly fact: string;
  readonly next: readonly string[];
}

const source = readFileSync(new URL('../../src/domain/table.ts', import.meta.url), 'utf8');

export const drawing = source.slice(0, source.indexOf('export const TABLE'));

export const drawnLines: readonly DrawnLine[] = [...drawing.matchAll(/^ \* {2}(\w+) +(\w+) +-> (.+)$/gm)].map(
  ([, phase, fact, next]) => ({
    phase: phase ?? '',
    fact: fact ?? '',
    next: (next ?? '').split(' | ').map((n) => (n === '(end)' ? 'ending' : n)),
  }),
);

/** `phase fact -> next`, as the recording engine notes what it sees. */
export const drawnArrows: readonly string[] = drawnLines.flatMap((l) =>
  l.next.map((n) => `${l.phase} ${l.fact} -> ${n}`),
);
