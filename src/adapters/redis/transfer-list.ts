import type { TransferFilter, TransferRecord } from '../../ports/store.js';
import type { Commands } from './client.js';
import {
  ALL_KEY,
  callTransfersKey,
  channelIndexKey,
  EXPIRY_KEY,
  INDEXED_KEY,
  memberOf,
  statusIndexKey,
} from './keys.js';
import { recordAt, STATUSES } from './transfer-table.js';

export interface TransferPage {
  readonly items: readonly TransferRecord[];
  readonly nextCursor: string | null;
}

/** Most members of an index read at once. */
const CHUNK = 100;

interface Found {
  readonly member: string;
  readonly record: TransferRecord;
}

/** A page, newest first. The cursor is the last member given, so what is written meanwhile shifts nothing. */
export async function listTransfers(commands: Commands, filter: TransferFilter): Promise<TransferPage> {
  const index = narrowestIndex(filter);
  const chunk = Math.min(CHUNK, filter.limit + 1);
  const found: Found[] = [];
  let before = filter.cursor === undefined ? '+' : `(${fromCursor(filter.cursor)}`;
  // One more than asked for tells whether there is another page.
  while (found.length <= filter.limit) {
    const members = await commands.zrevrangebylex(index, before, '-', 'LIMIT', 0, chunk);
    const last = members.at(-1);
    if (last === undefined) break;
    found.push(...(await matching(commands, members, filter)));
    before = `(${last}`;
  }
  const page = found.slice(0, filter.limit);
  const end = page.at(-1);
  return {
    items: page.map(({ record }) => record),
    nextCursor: found.length > page.length && end !== undefined ? toCursor(end.member) : null,
  };
}

/** The fewest members to look through; what it does not tell apart, the records do. */
function narrowestIndex({ callId, status, channelId }: TransferFilter): string {
  if (callId !== undefined) return callTransfersKey(callId);
  if (status !== undefined && (status !== 'ended' || channelId === undefined)) return statusIndexKey(status);
  return channelId === undefined ? ALL_KEY : channelIndexKey(channelId);
}

async function matching(
  commands: Commands,
  members: readonly string[],
  { status, callId, channelId }: TransferFilter,
): Promise<Found[]> {
  const records = await Promise.all(members.map((member) => recordAt(commands, memberOf(member))));
  return members.flatMap((member, i) => {
    const record = records[i];
    // An expired record stays in the indexes until the next sweep.
    if (record === undefined) return [];
    const wanted =
      (status === undefined || record.status === status) &&
      (callId === undefined || record.callId === callId) &&
      (channelId === undefined || record.channelId === channelId);
    return wanted ? [{ member, record }] : [];
  });
}

const toCursor = (member: string): string => Buffer.from(member).toString('base64url');
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

/** Members swept at once: a sweep never keeps Redis busy. */
const SWEPT = 500;

/** Takes expired records out of the indexes; `false`: there are more. */
export async function sweepIndexes(commands: Commands, now: number): Promise<boolean> {
  const members = await commands.zrangebyscore(EXPIRY_KEY, '-inf', now, 'LIMIT', 0, SWEPT);
  if (members.length === 0) return true;
  const channels = new Set(members.map((member) => memberOf(member).channelId));
  await Promise.all([
    commands.zrem(ALL_KEY, ...members),
    ...STATUSES.map((status) => commands.zrem(statusIndexKey(status), ...members)),
    ...[...channels].map((channel) => commands.zrem(channelIndexKey(channel), ...members)),
    commands.hdel(INDEXED_KEY, ...members),
  ]);
  // Last: what was not taken out everywhere is found again.
  await commands.zrem(EXPIRY_KEY, ...members);
  return members.length < SWEPT;
}
