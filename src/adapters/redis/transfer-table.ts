import type { CallId, SessionId, TransferId } from '../../domain/ids.js';
import type { TransferStatus } from '../../domain/outcome.js';
import type { PutResult } from '../../ports/store.js';
import {
  SESSION_STATUSES,
  withNotes,
  type SessionNotes,
  type SessionStatus,
  type TransferRecord,
} from '../../ports/transfer-record.js';
import type { Commands } from './client.js';
import {
  ALL_KEY,
  callKey,
  callTransfersKey,
  channelIndexKey,
  contactIndexKey,
  contactTagOf,
  DUE_KEY,
  EXPIRY_KEY,
  followUpIndexKey,
  INDEXED_KEY,
  memberText,
  placeOf,
  placeText,
  recordKey,
  recordText,
  sessionPlaceKey,
  sortable,
  statusIndexKey,
  transferPlaceKey,
  type Place,
} from './keys.js';
import { NOTE_FIELDS, noteArguments, notesOf } from './notes.js';
import { INDEX, NOTE, PUT } from './scripts.js';

/** In the order of their numbers in the index. */
export const STATUSES: readonly SessionStatus[] = SESSION_STATUSES;

/** What belongs to a call lives on so long after its last write: no call is longer. */
const CALL_MS = 30 * 86_400_000;

const FIELDS = ['record', 'rank', ...NOTE_FIELDS] as const;

/** Records of transfers: each under its call, found by its ids, and in the indexes. */
export class TransferTable {
  private readonly keepCallMs: number;

  constructor(
    private readonly commands: Commands,
    private readonly keepEndedMs: number,
    private readonly now: () => number,
  ) {
    this.keepCallMs = Math.max(CALL_MS, keepEndedMs);
  }

  /**
   * Places come first and indexes last: what is listed can be found, and what can be found is there. `known`: the
   * revision that must be there, 0 for none; `null`: any that is not newer.
   */
  async put(record: TransferRecord, known: number | null = null): Promise<PutResult> {
    const place = placeText(record);
    const { transferId, sessionId, callId, transferStatus } = record;
    const [, , member] = await Promise.all([
      this.commands.set(transferPlaceKey(transferId), place, 'PX', this.keepCallMs),
      this.commands.set(sessionPlaceKey(sessionId), place, 'PX', this.keepCallMs),
      PUT.run(
        this.commands,
        [recordKey(callId, transferId), callKey(callId), callTransfersKey(callId)],
        [
          record.revision,
          JSON.stringify(record),
          sortable(Date.parse(record.createdAt)),
          recordText(record),
          transferStatus === null ? '' : JSON.stringify(transferStatus),
          record.status === 'ended' ? this.keepEndedMs : '',
          this.keepCallMs,
          known ?? '',
        ],
      ),
    ]);
    if (typeof member !== 'string') return 'stale';
    await this.index(member, record);
    return 'written';
  }

  /** What others say about a record; `undefined`: there is none. */
  async annotate(
    commands: Commands,
    id: TransferId,
    notes: SessionNotes,
  ): Promise<TransferRecord | undefined> {
    const text = await commands.get(transferPlaceKey(id));
    if (text === null) return undefined;
    const place = placeOf(text);
    const key = recordKey(place.callId, place.transferId);
    const row = await NOTE.run(commands, [key], [FIELDS.join(','), ...noteArguments(notes)]);
    const record = Array.isArray(row) ? recordOf(row as (string | null)[]) : undefined;
    if (record === undefined || notes.followUp === undefined) return record;
    // We asked for the rank second.
    await this.index(memberText(record, Number((row as (string | null)[])[1])), record);
    return record;
  }

  async get(commands: Commands, id: TransferId): Promise<TransferRecord | undefined> {
    return this.at(commands, await commands.get(transferPlaceKey(id)));
  }

  async session(commands: Commands, id: SessionId): Promise<TransferRecord | undefined> {
    return this.at(commands, await commands.get(sessionPlaceKey(id)));
  }

  async lastStatus(commands: Commands, id: CallId): Promise<TransferStatus | undefined> {
    const status = await commands.hget(callKey(id), 'status');
    return status === null ? undefined : (JSON.parse(status) as TransferStatus);
  }

  private async index(member: string, record: TransferRecord): Promise<void> {
    const { revision, status, channelId, contact, followUp, expiresAt } = record;
    const ended = status === 'ended';
    await INDEX.run(
      this.commands,
      [
        ...[INDEXED_KEY, EXPIRY_KEY, DUE_KEY, ALL_KEY, channelIndexKey(channelId)],
        contactIndexKey(contactTagOf(contact)),
        ...[followUpIndexKey('open'), followUpIndexKey('done'), ...STATUSES.map(statusIndexKey)],
      ],
      [
        ...[member, revision, STATUSES.indexOf(status) + 1],
        ended ? this.now() + this.keepEndedMs : '',
        ended || expiresAt === null ? '' : Date.parse(expiresAt),
        followUp?.state ?? '',
      ],
    );
  }

  private async at(commands: Commands, place: string | null): Promise<TransferRecord | undefined> {
    return place === null ? undefined : recordAt(commands, placeOf(place));
  }
}

export async function recordAt(
  commands: Commands,
  { callId, transferId }: Place,
): Promise<TransferRecord | undefined> {
  return recordOf(await commands.hmget(recordKey(callId, transferId), ...FIELDS));
}

/** The values of {@link FIELDS}. We wrote them, so they are what they are. */
function recordOf([record, , ...notes]: readonly (string | null)[]): TransferRecord | undefined {
  return record == null ? undefined : withNotes(JSON.parse(record) as TransferRecord, notesOf(notes));
}
