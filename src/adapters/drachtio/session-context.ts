import type Srf from 'drachtio-srf';
import type { Dialog } from 'drachtio-srf';
import type { FarEnd } from './far-end.js';
import type { LegVoice } from './leg-voice.js';
import type { Deadlines, DrachtioLog } from './options.js';

/** What the parts of a confirmed dialog share. */
export interface SessionContext {
  readonly srf: Srf;
  readonly dialog: Dialog;
  readonly voice: LegVoice;
  readonly deadlines: Deadlines;
  readonly log: DrachtioLog;
  readonly farEnd: FarEnd;
  /** For the ladder: where our requests go. */
  readonly peer: string | null;
}
