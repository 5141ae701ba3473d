import { expect, it } from 'vitest';
import { negotiate } from './negotiate.js';

const offered = ['text/plain', 'application/json', 'text/vnd.mermaid'] as const;

it.each([
  [undefined, 'text/plain'],
  ['', 'text/plain'],
  ['*/*', 'text/plain'],
  ['application/json', 'application/json'],
  ['APPLICATION/JSON; charset=utf-8', 'application/json'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'text/plain'],
  ['text/plain;q=0.5, application/json', 'application/json'],
  ['text/*;q=0.1, application/json;q=0.2', 'application/json'],
  ['text/*, text/plain;q=0', 'text/vnd.mermaid'],
  ['image/png', 'text/plain'],
  ['application/json;q=nonsense, text/vnd.mermaid;q=0.1', 'text/vnd.mermaid'],
])('%s -> %s', (accept, type) => {
  expect(negotiate(accept, offered)).toBe(type);
});
