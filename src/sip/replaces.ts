/** Call-ID and tags of a dialog, from where we stand. */
export interface DialogIds {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}
