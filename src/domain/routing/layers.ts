import type { TransferCommand } from '../command.js';
import type { Channel, Settings, Trunk, TransferDefaults } from '../settings.js';
import { SOUND_KEYS, soundLayersOf, type SoundLayers } from './sound-layers.js';

/** Where a value came from, the lowest last. */
export type Layer = 'command' | 'node' | 'integration' | 'channel' | 'trunk' | 'default';

export interface Layered<T> {
  readonly value: T;
  readonly layer: Layer;
}

/** Everything a command may leave open, and who decided it. */
export interface Layers extends SoundLayers {
  readonly method: Layered<TransferDefaults['method']>;
  readonly ringTimeoutMs: Layered<number>;
  readonly returnToBot: Layered<boolean>;
  readonly onFailure: Layered<TransferDefaults['onFailure']>;
  readonly callerSilenceMs: Layered<number>;
  /** Name of the trunk phone numbers leave by. */
  readonly trunk: Layered<string | null>;
  readonly numberFormat: Layered<Trunk['numberFormat']>;
  readonly callerId: Layered<NonNullable<TransferCommand['callerId']>>;
}

/** Each value with the layer it came from: what the plan is made of, and what a dry run shows. */
export function layersOf(settings: Settings, channel: Channel, command: TransferCommand): Layers {
  const below = <K extends Exclude<keyof TransferDefaults, 'sounds'>>(
    key: K,
  ): Layered<TransferDefaults[K]> => {
    const own = channel.transfer[key];
    return own === undefined
      ? { value: settings.transfer[key], layer: 'default' }
      : { value: own, layer: 'channel' };
  };
  const or = <T>(value: T | undefined, lower: Layered<T>): Layered<T> =>
    value === undefined ? lower : { value, layer: 'command' };
  const trunk = trunkLayer(settings, channel, command);
  const known = trunk.value === null ? undefined : settings.trunks.get(trunk.value);
  return {
    // `auto` is what a command says that leaves the method to the layers below.
    method: or(command.method === 'auto' ? undefined : command.method, below('method')),
    ringTimeoutMs: or(command.ringTimeoutMs, below('ringTimeoutMs')),
    returnToBot: or(command.returnToBot, below('returnToBot')),
    onFailure: or(command.onFailure, below('onFailure')),
    callerSilenceMs: below('callerSilenceMs'),
    trunk,
    numberFormat:
      known === undefined
        ? { value: 'raw', layer: 'default' }
        : { value: known.numberFormat, layer: 'trunk' },
    callerId: or(command.callerId, callerIdOf(known)),
    ...soundLayersOf(settings, channel, command),
  };
}

/** Timers of a REFER: no command sets them. */
export const referTimersOf = (
  { transfer }: Settings,
  { transfer: own }: Pick<Channel, 'transfer'>,
): TransferDefaults['refer'] => own.refer ?? transfer.refer;

function trunkLayer(settings: Settings, channel: Channel, { via }: TransferCommand): Layers['trunk'] {
  if (via !== undefined) return { value: settings.channels.get(via)?.trunk ?? null, layer: 'command' };
  return channel.trunk === null
    ? { value: null, layer: 'default' }
    : { value: channel.trunk, layer: 'channel' };
}

function callerIdOf(trunk: Trunk | undefined): Layers['callerId'] {
  if (trunk === undefined) return { value: { policy: 'caller' }, layer: 'default' };
  const { policy, number } = trunk.callerId;
  return {
    value: policy === 'fixed' && number !== null ? { policy, number } : { policy },
    layer: 'trunk',
  };
}

/** What one value of a plan is and where it came from, as a dry run lists it. */
export interface ExplainedValue {
  readonly field: keyof Layers;
  readonly value: unknown;
  readonly layer: Layer;
}

/** {@link layersOf} as a list, in the order in which people ask; nobody of ours is heard where media is direct. */
export const explainPlan = (
  settings: Settings,
  channel: Channel,
  command: TransferCommand,
): readonly ExplainedValue[] => {
  const layers = layersOf(settings, channel, command);
  const fields = channel.media === 'direct' ? ROUTING_KEYS : [...ROUTING_KEYS, ...SOUND_KEYS];
  return fields.map((field) => ({ field, ...layers[field] }));
};

const ROUTING_KEYS = [
  'method',
  'trunk',
  'numberFormat',
  'callerId',
  'ringTimeoutMs',
  'returnToBot',
  'onFailure',
  'callerSilenceMs',
] as const;
