import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { OnceKey } from '../../ports/control.js';
import type { Store } from '../../ports/store.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface UnderWay {
  readonly fingerprint: string;
  readonly answer: Promise<Answer>;
}

type Run = (once: OnceKey | undefined) => Promise<Answer>;

/**
 * `Idempotency-Key`: the same key with the same body carries a command out once. A duplicate that arrives while
 * the first is still being carried out waits for its answer. Only success is remembered: a refusal started
 * nothing, so the same command may be tried again under the same key. A duplicate that reaches another engine at the
 * same time is not seen here: the command carries its key to the engine of the call, which knows both.
 */
export class Idempotency {
  private readonly underWay = new Map<string, UnderWay>();

  constructor(
    private readonly store: Pick<Store, 'findIdempotentAnswer' | 'claimIdempotencyKey'>,
    /** Told when an answer could not be remembered; the command itself is carried out by then. */
    private readonly onStoreFailure: (error: unknown) => void,
  ) {}

  async once(scope: string, header: unknown, body: unknown, run: Run): Promise<Answer> {
    if (header === undefined) return run(undefined);
    const key = checkedKey(header);
    const fingerprint = createHash('sha256').update(JSON.stringify(body)).digest('base64');
    const id = `${scope}\n${key}`;
    const first = this.underWay.get(id);
    if (first !== undefined) {
      refuseOtherBody(first.fingerprint, fingerprint, key);
      return first.answer;
    }
    const answer = this.runOrReplay(scope, key, fingerprint, run);
    this.underWay.set(id, { fingerprint, answer });
    try {
      return await answer;
    } finally {
      this.underWay.delete(id);
    }
  }

  private async runOrReplay(scope: string, key: string, fingerprint: string, run: Run) {
    const known = await this.store.findIdempotentAnswer(scope, key);
    if (known !== undefined) {
      refuseOtherBody(known.fingerprint, fingerprint, key);
      return { status: known.status, body: known.body };
    }
    const answer = await run({ key, fingerprint });
    await this.store.claimIdempotencyKey(scope, key, { fingerprint, ...answer }).catch(this.onStoreFailure);
    return answer;
  }
}

function refuseOtherBody(known: string, given: string, key: string): void {
  if (known !== given)
    throw new AppError('idempotency_mismatch', `The key ${key} came with another body before.`);
}

function checkedKey(header: unknown): string {
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  const message = 'must be 1 to 255 printable ASCII characters without spaces';
  throw new AppError('invalid_field', `Idempotency-Key ${message}.`, [
    { path: 'headers.Idempotency-Key', message },
  ]);
}
