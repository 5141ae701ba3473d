import { CALLER_ID_RECIPES, type CallerIdRecipeName } from '../domain/caller-id-recipes.js';
import type {
  CallerIdPolicy,
  CallerIdRecipe,
  Channel,
  EventSink,
  Policy,
  Queue,
  RecordingSettings,
  ScriptBot,
  Settings,
  TransferDefaults,
  TransferLayer,
  Trunk,
} from '../domain/settings.js';
import { toFallbackRules } from '../shape/failure-policy.js';
import { toTransferSounds } from '../shape/transfer-sounds.js';
import { parseNumber, parseNumberFormat } from '../sip/numbers.js';
import type { ChannelConfig, Config, TrunkConfig } from './schema.js';
import type { TargetConfig } from './target-checks.js';

/** The configuration as routing reads it; what routing does not need (addresses, secrets of servers) stays behind. */
export function toSettings(config: Config): Settings {
  const transfer = toDefaults(config.transfer);
  const channels = Object.entries(config.channels).map(([id, channel]) => toChannel(id, channel, transfer));
  const { queues, extensions } = config.targets;
  return {
    trunks: new Map(Object.entries(config.trunks).map(([name, trunk]) => [name, toTrunk(name, trunk)])),
    channels: new Map(channels.map((channel) => [channel.id, channel])),
    targets: {
      queues: new Map(Object.entries(queues).flatMap(([name, queue]) => toQueue(name, queue))),
      extensions: new Map(Object.entries(extensions)),
    },
    policy: toPolicy(config.policy),
    transfer,
  };
}

function toDefaults(transfer: Config['transfer']): TransferDefaults {
  const { method, refer, ringTimeoutMs, returnToBot, callerSilenceMs, onFailure } = transfer;
  return {
    ...{ method, refer, ringTimeoutMs, returnToBot, callerSilenceMs },
    onFailure: toFallbackRules(onFailure),
    sounds: toTransferSounds(transfer),
  };
}

const toPolicy = ({ allow, deny, referFromNetwork }: Config['policy']): Policy => ({
  allowHosts: allow.hosts ?? null,
  allowCountries: allow.countries ?? null,
  denyPrefixes: deny.prefixes,
  referFromNetwork,
});

const toTrunk = (name: string, trunk: TrunkConfig): Trunk => ({
  name,
  allow: trunk.allow,
  proxy: trunk.proxy ?? null,
  auth:
    trunk.auth === undefined ? null : { username: trunk.auth.username, password: trunk.auth.password ?? '' },
  register: trunk.register,
  pingMs: trunk.pingMs ?? null,
  numberFormat: parseNumberFormat(trunk.numberFormat) ?? 'raw',
  callerId: toCallerId(trunk.callerId),
  transfer: trunk.transfer,
  headerBudget: trunk.headerBudget,
  limits: {
    concurrent: trunk.limits.concurrent ?? null,
    perMinute: trunk.limits.perMinute ?? null,
    perTargetPerMinute: trunk.limits.perTargetPerMinute ?? null,
  },
  failover: trunk.failover,
  statusMap: trunk.statusMap,
  referFromNetwork: trunk.referFromNetwork ?? null,
  ...toProvider(trunk.provider),
});

const toProvider = (provider: TrunkConfig['provider']): Pick<Trunk, 'provider'> =>
  provider === undefined
    ? {}
    : { provider: { name: provider.name, sessionHeader: provider.sessionHeader ?? null } };

const toCallerId = (callerId: TrunkConfig['callerId']): CallerIdPolicy => ({
  policy: callerId.policy,
  number: callerId.number === undefined ? null : (parseNumber(callerId.number) ?? null),
  allowForeign: callerId.allowForeignCallerId,
  recipe: toRecipe(callerId.recipe),
});

/** The schema lets only the names of built-in recipes pass. */
const toRecipe = (recipe: TrunkConfig['callerId']['recipe']): CallerIdRecipe =>
  typeof recipe === 'string' ? CALLER_ID_RECIPES[recipe as CallerIdRecipeName] : recipe;

function toQueue(name: string, queue: Config['targets']['queues'][string]): [string, Queue][] {
  const { members, strategy, maxWaitMs, overflow } = queue;
  const [first, ...rest] = members;
  // The schema lets no empty list of members pass.
  if (first === undefined) return [];
  const music = queue.music ?? null;
  const known = { name, members: [first, ...rest] as const, strategy, maxWaitMs, music };
  return [[name, { ...known, overflow: toOverflow(overflow), ...toProvider(queue.provider) }]];
}

function toOverflow(overflow: { readonly node: string } | TargetConfig | undefined): Queue['overflow'] {
  if (overflow === undefined) return null;
  return 'node' in overflow ? { node: overflow.node } : { target: overflow };
}

function toChannel(id: string, channel: ChannelConfig, defaults: TransferDefaults): Channel {
  const { bot, recording } = channel;
  // A webhook bot is told what happens where it is asked.
  const events = bot?.kind === 'webhook' ? bot : (bot?.events ?? channel.events);
  return {
    id,
    match: { trunk: channel.match?.trunk ?? null, did: channel.match?.did ?? [] },
    trunk: channel.trunk ?? null,
    media: channel.media,
    answer: toAnswer(channel),
    events: toEventSink(events),
    recording: recording === undefined ? null : toRecording(recording),
    referFromNetwork: channel.referFromNetwork ?? null,
    transfer: toLayer(channel.transfer, defaults),
    answerTimeoutMs: channel.answerTimeoutMs,
  };
}

function toAnswer({ bot, route, redirect, refuse }: ChannelConfig): Channel['answer'] {
  if (route !== undefined) return { by: 'route', to: route };
  if (redirect !== undefined) return { by: 'redirect', to: redirect };
  if (bot?.kind === 'sip') return { by: 'bot', bot: { kind: 'sip', uri: bot.uri } };
  if (bot?.kind === 'webhook') return { by: 'script', bot: toScriptBot(bot) };
  if (refuse !== undefined) return { by: 'refuse', ...refuse };
  throw new Error('loading lets no channel without an answer pass');
}

function toScriptBot(bot: Extract<ChannelConfig['bot'], { kind: 'webhook' }>): ScriptBot {
  const { decisionTimeoutMs, noInputTimeoutMs, digitTimeoutMs, maxDigits, fallback } = bot;
  return {
    kind: 'webhook',
    ...{ decisionTimeoutMs, noInputTimeoutMs, digitTimeoutMs, maxDigits },
    fallback: { message: fallback.message ?? null, target: fallback.target ?? null },
  };
}

const toRecording = ({
  dir,
  channels,
  consent,
  maxSeconds,
}: NonNullable<ChannelConfig['recording']>): RecordingSettings => ({
  dir,
  channels,
  consent: consent ?? null,
  maxSeconds: maxSeconds ?? null,
});

const toEventSink = (events: ChannelConfig['events']): EventSink | null =>
  events === undefined
    ? null
    : {
        ...{ url: events.url, dialect: events.dialect, secret: events.secret ?? null },
        retryForMs: events.retryForMs,
      };

/** Only what the channel says: an absent key must stay absent, or it would hide the layer below. */
function toLayer(layer: ChannelConfig['transfer'] = {}, defaults: TransferDefaults): TransferLayer {
  const sounds = toTransferSounds(layer);
  const { method, refer, ringTimeoutMs, returnToBot, callerSilenceMs, onFailure } = layer;
  return {
    ...(method !== undefined && { method }),
    ...(refer !== undefined && { refer: { ...defaults.refer, ...refer } }),
    ...(ringTimeoutMs !== undefined && { ringTimeoutMs }),
    ...(returnToBot !== undefined && { returnToBot }),
    ...(callerSilenceMs !== undefined && { callerSilenceMs }),
    ...(onFailure !== undefined && { onFailure: toFallbackRules(onFailure) }),
    ...(Object.keys(sounds).length > 0 && { sounds }),
  };
}
