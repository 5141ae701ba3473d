import type { FallbackRule, HeaderLine, TransferSounds } from './plan.js';

/** One target of a transfer command (CONTRACT 3). */
export type CommandTarget = (
  | { readonly phoneNumber: string }
  | { readonly sipUri: string }
  | { readonly queue: string }
  | { readonly extension: string }
) & {
  /** Digits sent after the answer (`0-9 A-D * #`, `w` = 500 ms pause). */
  readonly postDial?: string;
};

/**
 * A transfer command whose every field has passed the border (`sip/` parsers); an absent field is taken from the
 * layers below it: channel, then defaults. Both the native body and the JAICP `switch` reply become this.
 */
export interface TransferCommand {
  readonly targets: readonly [CommandTarget, ...CommandTarget[]];
  readonly method: 'auto' | 'invite' | 'refer' | 'bye';
  readonly ringTimeoutMs?: number;
  readonly headers: readonly HeaderLine[];
  /** RFC 7433. */
  readonly userToUser?: { readonly data: string; readonly encoding: 'hex' | 'text' | 'base64' };
  /** Who asked, when that was by REFER (RFC 3892): value of Referred-By. */
  readonly referredBy?: string;
  /** The dialog the target's INVITE shall replace (RFC 3891): value of Replaces. */
  readonly replaces?: string;
  readonly callerId?: { readonly policy: 'caller' | 'bot' | 'fixed' | 'anonymous'; readonly number?: string };
  /** Channel whose trunk the call leaves by (JAICP `transferChannel`). */
  readonly via?: string;
  readonly returnToBot?: boolean;
  readonly continueRecording?: boolean;
  /** Of an anchored call: what is heard around the transfer, where the command says so itself. */
  readonly sounds?: Partial<TransferSounds>;
  readonly reason?: string;
  readonly onFailure?: readonly FallbackRule[];
  /** When nothing matches and nothing is left; JAICP without `continueCall` ends the call. */
  readonly otherwise?: 'stay' | 'end';
  readonly metadata: Readonly<Record<string, unknown>>;
}
