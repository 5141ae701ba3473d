/** One SIP message of a call as it passed the engine, for the ladder (CONTRACT 3). */
export interface LadderEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Leg it belongs to, by the name it came by: `caller`, `bot`, `agent-1` ... */
  readonly leg: string;
  /** `in`: received by us; `out`: sent by us. */
  readonly direction: 'in' | 'out';
  /** `INVITE`, `180 Ringing`, `200 OK (INVITE)` ... */
  readonly text: string;
  /** True when the message carried SDP. */
  readonly sdp: boolean;
  /** Remote `address:port` where known. */
  readonly peer: string | null;
}

/** Takes what passed on one leg; must be cheap, it is called for every message of every call. */
export type LadderTap = (direction: 'in' | 'out', text: string, sdp: boolean, peer: string | null) => void;
