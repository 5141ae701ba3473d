import { readFileSync } from 'node:fs';

/** One line of the drawing above TABLE: ` *  dialling    targetRefused      -> (failed)` */
export interface DrawnLine {
  readonly phase: string;
  readonly fact: string;
  /** Phases drawn by their own names. */
  readonly next: readonly string[];
  /** Names of groups drawn: `(failed)`. */
  readonly groups: readonly string[];
}

const source = readFileSync(new URL('../../src/domain/table.ts', import.meta.url), 'utf8');

export const drawing = source.slice(0, source.indexOf('export const TABLE'));

const parts = (text: string): readonly string[] =>
  text.split(' | ').map((n) => (n === '(end)' ? 'ending' : n));

/** ` *  (failed) = dialling | retryWait`: phases that several cells lead to alike. */
export const groups: ReadonlyMap<string, readonly string[]> = new Map(
  [...drawing.matchAll(/^ \* {2}(\(\w+\)) = (.+)$/gm)].map(([, name, of]) => [name ?? '', parts(of ?? '')]),
);

export const drawnLines: readonly DrawnLine[] = [...drawing.matchAll(/^ \* {2}(\w+) +(\w+) +-> (.+)$/gm)].map(
  ([, phase, fact, text]) => {
    const next = parts(text ?? '');
    return {
      phase: phase ?? '',
      fact: fact ?? '',
      next: next.filter((n) => !groups.has(n)),
      groups: next.filter((n) => groups.has(n)),
    };
  },
);

const arrows = ({ phase, fact }: DrawnLine, next: readonly string[]): readonly string[] =>
  next.map((n) => `${phase} ${fact} -> ${n}`);

/** `phase fact -> next`, as the recording engine notes what it sees: those drawn one by one. */
export const namedArrows: readonly string[] = drawnLines.flatMap((l) => arrows(l, l.next));

/** The arrows of a group, cell by cell. */
export const arrowsOf = (group: string): readonly string[] =>
  drawnLines.flatMap((l) => (l.groups.includes(group) ? arrows(l, groups.get(group) ?? []) : []));

/** All of them, groups written out. */
export const drawnArrows: readonly string[] = [
  ...new Set([...namedArrows, ...[...groups.keys()].flatMap(arrowsOf)]),
];
