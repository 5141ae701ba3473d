import type { TransferCommand } from './command.js';
import type { Message } from './plan.js';

/** One thing a bot wants done, in the order of its list (CONTRACT 4). */
export type BotReply =
  | { readonly kind: 'say'; readonly message: Message }
  | { readonly kind: 'switch'; readonly command: TransferCommand }
  | { readonly kind: 'hangup' };

/** One thing of a list as it was given: what is not for a telephone is known by its type only, told, and passed over. */
export type GivenReply = BotReply | { readonly kind: 'ignored'; readonly type: string };
