import type { LegId } from '../domain/ids.js';
import type { Settings } from '../domain/settings.js';
import type { CallRunner } from './call-runner.js';
import type { LiveCall } from './registry.js';

/**
 * Who may move a call by REFER, BYE or Replaces (security list S-1). A bot may, and so may an IVR on a channel that
 * routes for it: commanding is what they are there for. Everybody else needs `referFromNetwork: allow`, where a
 * trunk's word comes before its channel's and that before the policy's.
 */
export function mayRefer(settings: Settings, live: LiveCall, leg: LegId): boolean {
  const { channel, runner } = live;
  if (leg === 'bot') return true;
  // By name alone a party the IVR has passed its place on to would have its rights.
  const ivr = leg === 'caller' && callersTrunk(runner) === live.trunk;
  if (ivr && channel.answer.by === 'route') return true;
  return mayReplace(settings, live, runner.legs.get(leg)?.trunk ?? null);
}

/** Trunk of whoever is the caller now, `''` when it came by none: roles change hands in a call. */
export const callersTrunk = ({ legs }: CallRunner): string => legs.get('caller')?.trunk ?? '';

/** The same for somebody outside the call, who comes by this trunk. */
export function mayReplace(settings: Settings, { channel }: LiveCall, trunk: string | null): boolean {
  const own = trunk === null ? null : (settings.trunks.get(trunk)?.referFromNetwork ?? null);
  return (own ?? channel.referFromNetwork ?? settings.policy.referFromNetwork) === 'allow';
}
