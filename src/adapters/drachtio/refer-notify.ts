import type { SipMessage } from 'drachtio-srf';
import { parseSipfrag, type SipStatus } from '../../sip/sipfrag.js';
import { firstHeader, rawHeaders } from './raw-headers.js';
import { bodyOf } from './wire.js';

/** What a NOTIFY says of a REFER (RFC 3515 2.4.4). */
export interface ReferNotify {
  /** CSeq of the REFER it is about; `null`: the sender sees no need to say. */
  readonly id: number | null;
  /** `null` without a readable sipfrag. */
  readonly status: SipStatus | null;
  readonly terminated: boolean;
}

/** An id no REFER has. */
const NO_CSEQ = -1;

/** `null`: the NOTIFY is about something else. */
export function readReferNotify(notify: Pick<SipMessage, 'raw' | 'body'>): ReferNotify | null {
  const headers = rawHeaders(notify.raw);
  // Without Event it is wrong (RFC 6665 8.2.1) and can mean nothing but the one thing we subscribe to.
  const event = parametersOf(firstHeader(headers, 'event') ?? 'refer');
  if (event.value !== 'refer') return null;
  const id = event.parameters.get('id');
  const type = firstHeader(headers, 'content-type');
  const status = statusOf(type, bodyOf(notify));
  const state = firstHeader(headers, 'subscription-state');
  const final = status !== null && status.code >= 200;
  return {
    id: id === undefined ? null : /^\d{1,10}$/.test(id) ? Number(id) : NO_CSEQ,
    status,
    // Old stacks know no Subscription-State: their final status is the last (RFC 3265 4.4.3 has it mandatory).
    terminated: state === undefined ? final : parametersOf(state).value === 'terminated',
  };
}

function statusOf(contentType: string | undefined, body: string | null): SipStatus | null {
  if (body === null) return null;
  if (contentType !== undefined && parametersOf(contentType).value !== 'message/sipfrag') return null;
  return parseSipfrag(body) ?? null;
}

interface Parametrised {
  /** Lower case. */
  readonly value: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `value;name=parameter...`, where neither may be quoted. */
export function parametersOf(text: string): Parametrised {
  const [value = '', ...rest] = text.split(';');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    parameters.set(name.trim().toLowerCase(), equals < 0 ? '' : part.slice(equals + 1).trim());
  }
  return { value: value.trim().toLowerCase(), parameters };
}
