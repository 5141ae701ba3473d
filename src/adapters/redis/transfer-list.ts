import {
  matchesFilter,
  type TransferFilter,
  type TransferPage,
  type TransferRecord,
} from '../../ports/transfer-record.js';
import type { Commands } from './client.js';
import {
  ALL_KEY,
  callTransfersKey,
  channelIndexKey,
  contactIndexKey,
  contactTagOf,
  DUE_KEY,
  EXPIRY_KEY,
  followUpIndexKey,
  INDEXED_KEY,
  memberOf,
  sortable,
  statusIndexKey,
} from './keys.js';
import { recordAt, STATUSES } from './transfer-table.js';

/** Most members of an index read at once. */
const CHUNK = 100;
/** And for one page: a rare match must not be looked for until the reader has gone. */
const MAX_SCANNED = 2000;

interface Found {
  readonly member: string;
  readonly record: TransferRecord;
}

/** A page, newest first. The cursor is the last member looked at, so what is written meanwhile shifts nothing. */
export async function listTransfers(commands: Commands, filter: TransferFilter): Promise<TransferPage> {
  const index = narrowestIndex(filter);
  const chunk = Math.min(CHUNK, filter.limit + 1);
  const found: Found[] = [];
  const { newest, least } = range(filter);
  let before = newest;
  // One more than asked for tells whether there is another page.
  for (let scanned = 0; found.length <= filter.limit; scanned += chunk) {
    if (scanned >= MAX_SCANNED) return page(found, before.slice(1));
    const members = await commands.zrevrangebylex(index, before, least, 'LIMIT', 0, chunk);
    const last = members.at(-1);
    if (last === undefined) return page(found, null);
    found.push(...(await matching(commands, members, filter)));
    before = `(${last}`;
  }
  return page(found.slice(0, filter.limit), found[filter.limit - 1]?.member ?? null);
}

const page = (found: readonly Found[], last: string | null): TransferPage => ({
  items: found.map(({ record }) => record),
  nextCursor: last === null ? null : toCursor(last),
});

/** Members begin with when they were made. */
function range({ cursor, from, to }: TransferFilter): { newest: string; least: string } {
  const end = to === undefined ? '+' : `(${sortable(Date.parse(to))}`;
  return {
    newest: cursor === undefined ? end : `(${fromCursor(cursor)}`,
    least: from === undefined ? '-' : `[${sortable(Date.parse(from))}`,
  };
}

/** The fewest members to look through; what it does not tell apart, the records do. */
function narrowestIndex({ callId, contact, followUp, status, channelId }: TransferFilter): string {
  if (callId !== undefined) return callTransfersKey(callId);
  if (contact !== undefined) return contactIndexKey(contactTagOf(contact));
  if (followUp === 'open') return followUpIndexKey('open');
  if (status !== undefined && (status !== 'ended' || channelId === undefined)) return statusIndexKey(status);
  if (followUp !== undefined) return followUpIndexKey(followUp);
  return channelId === undefined ? ALL_KEY : channelIndexKey(channelId);
}

async function matching(
  commands: Commands,
  members: readonly string[],
  filter: TransferFilter,
): Promise<Found[]> {
  const records = await Promise.all(members.map((member) => recordAt(commands, memberOf(member))));
  return members.flatMap((member, i) => {
    const record = records[i];
    // An expired record stays in the indexes until the next sweep.
    return record !== undefined && matchesFilter(record, filter) ? [{ member, record }] : [];
  });
}

const toCursor = (member: string): string => Buffer.from(member).toString('base64url');
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

/** Records whose time has run out, the longest first; of more than a chunk, the first. */
export async function expiredTransfers(commands: Commands, now: number): Promise<TransferRecord[]> {
  const members = await commands.zrangebyscore(DUE_KEY, '-inf', now, 'LIMIT', 0, CHUNK);
  const records = await Promise.all(members.map((member) => recordAt(commands, memberOf(member))));
  return records.flatMap((record) => (record === undefined ? [] : [record]));
}

/** Members swept at once: a sweep never keeps Redis busy. */
const SWEPT = 500;

/** Takes expired records out of the indexes; `false`: there are more. */
export async function sweepIndexes(commands: Commands, now: number): Promise<boolean> {
  const members = await commands.zrangebyscore(EXPIRY_KEY, '-inf', now, 'LIMIT', 0, SWEPT);
  if (members.length === 0) return true;
  const channels = new Set(members.map((member) => memberOf(member).channelId));
  const contacts = new Set(members.map((member) => memberOf(member).contactTag));
  const indexes = [
    ...[ALL_KEY, followUpIndexKey('open'), followUpIndexKey('done'), ...STATUSES.map(statusIndexKey)],
    ...[...channels].map(channelIndexKey),
    ...[...contacts].map(contactIndexKey),
  ];
  await Promise.all([
    ...indexes.map((index) => commands.zrem(index, ...members)),
    commands.hdel(INDEXED_KEY, ...members),
  ]);
  // Last: what was not taken out everywhere is found again.
  await commands.zrem(EXPIRY_KEY, ...members);
  return members.length < SWEPT;
}
