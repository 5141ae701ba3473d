import { cidrContains, parseCidr, type Cidr } from '../sip/cidr.js';
import type { Channel, Settings, Trunk } from './settings.js';

/** Where a new call belongs. */
export type Admission =
  | { readonly kind: 'call'; readonly channel: Channel; readonly trunk: Trunk }
  /** No trunk allows this source: it gets no answer (S-4). */
  | { readonly kind: 'stranger' }
  | { readonly kind: 'noChannel'; readonly trunk: Trunk };

interface Source {
  readonly trunk: Trunk;
  readonly blocks: readonly Cidr[];
}

/** Decides by source address and dialled number; compiled once, asked for every INVITE. */
export function compileAdmission(settings: Settings): (address: string, dialled: string) => Admission {
  const sources: Source[] = [...settings.trunks.values()].map((trunk) => ({
    trunk,
    blocks: trunk.allow.flatMap((text) => parseCidr(text) ?? []),
  }));
  const channels = [...settings.channels.values()].filter(isReachable);
  return (address, dialled) => {
    const trunks = sources.filter((s) => s.blocks.some((b) => cidrContains(b, address))).map((s) => s.trunk);
    const [first] = trunks;
    if (first === undefined) return { kind: 'stranger' };
    return bestChannel(channels, trunks, dialled) ?? { kind: 'noChannel', trunk: first };
  };
}

/** A channel that names neither a trunk nor a number is reached by name only (JAICP `transferChannel`). */
const isReachable = ({ match }: Channel): boolean => match.trunk !== null || match.did.length > 0;

/** An exact number beats the longest prefix (`1800*`) beats a channel that takes any number (CONTRACT 2). */
function bestChannel(
  channels: readonly Channel[],
  trunks: readonly Trunk[],
  dialled: string,
): Admission | undefined {
  let best: { score: number; channel: Channel; trunk: Trunk } | undefined;
  for (const channel of channels) {
    const trunk = trunks.find((t) => channel.match.trunk === null || channel.match.trunk === t.name);
    const score = trunk === undefined ? -1 : scoreOf(channel.match.did, dialled);
    if (trunk !== undefined && score >= 0 && score > (best?.score ?? -1)) best = { score, channel, trunk };
  }
  return best === undefined ? undefined : { kind: 'call', channel: best.channel, trunk: best.trunk };
}

/** -1: no match; 0: takes anything; otherwise the longer the match the higher, an exact one above all. */
function scoreOf(patterns: readonly string[], dialled: string): number {
  if (patterns.length === 0) return 0;
  let best = -1;
  for (const pattern of patterns) best = Math.max(best, matchLength(bare(pattern), bare(dialled)));
  return best;
}

function matchLength(pattern: string, dialled: string): number {
  if (!pattern.endsWith('*')) return pattern === dialled ? Number.MAX_SAFE_INTEGER : -1;
  const prefix = pattern.slice(0, -1);
  return dialled.startsWith(prefix) ? prefix.length : -1;
}

/** Carriers send the same number with and without `+`. */
const bare = (number: string): string => (number.startsWith('+') ? number.slice(1) : number);
