import type { Channel } from '../channel/channel.js';
import { words } from '../esl/commands.js';

const USAGE = '-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n';

/** `uuid_displace <uuid> start|stop <path> [limit seconds] m`: only the mixed form, in which the partner is heard on. */
export async function displace(channel: Channel, rest: string): Promise<string> {
  const [verb = '', name = '', limit = '0', flags = ''] = words(rest);
  if (name === '') return USAGE;
  if (verb === 'start') return flags.startsWith('m') ? start(channel, name, Number(limit) || 0) : USAGE;
  if (verb !== 'stop') return USAGE;
  const isStream = /^[a-z_]+:\/\//.test(name);
  const path = isStream ? name : channel.host.sounds.resolve(name);
  return channel.displacements.stop(path) ? '+OK Success\n' : '-ERR Cannot stop displace session!\n';
}

async function start(channel: Channel, name: string, limitSeconds: number): Promise<string> {
  const sound = await channel.host.sounds.open(name);
  const begun =
    sound !== null && !channel.ended && channel.displacements.start(sound.path, sound.source, limitSeconds);
  return begun ? '+OK Success\n' : '-ERR Cannot displace session!\n';
}
