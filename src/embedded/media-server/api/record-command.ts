import { isWav, recordMode } from '../apps/record.js';
import type { Channel } from '../channel/channel.js';
import { words } from '../esl/commands.js';

const USAGE = '-USAGE: <uuid> [start|stop|mask|unmask|pause|resume] <path> [<limit>]\n';

const done = (worked: boolean, what: string): string => (worked ? '+OK Success\n' : `-ERR Cannot ${what}!\n`);

/** `uuid_record <uuid> start|stop|mask|unmask|pause|resume <path> [limit seconds]` */
export async function record(channels: ReadonlyMap<string, Channel>, argument: string): Promise<string> {
  const [uuid = '', verb = '', name = '', limit = '0'] = words(argument);
  if (name === '') return USAGE;
  const channel = channels.get(uuid);
  if (channel === undefined) return '-ERR Cannot locate session!\n';
  const { recordings } = channel;
  const path = channel.host.recordingPath(name);
  switch (verb) {
    case 'start':
      return done(await start(channel, path, Number(limit) || 0), 'record session');
    case 'stop':
      return done(
        name === 'all' ? (await recordings.stopAll()) > 0 : await recordings.stop(path),
        'stop record session',
      );
    case 'mask':
    case 'unmask':
      return done(recordings.mask(path, verb === 'mask'), `${verb} recording session`);
    case 'pause':
    case 'resume':
      return done(recordings.pause(path, verb === 'pause'), `${verb} recording session`);
    default:
      return USAGE;
  }
}

async function start(channel: Channel, path: string, limitSeconds: number): Promise<boolean> {
  if (!isWav(path)) return false;
  try {
    await channel.recordings.start(path, recordMode(channel), limitSeconds);
    return true;
  } catch {
    return false;
  }
}
