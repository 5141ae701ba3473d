import { AppError } from '../../errors.js';
import type { Control, OnceKey } from '../../ports/control.js';
import type { SessionAction, SessionActed } from '../../ports/sessions.js';
import type { TransferRecord } from '../../ports/transfer-record.js';

type Asked = Pick<Control, 'transfer' | 'cancelTransfer' | 'hangup' | 'bringBack' | 'closeSession'>;

/** Actions on the session of a call: they are asked of the call, and the record follows what becomes of it. */
export class CallActions {
  constructor(
    private readonly control: Asked,
    /** Ends the record of a call that is gone; false: somebody else has changed it. */
    private readonly endRecord: (record: TransferRecord) => Promise<boolean>,
  ) {}

  /** @returns the transfer that begins, if one does */
  async act(
    record: TransferRecord,
    action: SessionAction,
    once?: OnceKey,
  ): Promise<SessionActed['transfer']> {
    switch (action) {
      case 'end':
        await this.end(record);
        return null;
      case 'cancel':
        await this.cancel(record);
        return null;
      case 'return':
        await this.bringBack(record);
        return null;
      case 'retry':
        return this.retry(record, once);
    }
  }

  /** Everybody is let go; where the agent is gone already, the record is closed and the caller stays with its bot. */
  private async end(record: TransferRecord): Promise<void> {
    const { status, callId, transferId } = record;
    if (status === 'ended') throw over(record);
    if (status === 'post_agent' && (await unlessGone(this.control.closeSession(callId, transferId))) === true)
      return;
    if (status !== 'post_agent' && (await unlessGone(this.control.hangup(callId).then(() => true))) === true)
      return;
    // No engine has the call any more, or knows this transfer of it.
    if (!(await this.endRecord(record))) throw state(record, 'it has just changed; look again');
  }

  private async cancel(record: TransferRecord): Promise<void> {
    if (record.status === 'ended') throw over(record);
    if (record.state !== 'pending') throw state(record, 'it has its verdict');
    await this.control.cancelTransfer(record.transferId);
  }

  private async bringBack(record: TransferRecord): Promise<void> {
    if (record.status === 'ended') throw over(record);
    if (record.status !== 'active') throw state(record, 'nobody talks to an agent');
    await this.control.bringBack(record.callId, record.transferId);
  }

  private async retry(record: TransferRecord, once?: OnceKey): Promise<SessionActed['transfer']> {
    const { state: verdict, command, callId } = record;
    if (verdict === 'pending') throw state(record, 'it has no verdict yet');
    if (verdict === 'completed') throw state(record, 'somebody was reached');
    if (command === null) throw state(record, 'its command cannot be given once more');
    const begun = await unlessGone(this.control.transfer(callId, command, once));
    if (begun === undefined) throw state(record, `its call ${callId} is over`);
    return begun;
  }
}

/** `undefined`: no engine has the call. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && error.code === 'call_not_found') return undefined;
    throw error;
  }
}

const over = ({ sessionId, endReason }: TransferRecord): AppError =>
  new AppError('session_over', `session ${sessionId} is over: ${endReason ?? 'ended'}`);

const state = ({ sessionId }: TransferRecord, why: string): AppError =>
  new AppError('session_state', `session ${sessionId}: ${why}`);
