import type { SipMessage } from './message.js';

/**
 * What a test waits for: a method (`'BYE'`), a status (`200`, `'200'`), a status of a method (`'200 INVITE'`) or
 * any predicate.
 */
export type Matcher = string | number | ((message: SipMessage) => boolean);

export function predicate(matcher: Matcher): (message: SipMessage) => boolean {
  if (typeof matcher === 'function') return matcher;
  const [first = '', method] = String(matcher).split(' ');
  if (!/^\d{3}$/.test(first)) return (m) => m.method === first;
  const status = Number(first);
  return (m) => m.status === status && (method === undefined || m.cseqMethod === method);
}

interface Waiter {
  readonly callId: string | null;
  readonly matches: (message: SipMessage) => boolean;
  readonly take: (message: SipMessage) => void;
}

/**
 * Arrived messages nobody has asked for yet, in a bucket per Call-ID: thousands of calls on one phone must not
 * make each other slow. A message is handed out once.
 */
export class Mailbox {
  private readonly buckets = new Map<string, SipMessage[]>();
  private readonly waiters = new Set<Waiter>();
  private closed: Error | null = null;
  private readonly rejecters = new Set<(error: Error) => void>();

  constructor(private readonly owner: string) {}

  push(message: SipMessage): void {
    for (const waiter of this.waiters) {
      if ((waiter.callId === null || waiter.callId === message.callId) && waiter.matches(message)) {
        waiter.take(message);
        return;
      }
    }
    const bucket = this.buckets.get(message.callId);
    if (bucket === undefined) this.buckets.set(message.callId, [message]);
    else bucket.push(message);
  }

  /** Takes a message which is already here. */
  take(matcher: Matcher, callId: string | null = null): SipMessage | undefined {
    const matches = predicate(matcher);
    const keys = callId === null ? [...this.buckets.keys()] : [callId];
    for (const key of keys) {
      const bucket = this.buckets.get(key);
      const index = bucket?.findIndex(matches) ?? -1;
      if (bucket === undefined || index < 0) continue;
      const [found] = bucket.splice(index, 1);
      if (bucket.length === 0) this.buckets.delete(key);
      return found;
    }
    return undefined;
  }

  /** Resolves with the first match, at once when it is here already; rejects with what is here instead. */
  expect(matcher: Matcher, timeoutMs: number, callId: string | null = null): Promise<SipMessage> {
    const here = this.take(matcher, callId);
    if (here !== undefined) return Promise.resolve(here);
    if (this.closed !== null) return Promise.reject(this.closed);
    const stack = new Error(`${this.owner}: no ${describe(matcher)} within ${timeoutMs} ms`);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        this.rejecters.delete(fail);
        act();
      };
      const fail = (error: Error): void => settle(() => reject(error));
      const waiter: Waiter = {
        callId,
        matches: predicate(matcher),
        take: (message) => settle(() => resolve(message)),
      };
      const timer = setTimeout(() => {
        stack.message += `; not asked for yet: [${this.summary(callId)}]`;
        fail(stack);
      }, timeoutMs);
      this.waiters.add(waiter);
      this.rejecters.add(fail);
    });
  }

  /** Drops what was not asked for. */
  forget(callId: string | null = null): void {
    if (callId === null) this.buckets.clear();
    else this.buckets.delete(callId);
  }

  close(reason: Error): void {
    this.closed = reason;
    for (const reject of [...this.rejecters]) reject(reason);
  }

  private summary(callId: string | null): string {
    const all = callId === null ? [...this.buckets.values()].flat() : (this.buckets.get(callId) ?? []);
    return all.map((m) => (m.isRequest ? m.method : `${m.status} ${m.cseqMethod}`)).join(', ');
  }
}

const describe = (matcher: Matcher): string =>
  typeof matcher === 'function' ? `match for ${matcher.toString()}` : String(matcher);
