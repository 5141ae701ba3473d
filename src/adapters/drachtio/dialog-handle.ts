import type { Dialog } from 'drachtio-srf';
import type { DialogHandle } from '../../ports/signalling.js';
import { allHeaders, rawHeaders } from './raw-headers.js';
import type { AgreedInterval } from './session-interval.js';

/** A confirmed dialog: what srf and we know of it. Its CSeq numbers, route and target are the server's. */
export interface TalkingState {
  readonly at: 'talking';
  /** The server's id of the dialog. */
  readonly id: string;
  readonly type: 'uac' | 'uas';
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** As in the response that made it (`uac`), or in the request (`uas`: so our own tag is not in `to`). */
  readonly from: string;
  readonly to: string;
  readonly localContact: string;
  /** What a refresh offers. */
  readonly localSdp: string;
  /** URI of the far end's Contact, and the proxies that wanted to stay, as they were recorded. */
  readonly remoteUri: string;
  readonly routes: readonly string[];
  /** Addresses the far end has spoken from. */
  readonly heard: readonly string[];
  /** For the ladder. */
  readonly peer: string | null;
  readonly interval: AgreedInterval | null;
}

/** An INVITE without an answer: `ours` can be cancelled, `theirs` can be refused. */
export interface RingingState {
  readonly at: 'ours' | 'theirs';
  /** The server's id of the dialog it would make. */
  readonly id: string;
  readonly callId: string;
  /** The server's id of the transaction. */
  readonly transaction: string;
}

export type LegState = TalkingState | RingingState;

/** Of what is in a handle: a process of another version reads it. */
const VERSION = 1;

export function handleOf(state: LegState): DialogHandle {
  return JSON.stringify({ v: VERSION, ...state }) as DialogHandle;
}

/** `null`: not of our making, or of another version's. */
export function stateIn(handle: DialogHandle): LegState | null {
  try {
    const { v, ...state } = JSON.parse(handle) as LegState & { readonly v: unknown };
    return v === VERSION ? state : null;
  } catch {
    return null;
  }
}

/** What the dialog itself says; the far end and the interval are the session's to add. */
export function dialogState(dialog: Dialog): Omit<TalkingState, 'heard' | 'peer' | 'interval'> {
  const { id, type, req, res, sip, local, remote } = dialog;
  const made = type === 'uac' ? res : req;
  const { from = '', to = '' } = made.headers;
  return {
    at: 'talking',
    ...{ id, type, from, to },
    ...{ callId: sip.callId, localTag: sip.localTag, remoteTag: sip.remoteTag },
    localContact: local.contact,
    localSdp: local.sdp,
    remoteUri: remote.uri,
    routes: allHeaders(rawHeaders(made.raw), 'record-route'),
  };
}
