import type { MessageShape } from '../shape/message.js';
import type { Path } from '../shape/path.js';
import { soundMessages, type TransferSoundsShape } from '../shape/transfer-sounds.js';
import type { Config } from './schema.js';

/** Something the configuration lets somebody hear: a message, or music. */
export interface Heard {
  readonly said: MessageShape;
  readonly path: Path;
}

type Rules = Config['transfer']['onFailure'];

/**
 * Everything that is heard on channels with anchored media. Messages of the others are only told to their bots, whose
 * own business it is to have the file.
 */
export function heardOf({ channels, transfer, targets }: Config): readonly Heard[] {
  const anchored = Object.entries(channels).filter(([, { media }]) => media === 'anchored');
  if (anchored.length === 0) return [];
  const takesDefaultRules = anchored.some(([, channel]) => channel.transfer?.onFailure === undefined);
  return [
    ...soundsOf(transfer, ['transfer']),
    ...(takesDefaultRules ? rulesOf(transfer.onFailure, ['transfer', 'onFailure']) : []),
    ...Object.entries(targets.queues).flatMap(([name, { music }]) =>
      musicOf(music, ['targets', 'queues', name, 'music']),
    ),
    ...anchored.flatMap(([id, channel]) => channelOf(channel, ['channels', id])),
  ];
}

function channelOf(
  { transfer = {}, recording, bot }: Config['channels'][string],
  at: Path,
): readonly Heard[] {
  const fallback = bot?.kind === 'webhook' ? bot.fallback.message : undefined;
  return [
    ...soundsOf(transfer, [...at, 'transfer']),
    ...rulesOf(transfer.onFailure ?? [], [...at, 'transfer', 'onFailure']),
    ...messageOf(recording?.consent, [...at, 'recording', 'consent']),
    ...messageOf(fallback, [...at, 'bot', 'fallback', 'message']),
  ];
}

const soundsOf = (layer: TransferSoundsShape, at: Path): readonly Heard[] => [
  ...soundMessages(layer).map(({ said, path }) => ({ said, path: [...at, ...path] })),
  ...musicOf(layer.music, [...at, 'music']),
];

const rulesOf = (rules: Rules, at: Path): readonly Heard[] =>
  rules.flatMap((rule, i) => messageOf(rule.message, [...at, i, 'message']));

const messageOf = (said: MessageShape | undefined, path: Path): readonly Heard[] =>
  said === undefined ? [] : [{ said, path }];

const musicOf = (file: string | undefined, path: Path): readonly Heard[] =>
  file === undefined ? [] : [{ said: { file }, path }];
