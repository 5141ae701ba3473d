import type { Message } from './plan.js';

/**
 * Something a party of an anchored call is made to hear: a message, once, or what fills a wait, until it is over.
 * Which file or tone it becomes is the engine's and the speech adapter's business.
 */
export type Sound =
  | { readonly kind: 'message'; readonly message: Message }
  /** A music file, looped. */
  | { readonly kind: 'music'; readonly file: string }
  /** The ringback tone of {@link Tone}, until something better comes. */
  | { readonly kind: 'ringback' };
