import type { TransferCommand } from '../../domain/command.js';

/** One item of a JAICP reply list, in the order it stood there. */
export type Reply =
  | { readonly kind: 'switch'; readonly command: TransferCommand }
  | { readonly kind: 'hangup' }
  /** A type this endpoint does not carry out, such as `text`. */
  | { readonly kind: 'other'; readonly type: string };
