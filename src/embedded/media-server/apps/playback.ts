import type { Channel } from '../channel/channel.js';
import type { Run } from '../channel/runner.js';
import { foreground } from './application.js';
import { playFile, type FileEnd } from './play-file.js';

const RESPONSES: Readonly<Record<FileEnd, string>> = {
  done: 'FILE PLAYED',
  break: 'FILE PLAYED',
  'not found': 'FILE NOT FOUND',
};

/** Plays all files of a list. The response tells of the last one, as on FreeSWITCH. */
async function playList(channel: Channel, argument: string, run: Run): Promise<FileEnd> {
  const names = channel.host.sounds.split(argument, channel.variables.get('playback_delimiter'));
  let end: FileEnd = 'not found';
  for (const name of names) {
    end = await playFile(channel, name, run);
    if (run.over !== null || channel.variables.has('playback_terminator_used')) break;
  }
  return end;
}

export const playback = foreground(
  async (channel, argument, run) => RESPONSES[await playList(channel, argument, run)],
);

/** A break ends one round of it only; the whole ends with the channel, or when that is taken elsewhere. */
async function playAgain(channel: Channel, name: string, times: number, run: Run): Promise<string> {
  let end: FileEnd = 'done';
  for (let n = 0; n < times && end !== 'not found' && !run.isStopped(); n++)
    end = await playList(channel, name, run);
  return RESPONSES[end];
}

/** `loop_playback [+times] file`; -1 is without end. */
export const loopPlayback = foreground((channel, argument, run) => {
  const match = /^\+(-?\d+)\s+(.*)$/s.exec(argument);
  const times = Number(match?.[1] ?? 1);
  return playAgain(channel, match?.[2] ?? argument, times < 0 ? Infinity : times, run);
});

export const endlessPlayback = foreground((channel, argument, run) =>
  playAgain(channel, argument, Infinity, run),
);
