import { type Static, type TObject, Type } from 'typebox';
import type { AgentConfirm, TransferSounds, WarmStep } from '../domain/plan.js';
import { foreignFileProblems, foreignMessageProblems, message, messageProblems } from './message.js';
import type { MessageShape } from './message.js';
import type { Path, Problem } from './path.js';

const key = (description: string, usual?: string) =>
  Type.String({ format: 'key', description, ...(usual !== undefined && { default: usual }) });

const off = Type.Null({ description: 'Off, whatever a layer below says' });

const confirm = Type.Object(
  {
    key: key('The key that accepts', '1'),
    message: Type.Optional(message),
    timeoutMs: Type.Integer({
      minimum: 1000,
      maximum: 120_000,
      default: 10_000,
      description: 'How long the agent may think; then the next target is tried',
    }),
  },
  { additionalProperties: false, description: 'The agent accepts by a key; any other declines' },
);

const warm = Type.Object(
  {
    introduction: Type.Optional(message),
    key: key("The agent's key that ends the step", '#'),
    maxMs: Type.Integer({
      minimum: 1000,
      maximum: 3_600_000,
      default: 60_000,
      description: 'Longest time of three in a conference',
    }),
  },
  { additionalProperties: false, description: 'Caller, agent and bot in a conference before the bot leaves' },
);

const optional = <T extends Parameters<typeof Type.Union>[0]>(variants: [...T], description: string) =>
  Type.Optional(Type.Union(variants, { description }));

/** What is heard around a transfer, as the keys of one layer: `transfer`, a channel's own `transfer`, a command. */
export const transferSounds = {
  waiting: Type.Optional(
    Type.Enum(['bot', 'ringback', 'early', 'music'], {
      description:
        "While a target is sought: the bot, a ringback tone, the target's own early media, or `music`. Unless said, a SIP bot goes on speaking, a `route` passes on early media, else ringback",
    }),
  ),
  music: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      format: 'sound-file',
      description: 'With waiting: music, the WAV file',
    }),
  ),
  announce: optional(
    [message, Type.Array(message, { minItems: 1, maxItems: 32 }), off],
    'Played to the caller before the first attempt; of several, one at random',
  ),
  whisper: optional([message, off], 'Played to the agent alone, before it meets the caller'),
  confirm: optional([confirm, off], 'The agent accepts by a key'),
  warm: optional([warm, off], 'A step with three in a conference'),
  returnKey: optional(
    [Type.String({ format: 'key' }), off],
    "The agent's key that ends the conversation and brings the caller back",
  ),
};

export type TransferSoundsShape = Static<TObject<typeof transferSounds>>;

/** Every message of a layer with its path below the layer. */
export function soundMessages({
  announce,
  whisper,
  confirm: asked,
  warm: step,
}: TransferSoundsShape): readonly {
  readonly said: MessageShape;
  readonly path: Path;
}[] {
  const announced = announce == null ? [] : Array.isArray(announce) ? announce : [announce];
  return [
    ...announced.map((said, i) => ({ said, path: Array.isArray(announce) ? ['announce', i] : ['announce'] })),
    ...(whisper == null ? [] : [{ said: whisper, path: ['whisper'] }]),
    ...(asked?.message === undefined ? [] : [{ said: asked.message, path: ['confirm', 'message'] }]),
    ...(step?.introduction === undefined
      ? []
      : [{ said: step.introduction, path: ['warm', 'introduction'] }]),
  ];
}

/**
 * What a schema cannot say of a layer.
 *
 * @param from `command`: written by a bot, whose files lie below the sound directory
 */
export function soundProblems(
  layer: TransferSoundsShape,
  at: Path,
  from: 'command' | 'configuration',
): Problem[] {
  const foreign = from === 'command';
  const check = foreign ? foreignMessageProblems : messageProblems;
  return [
    ...musicProblems(layer, [...at, 'music']),
    ...(foreign ? foreignFileProblems(layer.music, [...at, 'music']) : []),
    ...soundMessages(layer).flatMap(({ said, path }) => check(said, [...at, ...path])),
  ];
}

function musicProblems({ waiting, music }: TransferSoundsShape, path: Path): Problem[] {
  if ((waiting === 'music') === (music !== undefined)) return [];
  const text =
    music === undefined
      ? 'is missing; waiting: music needs a sound file'
      : 'has no meaning without waiting: music; add it';
  return [{ path, message: text }];
}

/** The layer as the domain reads it; an absent key stays absent, or it would hide the layer below. */
export function toTransferSounds(layer: TransferSoundsShape): Partial<TransferSounds> {
  const { waiting, music, announce, whisper, confirm: asked, warm: step, returnKey } = layer;
  return {
    ...(waiting !== undefined && { waiting: toWaiting(waiting, music) }),
    ...(announce !== undefined && {
      announce: announce === null ? [] : Array.isArray(announce) ? announce : [announce],
    }),
    ...(whisper !== undefined && { whisper }),
    ...(asked !== undefined && { confirm: asked === null ? null : toConfirm(asked) }),
    ...(step !== undefined && { warm: step === null ? null : toWarm(step) }),
    ...(returnKey !== undefined && { returnKey }),
  };
}

/** {@link soundProblems} lets no `music` without its file pass. */
const toWaiting = (
  waiting: NonNullable<TransferSoundsShape['waiting']>,
  music: string | undefined,
): TransferSounds['waiting'] => (waiting === 'music' ? { music: music ?? '' } : waiting);

const toConfirm = ({ key: accept, message: said, timeoutMs }: Static<typeof confirm>): AgentConfirm => ({
  key: accept,
  message: said ?? null,
  timeoutMs,
});

const toWarm = ({ introduction, key: end, maxMs }: Static<typeof warm>): WarmStep => ({
  introduction: introduction ?? null,
  key: end,
  maxMs,
});
