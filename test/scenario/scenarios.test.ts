import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenarioNames } from '../../src/scenarios/load-scenario.js';
import type { ScenarioResult } from '../../src/scenarios/play-scenario.js';
import { explain } from '../../src/scenarios/report.js';
import { playScenarios, runScenarios, type RunOptions } from '../../src/scenarios/run-scenarios.js';

/** The QA scenarios as `npm run scenarios` plays them: a real engine, real SIPp phones, one test per scenario. */
const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'dist', 'main.js');

/** Also when the runner itself is told to stop, nothing it started stays behind. */
const controller = new AbortController();
process.once('exit', () => controller.abort());

const nowhere = { write: () => true };
const options = (over: Partial<RunOptions> = {}): RunOptions => ({
  names: [],
  all: false,
  keep: false,
  root,
  engine: [process.execPath, main],
  tmpDir: tmpdir(),
  stdout: nowhere,
  stderr: nowhere,
  signal: controller.signal,
  ...over,
});

beforeAll(() => {
  if (!existsSync(main)) throw new Error('dist/main.js is missing: run "npm run build" first');
});
afterAll(() => controller.abort());

describe('SIPp scenarios', () => {
  const names = scenarioNames(join(root, 'sip-scenarios'));
  let results: ReadonlyMap<string, ScenarioResult>;
  beforeAll(async () => {
    results = new Map((await playScenarios(options())).map((result) => [result.name, result]));
  }, 600_000);

  it.each(names)('%s', (name) => {
    const result = results.get(name);
    expect(
      result?.failures.map(({ message }) => message),
      result && explain(result),
    ).toEqual([]);
  });

  it('leaves a JUnit report and a ladder of each', () => {
    const junit = readFileSync(join(root, 'reports', 'scenarios', 'junit.xml'), 'utf8');
    expect(junit).toContain(`<testsuite name="sip-scenarios" tests="${names.length}"`);
    for (const name of names) {
      expect(existsSync(join(root, 'reports', 'scenarios', `${name}.ladder.txt`)), name).toBe(true);
    }
  });
});

/** A ring that cannot fail proves nothing: the same scenario with one wrong word in it. */
describe('the runner itself', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'switchhook-wrong-'));
    cpSync(join(root, 'sip-scenarios', 'common'), join(copy, 'sip-scenarios', 'common'), { recursive: true });
    const busy = readFileSync(join(root, 'sip-scenarios', '04-busy', 'scenario.yml'), 'utf8');
    const wrong: Record<string, [from: string, to: string]> = {
      '01-event': ['    - transfer.requested\n', ''],
      '02-outcome': ['outcome: busy\n', 'outcome: declined\n'],
      '03-count': ['message: INVITE, times: 1', 'message: INVITE, times: 2'],
      '04-status': ['hangup: false }\n', 'hangup: true }\n'],
      '05-party': ['common/caller.xml', 'common/caller-refused.xml'],
      '06-answer': ['status: 202', 'status: 200'],
    };
    for (const [name, [from, to]] of Object.entries(wrong)) {
      expect(busy, name).toContain(from);
      mkdirSync(join(copy, 'sip-scenarios', name));
      writeFileSync(join(copy, 'sip-scenarios', name, 'scenario.yml'), busy.replace(from, to));
    }
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('fails every scenario that expects something else, and says what', { timeout: 120_000 }, async () => {
    const results = await playScenarios(options({ root: copy }));
    expect(results.map(({ name, failures }) => [name, failures[0]?.where])).toEqual([
      ['01-event', 'expect.events[1]'],
      ['02-outcome', 'expect.events[5]'],
      ['03-count', 'expect.counts[0] at target'],
      ['04-status', 'expect.transferStatus'],
      ['05-party', 'party caller'],
      ['06-answer', 'steps[1]'],
    ]);
  });

  it('plays the example of the format as it is written', { timeout: 60_000 }, async () => {
    const readme = readFileSync(join(root, 'sip-scenarios', 'README.md'), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';
    mkdirSync(join(copy, 'sip-scenarios', '50-example'));
    writeFileSync(join(copy, 'sip-scenarios', '50-example', 'scenario.yml'), example);
    const [result] = await playScenarios(options({ root: copy, names: ['50-example'] }));
    expect(result?.failures.map(({ message }) => message)).toEqual([]);
  });

  it('answers a name nobody knows with one line and 2', async () => {
    let said = '';
    const stderr = { write: (text: string) => (said += text) };
    expect(await runScenarios(options({ names: ['99-none'], stderr }))).toBe(2);
    expect(said).toMatch(/^switchhook: there is no scenario "99-none"; known: .*\n$/);
  });

  it('says what to install where there is no SIPp', async () => {
    let said = '';
    const stderr = { write: (text: string) => (said += text) };
    expect(await runScenarios(options({ sipp: 'no-such-sipp', stderr }))).toBe(2);
    expect(said).toMatch(
      /^switchhook: SIPp \("no-such-sipp"\) is not installed: apt-get install sip-tester.*\n$/,
    );
  });
});
