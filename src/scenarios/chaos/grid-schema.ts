import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { parseYaml } from '../../config/yaml-source.js';
import { strict } from '../../config/strict-object.js';
import { UsageError } from '../../errors.js';
import { checkShape } from '../../shape/check-shape.js';
import { formatPath, type Path } from '../../shape/path.js';
import { parseSwitches, SWITCH_NAMES } from './switches.js';

const METHODS = ['invite', 'refer', 'bye'] as const;
const method = Type.Enum([...METHODS], { description: 'Method of the transfer' });

const cell = strict({
  switches: Type.Array(Type.String(), { description: 'Switches of the far end', maxItems: 4 }),
  method,
  verdict: Type.Enum(['completed', 'failed'], {
    description: 'The terminal event: transfer.completed or .failed',
  }),
  outcome: Type.String({ description: 'Its outcome, in the one word of the contract', minLength: 1 }),
  caller: Type.Enum(['withBot', 'bridged', 'gone'], {
    description:
      'Where the caller is after it: with the bot, with the target, or handed over (the call is over)',
  }),
  why: Type.String({ description: 'Why this is the right outcome', minLength: 10 }),
  wrongPassword: Type.Boolean({
    description: "The trunk's credentials are not the far end's",
    default: false,
  }),
  quick: Type.Boolean({ description: 'Part of npm test', default: false }),
});

const gap = strict({
  switch: Type.Enum([...SWITCH_NAMES], { description: 'A switch' }),
  methods: Type.Array(method, { description: 'Methods it does nothing to', minItems: 1 }),
  because: Type.String({ description: 'Why', minLength: 10 }),
});

const grid = strict({
  cells: Type.Array(cell, { description: 'What is played, with the one outcome it must have', minItems: 1 }),
  doesNotApply: Type.Array(gap, { description: 'Singles that are left out, with the reason' }),
});

export type Grid = Static<typeof grid>;
export type Method = (typeof METHODS)[number];

/** A cell and what it is called: `chaos-refer-lateNotify+dropEvery=3`. */
export type Cell = Grid['cells'][number] & { readonly name: string };

const nameOf = ({ switches, method: by, wrongPassword }: Grid['cells'][number]): string =>
  `chaos-${by}-${switches.length === 0 ? 'polite' : switches.join('+')}${wrongPassword ? '-wrongPassword' : ''}`;

export const cellsOf = ({ cells }: Grid): readonly Cell[] => cells.map((c) => ({ ...c, name: nameOf(c) }));

/**
 * Reads `grid.yml`.
 *
 * @throws UsageError, one line `file:line:column: key: message` per mistake
 */
export function loadGrid(file: string): Grid {
  const source = parseYaml(readFileSync(file, 'utf8'));
  const say = (path: Path, message: string): string => {
    const { line, column } = source.placeOf(path);
    return `${file}:${line}:${column}: ${formatPath(path)}: ${message}`;
  };
  const broken = source.errors.map(
    ({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`,
  );
  if (broken.length > 0) throw new UsageError(broken.join('\n'));
  const { value, problems } = checkShape(grid, source.value ?? {}, { formats: {} });
  if (problems.length > 0)
    throw new UsageError(problems.map(({ path, message }) => say(path, message)).join('\n'));
  // The shape check has just proved it.
  const loaded = value as Grid;
  const wrong = wrongCells(loaded).map(({ path, message }) => say(path, message));
  if (wrong.length > 0) throw new UsageError(wrong.join('\n'));
  return loaded;
}

/** Words that are no switches, and cells that stand there twice. */
function wrongCells(loaded: Grid): { path: Path; message: string }[] {
  const seen = new Set<string>();
  return loaded.cells.flatMap((c, index) => {
    const path = ['cells', index, 'switches'];
    const name = nameOf(c);
    if (seen.has(name)) return [{ path, message: `${name} is there twice` }];
    seen.add(name);
    try {
      parseSwitches(c.switches);
      return [];
    } catch (error) {
      return [{ path, message: error instanceof Error ? error.message : String(error) }];
    }
  });
}

/** Single switches that have neither a cell nor a reason, as `switch x method`: there must be none. */
export function missingSingles({ cells, doesNotApply }: Grid): string[] {
  const has = (name: string, by: Method): boolean =>
    cells.some((c) => c.method === by && c.switches.length === 1 && c.switches[0]?.split('=')[0] === name) ||
    doesNotApply.some((g) => g.switch === name && g.methods.includes(by));
  return SWITCH_NAMES.flatMap((name) =>
    METHODS.filter((by) => !has(name, by)).map((by) => `${name} x ${by}`),
  );
}
