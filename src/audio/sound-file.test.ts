import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSoundFile } from './sound-file.js';

describe('isSoundFile', () => {
  it.each(['sorry.wav', 'a/b/c.wav', 'Приветствие.wav', 'a-b_c.1.wav', '/srv/x.wav', 'noext'])(
    '%s is one',
    (name) => expect(isSoundFile(name)).toBe(true),
  );

  it.each([
    '',
    '/',
    '.',
    '..',
    '../a',
    'a/..',
    'a/../b',
    './a',
    'a/',
    '//a',
    'a//b',
    '~/a',
    'a\\b',
    'a b',
    'a\0b',
  ])('%j is none', (name) => expect(isSoundFile(name)).toBe(false));

  it('no name leaves its directory, whatever it is made of', () => {
    const pieces = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      'a',
      '.wav',
      '!',
      '@@',
      '{',
      '\0',
      '\n',
      '://',
      '…',
    );
    const names = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(names, (name) => {
        if (!isSoundFile(name) || name.startsWith('/')) return;
        const path = join('/srv/sounds', name);
        expect(path.startsWith(`/srv/sounds${sep}`)).toBe(true);
        expect(path).toBe(`/srv/sounds/${name}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('no name means anything to a media server but a file', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('!', '@@', '{', '}', '|', ' ', '\n', ':', '$', '`', ';'),
        (text, sign) => !isSoundFile(`${text}${sign}${text}`),
      ),
    );
  });
});
