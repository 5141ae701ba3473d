import type Srf from 'drachtio-srf';
import type { Dialog } from 'drachtio-srf';
import type { FarEnd } from './far-end.js';
import type { LegVoice } from './leg-voice.js';
import type { Deadlines, DrachtioLog } from './options.js';
import type { Credentials } from './trunk-digest.js';

/** What the parts of a confirmed dialog share. */
export interface SessionContext {
  readonly srf: Srf;
  readonly dialog: Dialog;
  readonly voice: LegVoice;
  readonly deadlines: Deadlines;
  readonly log: DrachtioLog;
  readonly farEnd: FarEnd;
  /** What we answer a challenge with. */
  readonly auth: Credentials | null;
  /** For the ladder: where our requests go. */
  readonly peer: string | null;
}
