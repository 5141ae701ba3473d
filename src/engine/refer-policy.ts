import type { LegId } from '../domain/ids.js';
import type { Settings } from '../domain/settings.js';
import type { LiveCall } from './registry.js';

/**
 * Who may move a call by REFER, BYE or Replaces (security list S-1). A bot may, and so may an IVR on a channel that
 * routes for it: commanding is what they are there for. Everybody else needs `referFromNetwork: allow`, where a
 * trunk's word comes before its channel's and that before the policy's.
 */
export function mayRefer(settings: Settings, live: LiveCall, leg: LegId): boolean {
  const { channel, runner } = live;
  if (leg === 'bot') return true;
  if (leg === 'caller' && channel.answer.by === 'route') return true;
  return mayReplace(settings, live, runner.legs.get(leg)?.trunk ?? null);
}

/** The same for somebody outside the call, who comes by this trunk. */
export function mayReplace(settings: Settings, { channel }: LiveCall, trunk: string | null): boolean {
  const own = trunk === null ? null : (settings.trunks.get(trunk)?.referFromNetwork ?? null);
  return (own ?? channel.referFromNetwork ?? settings.policy.referFromNetwork) === 'allow';
}
