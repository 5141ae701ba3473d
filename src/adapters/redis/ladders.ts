import type { CallId } from '../../domain/ids.js';
import type { LadderEntry } from '../../ports/ladder.js';
import type { Commands } from './client.js';
import { ladderKey } from './keys.js';
import type { RedisLimits } from './options.js';

type Bounds = Pick<RedisLimits, 'ladderMessages' | 'keepEndedMs'>;

/** Of more messages than may be kept, those in the middle go: how it began and how it ended tell most. */
export async function putLadder(
  commands: Commands,
  id: CallId,
  ladder: readonly LadderEntry[],
  { ladderMessages, keepEndedMs }: Bounds,
): Promise<void> {
  const half = Math.ceil(ladderMessages / 2);
  const kept =
    ladder.length <= ladderMessages
      ? ladder
      : [...ladder.slice(0, half), ...ladder.slice(-(ladderMessages - half))];
  await commands.set(ladderKey(id), JSON.stringify(kept), 'PX', keepEndedMs);
}

export async function getLadder(commands: Commands, id: CallId): Promise<readonly LadderEntry[] | undefined> {
  const text = await commands.get(ladderKey(id));
  // We wrote it, so it is one.
  return text === null ? undefined : (JSON.parse(text) as LadderEntry[]);
}
