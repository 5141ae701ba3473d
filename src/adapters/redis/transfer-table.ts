import type { CallId, SessionId, TransferId } from '../../domain/ids.js';
import type { TransferStatus } from '../../domain/outcome.js';
import type { PutResult, SessionStatus, TransferRecord } from '../../ports/store.js';
import type { Commands } from './client.js';
import {
  ALL_KEY,
  callKey,
  callTransfersKey,
  channelIndexKey,
  EXPIRY_KEY,
  INDEXED_KEY,
  placeOf,
  placeText,
  recordKey,
  sessionPlaceKey,
  sortable,
  statusIndexKey,
  transferPlaceKey,
  type Place,
} from './keys.js';
import { INDEX, PUT } from './scripts.js';

/** In the order of their numbers in the index. */
export const STATUSES: readonly SessionStatus[] = ['pending', 'queued', 'active', 'post_agent', 'ended'];

/** What belongs to a call lives on so long after its last write: no call is longer. */
const CALL_MS = 30 * 86_400_000;

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

  /** Places come first and indexes last: what is listed can be found, and what can be found is there. */
  async put(record: TransferRecord): Promise<PutResult> {
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
          `${place} ${record.channelId}`,
          transferStatus === null ? '' : JSON.stringify(transferStatus),
          record.status === 'ended' ? this.keepEndedMs : '',
          this.keepCallMs,
        ],
      ),
    ]);
    if (typeof member !== 'string') return 'stale';
    await this.index(member, record);
    return 'written';
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

  private async index(member: string, { revision, status, channelId }: TransferRecord): Promise<void> {
    await INDEX.run(
      this.commands,
      [INDEXED_KEY, EXPIRY_KEY, ALL_KEY, channelIndexKey(channelId), ...STATUSES.map(statusIndexKey)],
      [
        member,
        revision,
        STATUSES.indexOf(status) + 1,
        status === 'ended' ? this.now() + this.keepEndedMs : '',
      ],
    );
  }

  private async at(commands: Commands, place: string | null): Promise<TransferRecord | undefined> {
    return place === null ? undefined : recordAt(commands, placeOf(place));
  }
}

/** We wrote it, so it is one. */
export async function recordAt(
  commands: Commands,
  { callId, transferId }: Place,
): Promise<TransferRecord | undefined> {
  const record = await commands.hget(recordKey(callId, transferId), 'record');
  return record === null ? undefined : (JSON.parse(record) as TransferRecord);
}
