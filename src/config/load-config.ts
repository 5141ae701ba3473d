import { UsageError } from '../errors.js';
import { checkShape } from '../shape/check-shape.js';
import { formats } from '../shape/formats.js';
import { formatPath, type Path, type Problem } from '../shape/path.js';
import { completeSounds } from './complete-sounds.js';
import { crossProblems } from './cross-checks.js';
import { type Machine, thisMachine } from './machine.js';
import { notYetProblems } from './not-yet.js';
import { type Config, configSchema } from './schema.js';
import { readSecretFiles, whyUnreadable } from './secret-files.js';
import { soundChecks } from './sound-checks.js';
import { substitute } from './substitute.js';
import { parseYaml, type YamlSource } from './yaml-source.js';

export interface ConfigSource {
  /** Path of the YAML file; errors begin with it, as given. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  /** Sound files and programs; without it, this machine's with the PATH of `env`. */
  readonly machine?: Machine;
}

/** Everything wrong with a configuration, one line per mistake in the order of the file. */
export class ConfigError extends UsageError {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/**
 * Reads, completes and checks a configuration. Mistakes of the shape hide those between keys: a cross check on a
 * wrong value would only repeat it in other words.
 */
export function loadConfig({
  file,
  env,
  readFile,
  machine = thisMachine(env['PATH']),
}: ConfigSource): Config {
  const source = parseYaml(textOf(file, readFile));
  if (source.errors.length > 0) {
    throw new ConfigError(
      source.errors.map((e) => `${file}:${e.place.line}:${e.place.column}: ${e.message}`),
    );
  }
  const substituted = substitute(source.value ?? {}, env);
  const complete = readSecretFiles(substituted.value, file, readFile);
  const shape = checkShape(configSchema, complete.value, { formats, substituted: substituted.paths });
  fail(
    file,
    source,
    substituted.problems.length > 0 ? substituted.problems : [...complete.problems, ...shape.problems],
  );
  // The shape check has just proved it.
  const config = completeSounds(shape.value as Config, file, machine);
  fail(file, source, [
    ...crossProblems(config, (path) => has(source.value, path)),
    ...soundChecks(config, machine),
    ...notYetProblems(config),
  ]);
  return freeze(config);
}

function textOf(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new ConfigError([`${file}: ${whyUnreadable(error)}; name another with --config FILE`]);
  }
}

function fail(file: string, source: YamlSource, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const placed = problems.map((p) => ({ ...p, place: source.placeOf(p.path) }));
  placed.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  throw new ConfigError(
    placed.map(({ place, path, message }) => {
      const key = path.length === 0 ? 'the configuration' : formatPath(path);
      return `${file}:${place.line}:${place.column}: ${key}: ${message}`;
    }),
  );
}

function has(document: unknown, path: Path): boolean {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return true;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const item of Object.values(Object.freeze(value))) freeze(item);
  return value;
}
