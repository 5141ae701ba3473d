import { randomFillSync, randomUUID } from 'node:crypto';

/**
 * Identifiers from pooled randomness: one system call per 4 KB. Tags carry 64 bits (RFC 3261 19.3 asks for 32), a branch is the
 * transaction's UUID behind the magic cookie (RFC 3261 8.1.1.7), so one key serves the network and the application.
 */
export class Ids {
  private readonly pool = Buffer.allocUnsafe(4096);
  private used = this.pool.length;

  uuid(): string {
    return randomUUID();
  }

  tag(): string {
    if (this.used + 8 > this.pool.length) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    this.used += 8;
    return this.pool.toString('hex', this.used - 8, this.used);
  }

  /** A CSeq or RSeq to start from, far below 2**31 so that it can only grow (RFC 3261 8.1.1.5, RFC 3262 section 3). */
  sequence(): number {
    return parseInt(this.tag().slice(0, 7), 16) + 1;
  }
}

export const BRANCH_COOKIE = 'z9hG4bK';

/** What applications know a dialog by: Call-ID and the tag of whoever sent the INVITE. */
export function dialogIdOf(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}
