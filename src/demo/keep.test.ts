import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { newKeep } from './keep.js';

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-keep-'));
  made.push(dir);
  return dir;
}

it('keeps the last five, and touches nothing else', async () => {
  const dir = join(place(), 'reports', 'demo');
  for (let minute = 0; minute < 7; minute += 1)
    await newKeep(dir, new Date(Date.UTC(2026, 0, 2, 3, minute, 5)));
  mkdirSync(join(dir, 'mine'));
  const last = await newKeep(dir, new Date(Date.UTC(2026, 0, 2, 4, 0, 0)));
  const names = readdirSync(dir).map((name) => name.slice(0, 15));
  expect(names.sort()).toEqual([
    '20260102-030305',
    '20260102-030405',
    '20260102-030505',
    '20260102-030605',
    '20260102-040000',
    'mine',
  ]);
  expect(readdirSync(last)).toEqual([]);
});

it('goes elsewhere when it cannot be kept there', async () => {
  const file = join(place(), 'a-file');
  writeFileSync(file, '');
  const dir = await newKeep(file, new Date());
  made.push(dir);
  expect(dir.startsWith(join(tmpdir(), 'switchhook-demo-'))).toBe(true);
});
