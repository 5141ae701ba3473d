import { randomBytes } from 'node:crypto';
import type { SentHeaders } from 'drachtio-srf';
import { valuesOf } from './trunk-binding.js';
import {
  answerable,
  authorization,
  type Challenge,
  type Credentials,
  type DigestUse,
} from './trunk-digest.js';
import type { TrunkReply } from './trunk-request.js';

interface Known {
  readonly challenge: Challenge;
  uses: number;
}

const HEADERS = {
  401: { ask: 'www-authenticate', answer: 'Authorization' },
  407: { ask: 'proxy-authenticate', answer: 'Proxy-Authorization' },
} as const;

type Kind = keyof typeof HEADERS;

/** How many challenges are answered in one round. */
export interface Patience {
  /** Of one kind, when the far end says that nothing but the nonce was wrong; else it is one. */
  readonly stale: number;
  readonly inAll: number;
}

/** A nonce used up twice in a row is a far end that will not have us, whatever it calls it. */
const OF_A_REGISTRATION: Patience = { stale: 3, inAll: Infinity };

/** Somebody waits on the line: a second challenge, whatever it says, is a refusal. */
export const OF_A_CALL: Patience = { stale: 1, inAll: 1 };

/**
 * What we know of the far end's challenges. A nonce is used again for the next request, with a higher count (RFC 7616
 * 3.3), so that a renewal costs one round trip; in one round each kind of challenge is answered once, and again only
 * when the far end says that nothing but the nonce was wrong, and we have the patience.
 */
export class TrunkCredentials {
  readonly #known = new Map<Kind, Known>();
  readonly #answered = new Map<Kind, number>();

  constructor(
    private readonly auth: Credentials | null,
    private readonly patience: Patience = OF_A_REGISTRATION,
  ) {}

  /** A new round: challenges may be answered again. */
  begin(): void {
    this.#answered.clear();
  }

  /** The headers that answer what is known of the far end. */
  headers({ method, uri }: Pick<DigestUse, 'method' | 'uri'>): SentHeaders {
    const headers: SentHeaders = {};
    if (this.auth === null) return headers;
    for (const [kind, known] of this.#known) {
      known.uses += 1;
      const use = { method, uri, count: known.uses, cnonce: randomBytes(8).toString('hex') };
      headers[HEADERS[kind].answer] = authorization(known.challenge, this.auth, use);
    }
    return headers;
  }

  /** True when the reply is a challenge that asking again with {@link headers} answers. */
  learn({ status, lines }: Pick<TrunkReply, 'status' | 'lines'>): boolean {
    if (status !== 401 && status !== 407) return false;
    const challenge = this.auth === null ? undefined : answerable(valuesOf(lines, HEADERS[status].ask));
    const answered = this.#answered.get(status) ?? 0;
    this.#known.delete(status);
    if (challenge === undefined || answered >= (challenge.stale ? this.patience.stale : 1)) return false;
    if (this.answeredInAll >= this.patience.inAll) return false;
    this.#known.set(status, { challenge, uses: 0 });
    this.#answered.set(status, answered + 1);
    return true;
  }

  private get answeredInAll(): number {
    return [...this.#answered.values()].reduce((sum, n) => sum + n, 0);
  }
}
