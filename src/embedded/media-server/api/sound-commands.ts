import { randomUUID } from 'node:crypto';
import { FRAME_MS } from '../audio/frame.js';
import type { Channel } from '../channel/channel.js';
import { displaceMode } from '../channel/displacement.js';
import { words } from '../esl/commands.js';

/** Sounds a command puts onto a leg, whatever else happens on it. */

type Channels = ReadonlyMap<string, Channel>;

/** `uuid_break <uuid> [all] [both]`: this sound; `all`: and what waits; `both`: the leg it is bridged to as well. */
export function breakOff(channel: Channel, partner: Channel | null, flags: string): string {
  const flush = flags.includes('all');
  channel.runner.break(flush);
  if (flags.includes('both')) partner?.runner.break(flush);
  return '+OK\n';
}

/**
 * `uuid_broadcast <uuid> <file | application::argument>[!cause] [aleg|bleg|both]`: nothing else begins until it is done.
 * The bridge stands still meanwhile; FreeSWITCH would give the other leg its hold music, which no leg has here.
 */
export function broadcast(
  channels: Channels,
  argument: string,
  partnerOf: (channel: Channel) => Channel | null,
): string {
  const [uuid = '', what = '', legs = 'aleg'] = words(argument);
  if (what === '') return '-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n';
  const channel = channels.get(uuid);
  if (channel === undefined || channel.ended) return '-ERR invalid uuid\n';
  const [, app = 'playback', cause, rest = what] = /^([a-z_]+)(?:!([a-z_]*))?::(.*)$/is.exec(what) ?? [];
  const request = { app, argument: rest, locked: true };
  const both = legs.includes('both');
  if (both || legs.includes('bleg')) partnerOf(channel)?.request({ ...request, id: randomUUID() });
  if (both || legs.includes('aleg') || legs.includes('holdb'))
    channel.request({ ...request, id: randomUUID() });
  if (cause !== undefined) channel.runner.push({ app: 'hangup', argument: cause, id: randomUUID() });
  return '+OK Message sent\n';
}

const NO_LIMIT = Infinity;

/** `uuid_displace <uuid> start|stop <file> [limit seconds] [letters m l r w]` */
export async function displace(channels: Channels, argument: string): Promise<string> {
  const [uuid = '', verb = '', name = '', limit = '0', letters = ''] = words(argument);
  if (name === '' || !['start', 'stop'].includes(verb))
    return '-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n';
  const channel = channels.get(uuid);
  if (channel === undefined) return '-ERR Cannot locate session!\n';
  if (verb === 'stop')
    return channel.displacements.stop(name) ? '+OK Success\n' : '-ERR Cannot stop displace session!\n';
  const sound = await channel.host.sounds.open(name);
  const ticks = (Number(limit) * 1000) / FRAME_MS || NO_LIMIT;
  const started =
    sound !== null &&
    !channel.ended &&
    channel.displacements.start(name, sound.again, displaceMode(letters), ticks);
  return started ? '+OK Success\n' : '-ERR Cannot displace session!\n';
}
