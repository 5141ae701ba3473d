import type { BookReader, CallBook, CallPage, EngineId, Orphan } from '../../../src/ports/call-book.js';
import { callId, type CallId } from '../../../src/domain/ids.js';
import { engineId } from '../../../src/ports/call-book.js';
import { anEvent } from '../../support/records.js';

/** A started book, with everything its reader was told. */
export interface OpenBook {
  readonly book: CallBook;
  readonly orphans: Orphan[];
  readonly lost: CallId[];
  /** From now on nothing this book says is heard, nor does it hear anything: dead, frozen or without a network. */
  cut(): void;
  mend(): void;
}

/** Where books that know each other are opened; one of its own for every test. */
export interface BookBench {
  open(name: string): Promise<OpenBook>;
  /** Lets some time pass, where it does not by itself. */
  tick(): void;
  close(): Promise<void>;
}

/** A reader that writes down what it is told. */
export function notes(): { reader: BookReader; orphans: Orphan[]; lost: CallId[] } {
  const orphans: Orphan[] = [];
  const lost: CallId[] = [];
  const reader = {
    orphan: (orphan: Orphan) => void orphans.push(orphan),
    lost: (call: CallId) => void lost.push(call),
  };
  return { reader, orphans, lost };
}

export const named = (name: string): EngineId => engineId(name);

/** Page of call `name` with events of these numbers; its state tells it from others. */
export function aPage(
  name: string,
  over: Partial<CallPage> & { readonly seqs?: readonly number[] } = {},
): CallPage {
  const { seqs = [], ...rest } = over;
  const events = seqs.map((n) => anEvent(n, name));
  return { callId: callId(name), tenure: 1, state: `{"of":"${name}"}`, events, ...rest };
}
