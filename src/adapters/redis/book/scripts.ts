import { Script } from '../scripts.js';

/**
 * Writes what is new of a call, unless another engine has it: whoever claimed it last.
 *
 * KEYS page, unsettled events.
 * ARGV engine, tenure, `whole` or `part`, what becomes of the state (`live`, `over`, `keep`), state, ms a call that
 * changed hands is remembered after its end, number of events, id and event of each, then ids of settled events.
 * Answers `written`; `over`: nothing is left; `lost`: nothing was written; `missing`: nothing was written, because what
 * this is a part of is not there.
 */
export const WRITE = new Script(`
local known = redis.call('HMGET', KEYS[1], 'engine', 'tenure')
local tenure, mine = tonumber(known[2] or '0'), tonumber(ARGV[2])
if tenure > mine or (tenure == mine and known[1] ~= ARGV[1]) then return 'lost' end
if ARGV[3] == 'whole' then
  redis.call('DEL', KEYS[2])
elseif tenure < mine then
  return 'missing'
end
redis.call('HSET', KEYS[1], 'engine', ARGV[1], 'tenure', ARGV[2])
if ARGV[4] == 'live' then redis.call('HSET', KEYS[1], 'state', ARGV[5]) end
if ARGV[4] == 'over' then redis.call('HDEL', KEYS[1], 'state') end
local settled = 8 + 2 * tonumber(ARGV[7])
for i = 8, settled - 1, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
for i = settled, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
if redis.call('HEXISTS', KEYS[1], 'state') == 1 or redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PERSIST', KEYS[1])
  return 'written'
end
if mine > 1 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) else redis.call('DEL', KEYS[1]) end
return 'over'
`);

/** Forgets a call that is this engine's. KEYS page, unsettled events. ARGV engine. */
export const DROP = new Script(`
if redis.call('HGET', KEYS[1], 'engine') == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2]) end
return 1
`);

/**
 * Gives a call to another engine, if it is still that of the engine it was taken for. Once more by the same engine
 * changes nothing: its first answer may have been lost.
 *
 * KEYS page, unsettled events. ARGV engine it is taken from, engine that takes it.
 * Answers nil: it is somebody else's or over; or tenure, state or nil, then the unsettled events.
 */
export const CLAIM = new Script(`
local known = redis.call('HMGET', KEYS[1], 'engine', 'tenure', 'state')
if known[1] ~= ARGV[1] and known[1] ~= ARGV[2] then return false end
local answer = { tonumber(known[2]), known[3] }
for _, event in ipairs(redis.call('HVALS', KEYS[2])) do answer[#answer + 1] = event end
if not known[3] and #answer == 2 then return false end
if known[1] == ARGV[1] then
  answer[1] = answer[1] + 1
  redis.call('HSET', KEYS[1], 'engine', ARGV[2], 'tenure', answer[1])
end
return answer
`);
