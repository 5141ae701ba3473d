import { createHash } from 'node:crypto';
import type { Commands } from './client.js';

/** A script runs as a whole or not at all, and alone: what it checks is still so when it writes. */
export class Script {
  private readonly sha: string;

  constructor(private readonly lua: string) {
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  async run(client: Commands, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await client.evalsha(this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      // A server that was restarted, or has taken over, has not seen the script yet.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(this.lua, keys.length, ...keys, ...args);
    }
  }
}

/**
 * Writes a record unless a newer revision is there, and what follows from it for its call.
 *
 * KEYS record, call, transfers of the call.
 * ARGV revision, record, when made (sortable), call and transfer and channel and contact (blank between), status of the
 * verdict or '', ms the record lives on or '', ms everything else of the call lives on, the revision that must be there
 * (0: none) or ''.
 * Answers the member of the indexes, or nil: stale.
 */
export const PUT = new Script(`
local known = redis.call('HMGET', KEYS[1], 'revision', 'rank')
if ARGV[8] ~= '' then
  if tonumber(known[1] or '0') ~= tonumber(ARGV[8]) then return false end
elseif known[1] and tonumber(known[1]) > tonumber(ARGV[1]) then return false end
local rank = known[2] or redis.call('HINCRBY', KEYS[2], 'created', 1)
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'rank', rank, 'record', ARGV[2])
if ARGV[6] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[6]) else redis.call('PERSIST', KEYS[1]) end
if ARGV[5] ~= '' then
  local statusRank = redis.call('HGET', KEYS[2], 'statusRank')
  if not statusRank or tonumber(statusRank) <= tonumber(rank) then
    redis.call('HSET', KEYS[2], 'status', ARGV[5], 'statusRank', rank)
  end
end
local member = string.format('%s %06d %s', ARGV[3], rank, ARGV[4])
redis.call('ZADD', KEYS[3], 0, member)
redis.call('PEXPIRE', KEYS[2], ARGV[7])
redis.call('PEXPIRE', KEYS[3], ARGV[7])
return member
`);

/**
 * Writes notes beside a record, if there is one.
 *
 * KEYS record. ARGV names of the fields to read, a comma between; then fields and values to write.
 * Answers what the fields to read hold, or nil: no such record.
 */
export const NOTE = new Script(`
if redis.call('HEXISTS', KEYS[1], 'record') == 0 then return false end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
local fields = {}
for field in string.gmatch(ARGV[1], '[^,]+') do fields[#fields + 1] = field end
return redis.call('HMGET', KEYS[1], unpack(fields))
`);

/**
 * Puts a record where lists find it, unless a newer revision of it is there. A follow-up that is done stays done.
 *
 * KEYS indexed, expiry, due, all, channel, contact, open follow-ups, done ones, then one per status.
 * ARGV member, revision, number of the status, ms since the epoch when it expires or '', ms when it runs out or '',
 * its follow-up (open, done or '').
 */
export const INDEX = new Script(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
local revision, status
if known then revision, status = string.match(known, '^(%d+) (%d+)$') end
if revision and tonumber(revision) > tonumber(ARGV[2]) then return 0 end
for i = 4, 6 do redis.call('ZADD', KEYS[i], 0, ARGV[1]) end
if status and status ~= ARGV[3] then redis.call('ZREM', KEYS[8 + tonumber(status)], ARGV[1]) end
redis.call('ZADD', KEYS[8 + tonumber(ARGV[3])], 0, ARGV[1])
local function at(key, ms)
  if ms ~= '' then redis.call('ZADD', key, ms, ARGV[1]) else redis.call('ZREM', key, ARGV[1]) end
end
at(KEYS[2], ARGV[4])
at(KEYS[3], ARGV[5])
if ARGV[6] == 'done' then
  redis.call('ZREM', KEYS[7], ARGV[1])
  redis.call('ZADD', KEYS[8], 0, ARGV[1])
elseif ARGV[6] == 'open' and not redis.call('ZSCORE', KEYS[8], ARGV[1]) then
  redis.call('ZADD', KEYS[7], 0, ARGV[1])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
`);

/**
 * Appends events that are not in the log yet: whoever got no answer sends again, and whoever takes a call over tells
 * again what may not have been told.
 *
 * KEYS stream, cursors (hash: event id -> cursor), ids (list, newest first). ARGV events kept, then id and event of each.
 * Answers their cursors.
 */
export const APPEND = new Script(`
local cursors = {}
for i = 2, #ARGV, 2 do
  local cursor = redis.call('HGET', KEYS[2], ARGV[i])
  if not cursor then
    cursor = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[i + 1])
    redis.call('HSET', KEYS[2], ARGV[i], cursor)
    redis.call('LPUSH', KEYS[3], ARGV[i])
  end
  cursors[#cursors + 1] = cursor
end
while redis.call('LLEN', KEYS[3]) > tonumber(ARGV[1]) do
  redis.call('HDEL', KEYS[2], redis.call('RPOP', KEYS[3]))
end
return cursors
`);
