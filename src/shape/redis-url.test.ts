import { expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.js';

const plain = { host: 'h', port: 6379, username: null, password: null, db: 0, tls: false };

it.each([
  ['redis://h', plain],
  ['redis://h/', plain],
  ['redis://h:6380/3', { ...plain, port: 6380, db: 3 }],
  ['redis://:p%40ss@h/1', { ...plain, password: 'p@ss', db: 1 }],
  ['redis://bob:secret@h', { ...plain, username: 'bob', password: 'secret' }],
  ['rediss://h:6379/0', { ...plain, tls: true }],
  ['redis://[::1]:7000', { ...plain, host: '::1', port: 7000 }],
])('%s', (text, expected) => {
  expect(parseRedisUrl(text)).toEqual(expected);
});

it.each([
  '',
  'memry',
  'http://h',
  'redis://',
  'redis:///0',
  'redis://h/x',
  'redis://h/0/1',
  'redis://h?db=1',
  'redis://:%zz@h',
  'redis://h:99999',
])('not %s', (text) => {
  expect(parseRedisUrl(text)).toBeUndefined();
});
