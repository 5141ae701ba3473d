import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadScenario, scenarioNames } from './load-scenario.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'load-scenario-'));
  mkdirSync(join(home, 'common'));
  mkdirSync(join(home, '01-x'));
  writeFileSync(join(home, 'common', 'phone.xml'), '<scenario/>');
});
afterEach(() => rmSync(home, { recursive: true }));

const load = (text: string) => {
  writeFileSync(join(home, '01-x', 'scenario.yml'), text);
  return loadScenario(home, '01-x').scenario;
};
const PARTY = 'title: T\nparties:\n  bot: { role: uas, sippFile: common/phone.xml }\n';

it('fills in what is left out', () => {
  const scenario = load(PARTY);
  expect(scenario).toMatchObject({ address: '127.0.0.1', steps: [], expect: { events: [], messages: [] } });
  expect(scenario.parties['bot']).toMatchObject({ transport: 'udp', calls: 1, args: [] });
  expect(scenarioNames(home)).toEqual(['01-x']);
});

it.each([
  ['an unknown key', `${PARTY}stepz: []\n`, '4:1: stepz: unknown key; did you mean "steps"?'],
  [
    'an unknown key of a step',
    `${PARTY}steps:\n  - event: { typ: x }\n`,
    '5:14: steps[0].event.typ: unknown key',
  ],
  [
    'a missing file',
    PARTY.replace('phone', 'fax'),
    '3:21: parties.bot.sippFile: there is no file common/fax.xml',
  ],
  [
    'an unknown party',
    `${PARTY}steps:\n  - cue: { party: bott, say: GO }\n`,
    '5:5: steps[0]: there is no party "bott"',
  ],
  [
    'a party that waits for ever',
    PARTY.replace('phone.xml', 'phone.xml, waits: true'),
    '3:49: parties.bot.waits: no step `start` begins bot',
  ],
  [
    'a start of a party that does not wait',
    `${PARTY}steps:\n  - start: { party: bot }\n`,
    '5:5: steps[0]: bot begins with the others; give it waits: true',
  ],
  [
    'a party that begins twice',
    `${PARTY.replace('phone.xml', 'phone.xml, waits: true')}steps: [{ start: { party: bot } }, { start: { party: bot } }]\n`,
    '4:36: steps[1]: bot has begun already',
  ],
  ['broken YAML', 'title: [', '1:9: '],
])('names %s with line and column', (_what, text, problem) => {
  expect(() => load(text)).toThrow(`scenario.yml:${problem}`);
});
