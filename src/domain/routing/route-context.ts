import type { TransferCommand } from '../command.js';
import type { SessionId } from '../ids.js';
import type { HeaderLine } from '../plan.js';
import type { Channel, Settings, Trunk } from '../settings.js';
import type { CallerIdentity, Knowledge } from './caller.js';
import type { Layers } from './layers.js';

/** All that decides the ways to a target, looked up once per command. */
export interface RouteContext {
  readonly settings: Settings;
  readonly channel: Channel;
  readonly caller: CallerIdentity;
  readonly command: TransferCommand;
  readonly layers: Layers;
  readonly knowledge: Knowledge;
  readonly sessionId: SessionId;
  /** Trunk phone numbers leave by. */
  readonly leaving: Trunk | null;
  /** Trunk the caller came by. */
  readonly callerTrunk: Trunk | null;
  /** Custom headers and User-to-User. */
  readonly carried: readonly HeaderLine[];
}
