import type { LadderEntry } from '../../../ports/ladder.js';

export interface LadderDocument {
  readonly callId: string;
  readonly entries: readonly (LadderEntry & { readonly offsetMs: number })[];
}

export function ladderJson(callId: string, entries: readonly LadderEntry[]): LadderDocument {
  const start = entries[0]?.at ?? 0;
  return { callId, entries: entries.map((entry) => ({ ...entry, offsetMs: entry.at - start })) };
}
