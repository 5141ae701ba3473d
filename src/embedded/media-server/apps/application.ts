import type { Channel } from '../channel/channel.js';
import type { Run } from '../channel/runner.js';

/** Something that can be executed on a channel. */
export interface Application {
  /** Goes on while those behind it run. */
  readonly background: boolean;
  /** @returns the `Application-Response` */
  run(channel: Channel, argument: string, run: Run): Promise<string>;
}

/** What FreeSWITCH answers for an application that has no response of its own. */
export const NO_RESPONSE = '_none_';

type Work = (channel: Channel, argument: string, run: Run) => Promise<string> | string;

export const foreground = (work: Work): Application => ({
  background: false,
  run: async (channel, argument, run) => work(channel, argument, run),
});

export const background = (work: Work): Application => ({
  background: true,
  run: async (channel, argument, run) => work(channel, argument, run),
});
