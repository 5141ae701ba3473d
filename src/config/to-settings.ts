import type {
  CallerIdPolicy,
  Channel,
  EventSink,
  Settings,
  Trunk,
  TransferDefaults,
} from '../domain/settings.js';
import { toFallbackRules } from '../shape/failure-policy.js';
import { parseNumber, parseNumberFormat } from '../sip/numbers.js';
import type { ChannelConfig, Config, TrunkConfig } from './schema.js';

/** The configuration as routing reads it; what routing does not need (addresses, secrets of servers) stays behind. */
export function toSettings(config: Config): Settings {
  const channels = Object.entries(config.channels).flatMap(([id, channel]) => toChannel(id, channel) ?? []);
  return {
    trunks: new Map(Object.entries(config.trunks).map(([name, trunk]) => [name, toTrunk(name, trunk)])),
    channels: new Map(channels.map((channel) => [channel.id, channel])),
    policy: { allowHosts: config.policy.allow.hosts ?? null },
    transfer: {
      ringTimeoutMs: config.transfer.ringTimeoutMs,
      returnToBot: config.transfer.returnToBot,
      callerSilenceMs: config.transfer.callerSilenceMs,
      onFailure: toFallbackRules(config.transfer.onFailure),
    },
  };
}

const toTrunk = (name: string, trunk: TrunkConfig): Trunk => ({
  name,
  allow: trunk.allow,
  proxy: trunk.proxy ?? null,
  auth:
    trunk.auth === undefined ? null : { username: trunk.auth.username, password: trunk.auth.password ?? '' },
  numberFormat: parseNumberFormat(trunk.numberFormat) ?? 'raw',
  callerId: toCallerId(trunk.callerId),
});

const toCallerId = ({ policy, number }: TrunkConfig['callerId']): CallerIdPolicy => ({
  policy,
  number: number === undefined ? null : (parseNumber(number) ?? null),
});

/** `undefined` for the kinds of channel that {@link loadConfig} refuses in this version. */
function toChannel(id: string, channel: ChannelConfig): Channel | undefined {
  if (channel.bot?.kind !== 'sip') return undefined;
  return {
    id,
    match: { trunk: channel.match?.trunk ?? null, did: channel.match?.did ?? [] },
    trunk: channel.trunk ?? null,
    media: channel.media,
    bot: { kind: 'sip', uri: channel.bot.uri },
    events: toEventSink(channel.bot.events),
    transfer: toLayer(channel.transfer),
    answerTimeoutMs: channel.answerTimeoutMs,
  };
}

const toEventSink = (events: ChannelConfig['events']): EventSink | null =>
  events === undefined ? null : { url: events.url, dialect: events.dialect, secret: events.secret ?? null };

/** Only what the channel says: an absent key must stay absent, or it would hide the layer below. */
function toLayer(layer: ChannelConfig['transfer'] = {}): Partial<TransferDefaults> {
  const { ringTimeoutMs, returnToBot, callerSilenceMs, onFailure } = layer;
  return {
    ...(ringTimeoutMs !== undefined && { ringTimeoutMs }),
    ...(returnToBot !== undefined && { returnToBot }),
    ...(callerSilenceMs !== undefined && { callerSilenceMs }),
    ...(onFailure !== undefined && { onFailure: toFallbackRules(onFailure) }),
  };
}
