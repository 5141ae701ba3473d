import { closest } from '../shape/closest.js';
import type { Path, Problem } from '../shape/path.js';
import type { ChannelConfig, Config } from './schema.js';

/** Channels against the trunks they name, and against each other. */
export const channelProblems = (config: Config): Problem[] => [
  ...Object.entries(config.channels).flatMap(([id, channel]) => [
    ...trunkNames(id, channel, Object.keys(config.trunks)),
    ...oneAnswer(id, channel),
    ...wayOut(id, channel, config),
    ...emptyMatch(id, channel),
    ...outbound(id, channel, config.trunks),
  ]),
  ...overlaps(config.channels),
];

function trunkNames(id: string, channel: ChannelConfig, known: readonly string[]): Problem[] {
  const named: [Path, string | undefined][] = [
    [['channels', id, 'trunk'], channel.trunk],
    [['channels', id, 'match', 'trunk'], channel.match?.trunk],
  ];
  return named.flatMap(([path, name]) => {
    if (name === undefined || known.includes(name)) return [];
    const meant = closest(name, known);
    const wayOut = meant === undefined ? 'define it under trunks' : `did you mean "${meant}"?`;
    return [{ path, message: `there is no trunk "${name}"; ${wayOut}` }];
  });
}

const ANSWERS = ['bot', 'route', 'redirect', 'refuse'] as const;

function oneAnswer(id: string, channel: ChannelConfig): Problem[] {
  const at = ['channels', id];
  const [first, second] = ANSWERS.filter((key) => channel[key] !== undefined);
  if (first === undefined)
    return [{ path: at, message: 'needs a bot, or one of route, redirect and refuse' }];
  if (second !== undefined) {
    const message = `stands beside ${first}; a channel has one of ${ANSWERS.join(', ')}`;
    return [{ path: [...at, second], message }];
  }
  if (first === 'bot' && channel.events !== undefined) {
    return [{ path: [...at, 'events'], message: 'belongs to channels with a route; write it inside bot' }];
  }
  return [];
}

/** A route that needs a trunk, or a name, and has neither: every call would be refused. */
function wayOut(id: string, { route, trunk, bot }: ChannelConfig, { targets }: Config): Problem[] {
  if (trunk !== undefined) return [];
  const fallback = bot?.kind === 'webhook' ? bot.fallback.target : undefined;
  if (fallback !== undefined && 'phoneNumber' in fallback)
    return [{ path: ['channels', id, 'bot', 'fallback', 'target'], message: NUMBER_WITHOUT_TRUNK }];
  if (route === undefined) return [];
  const names = Object.keys(targets.queues).length + Object.keys(targets.extensions).length;
  const path = ['channels', id, 'route'];
  if (route === 'requestUri') {
    const message =
      'has no way out: no trunk for numbers, and no queue or extension; set trunk, or fill targets';
    return names === 0 ? [{ path, message }] : [];
  }
  return 'phoneNumber' in route ? [{ path, message: NUMBER_WITHOUT_TRUNK }] : [];
}

const NUMBER_WITHOUT_TRUNK = 'has no way out: a number leaves by a trunk; set trunk';

const emptyMatch = (id: string, { match }: ChannelConfig): Problem[] =>
  match !== undefined && match.trunk === undefined && match.did.length === 0
    ? [
        {
          path: ['channels', id, 'match'],
          message: 'matches nothing in particular; name a trunk, or numbers in did',
        },
      ]
    : [];

function outbound(id: string, { trunk }: ChannelConfig, trunks: Config['trunks']): Problem[] {
  if (trunk === undefined || trunks[trunk] === undefined || trunks[trunk].proxy !== undefined) return [];
  const message = `the trunk "${trunk}" has no proxy, so no call can leave by it; give it one`;
  return [{ path: ['channels', id, 'trunk'], message }];
}

/** Two channels with the same trunk and the same pattern: which one would answer is nobody's guess. */
function overlaps(channels: Config['channels']): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [id, { match }] of Object.entries(channels)) {
    if (match === undefined) continue;
    const patterns: [string, Path][] = match.did.map((did, i) => [did, ['channels', id, 'match', 'did', i]]);
    if (match.did.length === 0) patterns.push(['*', ['channels', id, 'match']]);
    for (const [pattern, path] of patterns) {
      const key = `${match.trunk ?? '*'} ${pattern}`;
      const other = taken.get(key);
      if (other === undefined) taken.set(key, id);
      else
        problems.push({
          path,
          message: `the channel "${other}" already takes ${pattern}; one number, one channel`,
        });
    }
  }
  return problems;
}
