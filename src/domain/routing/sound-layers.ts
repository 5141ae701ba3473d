import type { TransferCommand } from '../command.js';
import { PLAIN_SOUNDS, type TransferSounds } from '../plan.js';
import type { Channel, Settings } from '../settings.js';
import type { Layered } from './layers.js';
import { wrong, type Step } from './routed.js';

/** Each of {@link TransferSounds} with the layer it came from. */
export type SoundLayers = { readonly [K in keyof TransferSounds]: Layered<TransferSounds[K]> };

export const SOUND_KEYS = ['waiting', 'announce', 'whisper', 'confirm', 'warm', 'returnKey'] as const;

/** Keys that speak to the agent, or listen to it: they need its media, which a REFER or BYE gives away. */
const AGENT_KEYS = ['whisper', 'confirm', 'warm', 'returnKey'] as const;

/** A key a layer does not have comes from the layer below; one it has as `null` is off, whatever is below. */
export function soundLayersOf(settings: Settings, channel: Channel, command: TransferCommand): SoundLayers {
  const pick = <K extends keyof TransferSounds>(key: K): Layered<TransferSounds[K]> => {
    const own = command.sounds?.[key];
    if (own !== undefined) return { value: own, layer: 'command' };
    const channels = channel.transfer.sounds?.[key];
    if (channels !== undefined) return { value: channels, layer: 'channel' };
    return { value: settings.transfer.sounds[key] ?? usualSounds(channel)[key], layer: 'default' };
  };
  return {
    waiting: pick('waiting'),
    announce: pick('announce'),
    whisper: pick('whisper'),
    confirm: pick('confirm'),
    warm: pick('warm'),
    returnKey: pick('returnKey'),
  };
}

/** Only a SIP bot can go on speaking by itself while a target is sought; who is routed hears the target's own ringing. */
function usualSounds({ answer }: Channel): TransferSounds {
  if (answer.by === 'bot') return PLAIN_SOUNDS;
  return { ...PLAIN_SOUNDS, waiting: answer.by === 'route' ? 'early' : 'ringback' };
}

/** What the plan says is heard; `null` where media goes past us. */
export const plannedSounds = (channel: Channel, layers: SoundLayers): TransferSounds | null =>
  channel.media === 'direct'
    ? null
    : {
        waiting: layers.waiting.value,
        announce: layers.announce.value,
        whisper: layers.whisper.value,
        confirm: layers.confirm.value,
        warm: layers.warm.value,
        returnKey: layers.returnKey.value,
      };

/** Whether the agent must be a leg of ours, so that the method `auto` is not free to give the call away. */
export const agentHearsUs = (channel: Channel, layers: SoundLayers): boolean =>
  channel.media === 'anchored' && AGENT_KEYS.some((key) => layers[key].value !== null);

/** A command that wants to be heard where it cannot be: its media is direct, or it gives the agent away. */
export function soundObstacle({ id, media }: Channel, command: TransferCommand): Step<never> | null {
  const { sounds = {}, method } = command;
  const wanted = SOUND_KEYS.find((key) => isWanted(key, sounds));
  if (media === 'direct' && wanted !== undefined) {
    const why = `needs a media server, and the media of channel "${id}" is direct; set media: anchored there, or leave it out`;
    return wrong('invalid_field', wanted, why);
  }
  const agents = AGENT_KEYS.find((key) => sounds[key] != null);
  if (agents === undefined || (method !== 'refer' && method !== 'bye')) return null;
  return wrong('invalid_field', agents, `needs the agent on a leg of ours; use method invite, not ${method}`);
}

function isWanted(key: keyof TransferSounds, sounds: Partial<TransferSounds>): boolean {
  if (key === 'waiting') return sounds.waiting !== undefined && sounds.waiting !== 'bot';
  if (key === 'announce') return (sounds.announce ?? []).length > 0;
  return sounds[key] != null;
}
