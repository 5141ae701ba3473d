import type Srf from 'drachtio-srf';
import type { Request, Response, SentHeaders } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import type { Clock } from '../../ports/clock.js';
import { rawHeaders } from './raw-headers.js';

/** A request outside of dialogs. */
export interface TrunkRequest {
  readonly method: 'REGISTER' | 'OPTIONS';
  readonly uri: string;
  /** Where it is sent; a SIP URI. */
  readonly route: string;
  readonly headers: SentHeaders;
  /** How long to wait for the final response, ms. */
  readonly deadlineMs: number;
}

export interface TrunkReply {
  readonly status: number;
  readonly reason: string;
  /** Nobody out there said so: the server (timer F, transport error) or our own deadline did. */
  readonly local: boolean;
  /** Header lines of the response as received. */
  readonly lines: readonly HeaderLine[];
  /** Value of the request's Contact as it left; `''` when unknown or without one. */
  readonly contact: string;
}

/** Sends and answers exactly once, never before it returns. */
export type SendRequest = (request: TrunkRequest, done: (reply: TrunkReply) => void) => void;

export function requestsOn(srf: Srf, clock: Clock): SendRequest {
  return (request, done) => {
    let contact = '';
    let ended = false;
    const end = (reply: Omit<TrunkReply, 'contact'>): void => {
      if (ended) return;
      ended = true;
      takeDeadline();
      done({ ...reply, contact });
    };
    // A response that is lost with the link would never come (pitfall 14).
    const takeDeadline = clock.after(request.deadlineMs, () => end(local(408, 'no answer')));
    // srf fails in place when the link went away just now.
    const failed = (reason: string): void => void clock.after(0, () => end(local(503, reason)));
    const sent = (error: Error | null, req?: Request): void => {
      if (error !== null || req === undefined) return failed(error?.message ?? 'not sent');
      contact = req.headers['contact'] ?? '';
      // Here and now, or a response in the same chunk would be missed (pitfall 4).
      req.on('response', (res) => {
        if (res.status >= 200) end(replyOf(res));
      });
    };
    const { method, uri, route, headers } = request;
    try {
      srf.request(uri, { method, headers, proxy: route }, sent);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  };
}

const local = (status: number, reason: string): Omit<TrunkReply, 'contact'> => ({
  status,
  reason,
  local: true,
  lines: [],
});

/** The server's own 408 and 503 come without a source address. */
const replyOf = (res: Response): Omit<TrunkReply, 'contact'> => ({
  status: res.status,
  reason: res.reason,
  local: res.source_address === '',
  lines: rawHeaders(res.raw),
});
