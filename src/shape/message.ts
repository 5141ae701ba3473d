import { type Static, Type } from 'typebox';
import type { Path, Problem } from './path.js';

/** Longest text that is spoken: some two minutes. */
export const MAX_SPOKEN = 2000;

const KINDS = ['text', 'file', 'audioUri'] as const;

/** Something said to a party, as users write it; exactly one of its keys. */
export const message = Type.Object(
  {
    text: Type.Optional(
      Type.String({ minLength: 1, maxLength: MAX_SPOKEN, description: 'Text to be spoken' }),
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        format: 'sound-file',
        description: 'WAV file below `sounds.dir`',
      }),
    ),
    audioUri: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        format: 'http-url',
        description: 'WAV file behind a URL, of a host `sounds.allowHosts` names',
      }),
    ),
  },
  { additionalProperties: false, description: 'What is heard: one of text, file, audioUri' },
);

export type MessageShape = Static<typeof message>;

/** A message that says nothing, or two things at once. */
export function messageProblems(said: MessageShape, path: Path): Problem[] {
  const given = KINDS.filter((kind) => said[kind] !== undefined);
  if (given.length === 1) return [];
  const text =
    given.length === 0
      ? `is empty; give one of ${KINDS.join(', ')}`
      : `has ${given.join(' and ')}; give one of them`;
  return [{ path, message: text }];
}

/** A message of a command: its file is looked for below the sound directory, and nowhere else. */
export const foreignMessageProblems = (said: MessageShape, path: Path): Problem[] => [
  ...messageProblems(said, path),
  ...foreignFileProblems(said.file, [...path, 'file']),
];

export const foreignFileProblems = (file: string | undefined, path: Path): Problem[] =>
  file?.startsWith('/') === true
    ? [
        {
          path,
          message: 'must be a name below the sound directory; only the configuration may give a full path',
        },
      ]
    : [];
