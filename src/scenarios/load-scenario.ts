import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from '../config/yaml-source.js';
import { UsageError } from '../errors.js';
import { checkShape } from '../shape/check-shape.js';
import { formatPath, type Path, type Problem } from '../shape/path.js';
import { type Scenario, scenarioSchema, type Step } from './scenario-schema.js';

/** A scenario and where it lives. */
export interface ScenarioFile {
  /** Name of its directory: `04-busy`. */
  readonly name: string;
  readonly directory: string;
  readonly scenario: Scenario;
}

/** Names of all scenarios, in the order of their numbers. */
export const scenarioNames = (home: string): string[] =>
  readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(home, entry.name, 'scenario.yml')))
    .map((entry) => entry.name)
    .sort();

/** Reads and checks one scenario; every mistake is a line `file:line:column: key: message`. */
export function loadScenario(home: string, name: string): ScenarioFile {
  const directory = join(home, name);
  const file = join(directory, 'scenario.yml');
  const source = parseYaml(readFileSync(file, 'utf8'));
  const fail = (problems: readonly Problem[]): void => {
    if (problems.length === 0) return;
    const lines = problems.map(({ path, message }) => {
      const { line, column } = source.placeOf(path);
      return `${file}:${line}:${column}: ${formatPath(path)}: ${message}`;
    });
    throw new UsageError(lines.join('\n'));
  };
  const broken = source.errors.map(
    ({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`,
  );
  if (broken.length > 0) throw new UsageError(broken.join('\n'));
  const { value, problems } = checkShape(scenarioSchema, source.value ?? {}, { formats: {} });
  fail(problems);
  // The shape check has just proved it.
  const scenario = value as Scenario;
  fail([
    ...missingFiles(home, directory, scenario),
    ...unknownParties(scenario),
    ...wrongBeginnings(scenario),
  ]);
  return { name, directory, scenario };
}

/** XML and CSV live beside scenario.yml; `common/NAME.xml` is shared by all. */
export const fileOf = (home: string, directory: string, file: string): string =>
  file.startsWith('common/') ? join(home, file) : join(directory, file);

function missingFiles(home: string, directory: string, { parties }: Scenario): Problem[] {
  return Object.entries(parties).flatMap(([name, { sippFile, csv }]) => {
    const files: [string, string | undefined][] = [
      ['sippFile', sippFile],
      ['csv', csv],
    ];
    return files.flatMap(([key, file]) =>
      file === undefined || existsSync(fileOf(home, directory, file))
        ? []
        : [{ path: ['parties', name, key], message: `there is no file ${file}` }],
    );
  });
}

function unknownParties({ parties, steps, expect }: Scenario): Problem[] {
  const named: { path: Path; party: string | undefined }[] = [
    ...steps.map((step, i) => ({ path: ['steps', i], party: partyOf(step) })),
    ...expect.messages.map(({ at }, i) => ({ path: ['expect', 'messages', i, 'at'], party: at })),
    ...expect.counts.map(({ at }, i) => ({ path: ['expect', 'counts', i, 'at'], party: at })),
  ];
  return named.flatMap(({ path, party }) =>
    party === undefined || Object.hasOwn(parties, party)
      ? []
      : [{ path, message: `there is no party "${party}"; known: ${Object.keys(parties).join(', ')}` }],
  );
}

/** A party that waits begins at one step, and no other party does. */
function wrongBeginnings({ parties, steps }: Scenario): Problem[] {
  const begun = steps.map((step) => ('start' in step ? step.start.party : undefined));
  const never = Object.entries(parties).flatMap(([name, { waits }]) =>
    waits && !begun.includes(name)
      ? [{ path: ['parties', name, 'waits'], message: `no step \`start\` begins ${name}` }]
      : [],
  );
  const wrong = begun.flatMap((name, i) => {
    if (name === undefined || !Object.hasOwn(parties, name)) return [];
    if (parties[name]?.waits !== true)
      return [{ path: ['steps', i], message: `${name} begins with the others; give it waits: true` }];
    return begun.indexOf(name) < i ? [{ path: ['steps', i], message: `${name} has begun already` }] : [];
  });
  return [...never, ...wrong];
}

function partyOf(step: Step): string | undefined {
  if ('cue' in step) return step.cue.party;
  if ('exit' in step) return step.exit.party;
  if ('start' in step) return step.start.party;
  return 'message' in step ? step.message.at : undefined;
}
