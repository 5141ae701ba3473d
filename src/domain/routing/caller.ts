/** Who calls: what an outgoing From may show. */
export interface CallerIdentity {
  readonly user: string;
  readonly display: string | null;
  /** The number the caller dialled. */
  readonly dialled: string;
  /** The caller asked its network not to tell who calls (Privacy, RFC 3323); nobody but the bot sees its number. */
  readonly hidden: boolean;
}

/** What routing has to know of the moment; everything else stands in the settings. */
export interface Knowledge {
  /** Learned from earlier REFERs; `undefined` = not known. */
  readonly takesRefer: (trunk: string) => boolean | undefined;
  /** False: it is known that calls cannot leave by it now. */
  readonly trunkUp: (trunk: string) => boolean;
  /** Which member of a `roundRobin` queue comes first this time: a number that goes up by one. */
  readonly next: (queue: string) => number;
  /** Trunk the caller came by: where a REFER or BYE goes. */
  readonly callerTrunk: string;
}
