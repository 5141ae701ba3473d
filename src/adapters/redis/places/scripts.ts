import { MINUTE_MS } from '../../../domain/limits/window.js';
import { Script } from '../scripts.js';

/** The server's clock, the same for all engines; what lies ahead of it was written before it was set back. */
const TIMES = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function lapse(key) redis.call('ZREMRANGEBYSCORE', key, '-inf', now) end
local function wait(key, limit)
  if limit == '' then return 0 end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - ${MINUTE_MS})
  redis.call('ZREMRANGEBYSCORE', key, now + 1000, '+inf')
  local over = redis.call('ZCARD', key) - tonumber(limit)
  if over < 0 then return 0 end
  local oldest = redis.call('ZRANGE', key, over, over, 'WITHSCORES')[2]
  return math.max(1, (tonumber(oldest) or now) + ${MINUTE_MS} - now)
end
local function add(key, at, member, ms)
  redis.call('ZADD', key, at, member)
  redis.call('PEXPIRE', key, ms)
end
`;

/**
 * Takes a place, or says which limit is reached. The limits are counted by everybody's members.
 *
 * KEYS places, minute, target. ARGV id, ms it is held without renewal, concurrent, perMinute, perTargetPerMinute ('' =
 * none). Answers `taken` or the limit, ms until it has room (0: nobody knows), places taken.
 */
export const TAKE = new Script(`${TIMES}
lapse(KEYS[1])
local inUse = redis.call('ZCARD', KEYS[1])
if ARGV[3] ~= '' and inUse >= tonumber(ARGV[3]) then return {'concurrent', 0, inUse} end
local full = wait(KEYS[2], ARGV[4])
if full > 0 then return {'perMinute', full, inUse} end
full = wait(KEYS[3], ARGV[5])
if full > 0 then return {'perTargetPerMinute', full, inUse} end
add(KEYS[1], now + ARGV[2], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then add(KEYS[2], now, ARGV[1], ${MINUTE_MS}) end
if ARGV[5] ~= '' then add(KEYS[3], now, ARGV[1], ${MINUTE_MS}) end
return {'taken', 0, inUse + 1}
`);

/**
 * An engine is alive and has these places, whether or not they were known.
 *
 * KEYS places, minute, engines. ARGV engine, ms until it counts as gone, perMinute or '', then the ids.
 * Answers places taken, requests of the last minute, ms until one more fits (0: now), engines.
 */
export const RENEW = new Script(`${TIMES}
local members = {}
for i = 4, #ARGV do
  members[#members + 1] = now + ARGV[2]
  members[#members + 1] = ARGV[i]
  if #members == 2000 or i == #ARGV then
    redis.call('ZADD', KEYS[1], unpack(members))
    members = {}
  end
end
if #ARGV > 3 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
add(KEYS[3], now + ARGV[2], ARGV[1], ARGV[2])
lapse(KEYS[1])
lapse(KEYS[3])
local full = wait(KEYS[2], ARGV[3])
return {redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2]), full, redis.call('ZCARD', KEYS[3])}
`);

/** Counts a request that went out while nobody could be asked. KEYS windows it belongs to. ARGV id, ms ago. */
export const COUNT = new Script(`${TIMES}
for _, key in ipairs(KEYS) do add(key, now - ARGV[2], ARGV[1], ${MINUTE_MS}) end
return 1
`);

/** A queue nobody was sent to for so long begins anew. */
const TURNS_MS = 30 * 86_400_000;

/** Gives out turns. KEYS the queue. ARGV how many. Answers how many were given out so far. */
export const TURNS = new Script(`
local given = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${TURNS_MS})
return given
`);
