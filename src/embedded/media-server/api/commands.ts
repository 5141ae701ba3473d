import { speakDigits } from '../apps/simple.js';
import { bridge, bridgedTo } from '../channel/bridge.js';
import { causeNamed } from '../channel/causes.js';
import type { Channel } from '../channel/channel.js';
import { describeCounters, dump } from '../channel/describe.js';
import { splitWord, words } from '../esl/commands.js';
import { record } from './record-command.js';
import { breakOff, broadcast, displace } from './sound-commands.js';

export type Api = (argument: string) => string | Promise<string>;

/** What the global commands can reach. */
export interface ApiHost {
  readonly channels: ReadonlyMap<string, Channel>;
  recordingPath(name: string): string;
  /** The `sofia status` table. */
  sofiaStatus(): string;
  status(): string;
  readonly version: string;
  conference(argument: string): string | Promise<string>;
}

const NO_CHANNEL = '-ERR No such channel!\n';

/** The global commands by name; what is missing here is answered as FreeSWITCH answers what it does not know. */
export function apiCommands(host: ApiHost): ReadonlyMap<string, Api> {
  const { channels } = host;
  /** Most commands begin with the channel they are about. */
  const about =
    (work: (channel: Channel, rest: string) => string | Promise<string>): Api =>
    (argument) => {
      const [uuid, rest] = splitWord(argument);
      const channel = channels.get(uuid);
      return channel === undefined ? NO_CHANNEL : work(channel, rest);
    };
  return new Map<string, Api>([
    [
      'sofia',
      (argument) => (words(argument)[0] === 'status' ? host.sofiaStatus() : '-ERR Usage: sofia status\n'),
    ],
    ['status', () => host.status()],
    ['version', () => `${host.version}\n`],
    ['conference', (argument) => host.conference(argument)],
    ['uuid_exists', (argument) => String(channels.has(argument.trim()))],
    ['uuid_dump', about((channel) => dump(channel.describe()))],
    ['uuid_set_media_stats', about(setMediaStats)],
    ['uuid_getvar', about((channel, name) => channel.variables.get(name) ?? '_undef_')],
    ['uuid_setvar', about(setVariable)],
    ['uuid_bridge', (argument) => bridgeTwo(channels, argument)],
    ['uuid_transfer', about((channel, rest) => transfer(channels, channel, rest))],
    ['uuid_break', about((channel, rest) => breakOff(channel, bridgedTo(channel, channels.values()), rest))],
    [
      'uuid_broadcast',
      (argument) => broadcast(channels, argument, (channel) => bridgedTo(channel, channels.values())),
    ],
    ['uuid_displace', (argument) => displace(channels, argument)],
    ['uuid_kill', about(kill)],
    [
      'uuid_send_dtmf',
      about((c, digits) => (speakDigits(c, digits) ? '+OK\n' : '-ERR cannot send digits\n')),
    ],
    ['uuid_record', (argument) => record(channels, argument)],
  ]);
}

function setMediaStats(channel: Channel): string {
  describeCounters(channel.variables, channel.rtp);
  return '+OK Success\n';
}

function setVariable(channel: Channel, rest: string): string {
  const [name, value] = splitWord(rest);
  if (name === '') return '-USAGE: <uuid> <var> [value]\n';
  if (value === '') channel.variables.delete(name);
  else channel.variables.set(name, value);
  return '+OK\n';
}

async function bridgeTwo(channels: ReadonlyMap<string, Channel>, argument: string): Promise<string> {
  const [one = '', other = ''] = words(argument);
  const a = channels.get(one);
  const b = channels.get(other);
  if (a === undefined || b === undefined || a === b) return '-ERR Invalid uuid\n';
  await bridge(a, b);
  return a.ended || b.ended ? '-ERR Invalid uuid\n' : `+OK ${other}\n`;
}

/** `uuid_transfer <uuid> [-both|-bleg] park inline`: there is no dialplan to go to but the park. */
async function transfer(
  channels: ReadonlyMap<string, Channel>,
  channel: Channel,
  rest: string,
): Promise<string> {
  const parts = words(rest);
  const legs = parts[0]?.startsWith('-') === true ? parts.shift() : '';
  if (parts[0] !== 'park' || (parts[1] ?? 'inline') !== 'inline')
    return '-ERR only park inline is known here\n';
  const other = bridgedTo(channel, channels.values());
  const moved = legs === '-both' ? [channel, other] : legs === '-bleg' ? [other] : [channel];
  for (const one of moved) {
    if (one === null) continue;
    one.runner.interrupt('taken');
    one.join(null);
    await one.runner.stopped();
    one.publish('CHANNEL_CALLSTATE', { 'Original-Channel-Call-State': 'ACTIVE' });
    one.publish('CHANNEL_PARK');
  }
  return '+OK\n';
}

function kill(channel: Channel, cause: string): string {
  void channel.hangUp(causeNamed(cause === '' ? 'NORMAL_CLEARING' : cause));
  return '+OK\n';
}
