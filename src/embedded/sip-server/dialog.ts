import type { AppConnection } from './app-connection.js';
import type { AwaitAck } from './await-ack.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { splitList, uriOf } from './name-addr.js';
import type { Orphan } from './orphans.js';
import type { SessionTimer } from './session-timer.js';
import { parseSipUri } from './sip-uri.js';
import type { SipMessage } from './sip-message.js';
import type { UacInvite } from './uac-invite.js';
import type { UasInvite } from './uas-invite.js';

/** A request of the peer that the application has not answered yet. */
export interface OpenRequest {
  /** The dialog is over: answer for the application (RFC 3261 15.1.2). */
  onDialogEnded(): void;
}

/**
 * A dialog of RFC 3261 section 12, created by INVITE or SUBSCRIBE.
 *
 *   early --2xx--> confirmed --BYE, timeout, loss of the application--> ended
 *     |                                                                   ^
 *     +-------------------- final failure, CANCEL ------------------------+
 */
export class Dialog {
  state: 'early' | 'confirmed' | 'ended' = 'early';
  remoteTag = '';
  /** From value of our requests, tag included; To value of theirs. */
  local = '';
  remote = '';
  localSeq = 0;
  target = '';
  /** Route values in the order of our requests. */
  routeSet: readonly string[] = [];
  /** SDP last sent by the application; a session refresh repeats it. */
  localSdp = '';
  localContact = '';
  /** Our 2xx that waits for its ACK. */
  awaiting: AwaitAck | null = null;
  /** Our INVITEs that are pending, or answered and not yet ACKed by the application. */
  readonly invites: UacInvite[] = [];
  /** The unanswered INVITE that makes this dialog: where PRACK and UPDATE belong. */
  pending: UasInvite | null = null;
  /** A BYE of ours that must wait for the ACK of our 2xx (RFC 3261 section 15). */
  heldBye: (() => void) | null = null;
  session: SessionTimer | null = null;
  /** The application has sent a REFER: NOTIFYs may come even behind a BYE. */
  referred = false;
  /** Only for dialogs made by SUBSCRIBE: when the subscription dies by itself. */
  subscription: { cancel(): void } | null = null;
  readonly open: OpenRequest[] = [];
  /** Set while it waits for another application. */
  orphan: Orphan | null = null;
  private nextFlow: Flow | null = null;

  constructor(
    readonly id: string,
    readonly role: 'uac' | 'uas',
    readonly kind: 'INVITE' | 'SUBSCRIBE',
    readonly callId: string,
    readonly localTag: string,
    /** Whose it is; when that one is gone, perhaps another one's. */
    public app: AppConnection,
    /** Where the dialog was set up: names us in requests, and is the way back to a peer behind NAT or on TCP. */
    public flow: Flow,
  ) {}

  /** Resolved next hop; forgotten when the target or the route set changes. */
  get hopFlow(): Flow | null {
    return this.nextFlow;
  }

  set hopFlow(flow: Flow | null) {
    this.nextFlow = flow;
  }

  /** RFC 3261 12.2.1.2, 12.2.2: the remote target may move, the route set may not. `natTarget` overrides it when given. */
  retarget(contact: string, natTarget: Flow | null): void {
    if (contact === '') return;
    this.target = uriOf(contact);
    this.nextFlow = natTarget;
  }

  removeInvite(invite: UacInvite): void {
    const at = this.invites.indexOf(invite);
    if (at >= 0) this.invites.splice(at, 1);
  }

  removeOpen(request: OpenRequest): void {
    const at = this.open.indexOf(request);
    if (at >= 0) this.open.splice(at, 1);
  }

  /** First thing to send to: the topmost route, else the remote target. */
  get nextHopUri(): string {
    const route = this.routeSet[0];
    return route === undefined ? this.target : uriOf(route);
  }
}

/** Route set of a dialog: Record-Route in order for a UAS, reversed for a UAC (RFC 3261 12.1). */
export function routeSetOf(message: SipMessage, role: 'uac' | 'uas'): string[] {
  if (!message.has(H.RecordRoute)) return [];
  const all = message.values(H.RecordRoute).flatMap(splitList);
  return role === 'uac' ? all.reverse() : all;
}

/**
 * Protocol section 8.2: a peer whose Contact disagrees with where its packets come from is behind NAT, unless a proxy put itself
 * into the path; then in-dialog requests go to the observed address, with the Request-URI unchanged.
 */
export function natTarget(
  message: SipMessage,
  flow: Flow,
  role: 'uac' | 'uas',
  enabled: boolean,
): Flow | null {
  const contact = message.value(H.Contact);
  if (flow.reliable) {
    // A TCP peer is reached over the connection it opened or that reached it, as long as no proxy is in the path.
    return message.has(H.RecordRoute) ? null : flow;
  }
  if (!enabled || contact === '' || message.has(H.RecordRoute)) return null;
  const uri = parseSipUri(uriOf(contact));
  if (uri === undefined) return flow;
  if (uri.transport !== '' && uri.transport !== 'udp') return null;
  const port = uri.port < 0 ? 5060 : uri.port;
  const differs = uri.host !== flow.host || (role === 'uas' && port !== flow.port);
  return differs ? flow : null;
}
