import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { messageOf } from './failures.js';

it('says of a command that was under way when the connection broke what became of it', async () => {
  // Nobody listens on port 1.
  const redis = new Redis({ host: '127.0.0.1', port: 1, maxRetriesPerRequest: 0, lazyConnect: true });
  redis.on('error', () => undefined);
  const failure: unknown = await redis.get('any').catch((error: unknown) => error);
  redis.disconnect();
  expect(failure).toMatchObject({ message: expect.stringContaining('maxRetriesPerRequest') as string });
  expect(messageOf(failure)).toBe('the connection broke before it answered');
});

it('says why none of several addresses answers', () => {
  const failure = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
  expect(messageOf(failure)).toBe('ECONNREFUSED');
});
