import type { SessionNotes } from '../../ports/transfer-record.js';

const NAMES = [
  'at',
  'providerSessionId',
  'providerData',
  'queue',
  'followUp',
] as const satisfies readonly (keyof SessionNotes)[];

/** A field of the record's hash for each note, so that two who say different things do not write over each other. */
export const NOTE_FIELDS: readonly string[] = NAMES.map((name) => `note:${name}`);

/** Fields and values, one after the other. */
export const noteArguments = (notes: SessionNotes): string[] =>
  NAMES.flatMap((name) => (notes[name] === undefined ? [] : [`note:${name}`, JSON.stringify(notes[name])]));

/** Of the values of {@link NOTE_FIELDS}; `null`: nobody has said anything. */
export function notesOf(values: readonly (string | null)[]): SessionNotes | null {
  if (values[0] == null) return null;
  const said = NAMES.flatMap((name, i) => {
    const value = values[i];
    return value == null ? [] : [[name, JSON.parse(value) as unknown] as const];
  });
  // `noteArguments` wrote them.
  return Object.fromEntries(said) as unknown as SessionNotes;
}
