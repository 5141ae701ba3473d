import { Script } from '../scripts.js';

/**
 * Keeps a letter, at the place it had when it was there before.
 *
 * KEYS letters, order, order of the channel, number.
 * ARGV event id, letter.
 * Answers how many letters there are.
 */
export const PUT_LETTER = new Script(`
if redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  local n = redis.call('INCR', KEYS[4])
  redis.call('ZADD', KEYS[2], n, ARGV[1])
  redis.call('ZADD', KEYS[3], n, ARGV[1])
end
return redis.call('HLEN', KEYS[1])
`);

/**
 * KEYS letters, order, order of the channel.
 * ARGV event id.
 * Answers 1, or 0: there was none.
 */
export const REMOVE_LETTER = new Script(`
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

/**
 * KEYS letters, order (of all or of a channel).
 * ARGV number behind which the page begins, letters of the page.
 * Answers number and letter by turns, one letter more than asked for when there is one.
 */
export const LIST_LETTERS = new Script(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2] + 1)
local page = {}
for i = 1, #ids, 2 do
  local letter = redis.call('HGET', KEYS[1], ids[i])
  if letter then
    page[#page + 1] = ids[i + 1]
    page[#page + 1] = letter
  end
end
return page
`);
