import { formatNumber, parseNumber } from '../sip/numbers.js';
import {
  formatSipUri,
  parseSipUri,
  parseSipUriOrAddress,
  withoutHeaders,
  withUser,
  type SipUri,
} from '../sip/sip-uri.js';
import type { CommandTarget, TransferCommand } from './command.js';
import type { SessionId, TransferId } from './ids.js';
import type { DialTarget, HeaderLine, Identity, TransferPlan } from './plan.js';
import type { CallerIdPolicy, Channel, Settings, Trunk } from './settings.js';

/** Who calls: what an outgoing From may show. */
export interface CallerIdentity {
  readonly user: string;
  readonly display: string | null;
  /** The number the caller dialled. */
  readonly dialled: string;
}

/** Why a command cannot be carried out; a code of the error catalogue, and where in the command. */
export interface RoutingProblem {
  readonly code: 'unknown_channel' | 'no_trunk' | 'target_not_allowed' | 'invalid_field' | 'not_supported';
  readonly path: string;
  readonly detail: string;
}

export type Routed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: RoutingProblem };

const refuse = (
  code: RoutingProblem['code'],
  path: string,
  detail: string,
): { ok: false; problem: RoutingProblem } => ({
  ok: false,
  problem: { code, path, detail },
});

/** Turns a command into a plan by the layers command > channel > defaults; nothing is left to look up afterwards. */
export function planTransfer(
  settings: Settings,
  channel: Channel,
  caller: CallerIdentity,
  command: TransferCommand,
  ids: { readonly transferId: TransferId; readonly sessionId: SessionId },
): Routed<TransferPlan> {
  if (command.method === 'refer' || command.method === 'bye') {
    const detail = `method "${command.method}" is not available in this version; use "invite" or "auto"`;
    return refuse('not_supported', 'method', detail);
  }
  const targets = routeTargets(settings, channel, caller, command);
  if (!targets.ok) return targets;
  const layer = { ...settings.transfer, ...channel.transfer };
  const plan: TransferPlan = {
    id: ids.transferId,
    sessionId: ids.sessionId,
    method: 'invite',
    targets: targets.value,
    ringTimeoutMs: command.ringTimeoutMs ?? layer.ringTimeoutMs,
    returnToBot: command.returnToBot ?? layer.returnToBot,
    onFailure: command.onFailure ?? layer.onFailure,
    otherwise: command.otherwise ?? 'stay',
    callerSilenceMs: layer.callerSilenceMs,
    reason: command.reason ?? null,
    metadata: command.metadata,
  };
  return { ok: true, value: plan };
}

function routeTargets(
  settings: Settings,
  channel: Channel,
  caller: CallerIdentity,
  command: TransferCommand,
): Routed<TransferPlan['targets']> {
  const leaving = trunkOf(settings, channel, command.via);
  if (!leaving.ok) return leaving;
  const targets: DialTarget[] = [];
  for (const [i, target] of command.targets.entries()) {
    const path = command.targets.length === 1 ? 'target' : `target[${i}]`;
    const wanted = { target, path, trunk: leaving.value, via: command.via !== undefined };
    const routed = routeTarget(settings, wanted, caller, command);
    if (!routed.ok) return routed;
    targets.push(routed.value);
  }
  const [first, ...rest] = targets;
  return first === undefined
    ? refuse('invalid_field', 'target', 'at least one target is needed')
    : { ok: true, value: [first, ...rest] };
}

/** The trunk calls leave by: that of the channel named in `via` (JAICP `transferChannel`), else the call's own. */
function trunkOf(settings: Settings, own: Channel, via: string | undefined): Routed<Trunk | null> {
  const channel = via === undefined ? own : settings.channels.get(via);
  if (channel === undefined) return refuse('unknown_channel', 'via', `there is no channel "${via ?? ''}"`);
  const trunk = channel.trunk === null ? undefined : settings.trunks.get(channel.trunk);
  if (via !== undefined && trunk?.proxy == null)
    return refuse('no_trunk', 'via', `channel "${via}" has no trunk with a proxy`);
  return { ok: true, value: trunk ?? null };
}

interface Wanted {
  readonly target: CommandTarget;
  readonly path: string;
  readonly trunk: Trunk | null;
  /** The command names the way out: SIP URIs go through that trunk too. */
  readonly via: boolean;
}

function routeTarget(
  settings: Settings,
  wanted: Wanted,
  caller: CallerIdentity,
  command: TransferCommand,
): Routed<DialTarget> {
  const { target } = wanted;
  return 'phoneNumber' in target
    ? routeNumber(wanted, target.phoneNumber, caller, command)
    : routeUri(settings, wanted, target.sipUri, caller, command);
}

function routeNumber(
  { path, trunk }: Wanted,
  text: string,
  caller: CallerIdentity,
  command: TransferCommand,
): Routed<DialTarget> {
  if (trunk?.proxy == null)
    return refuse('no_trunk', path, 'no trunk with a proxy leads from this channel to phone numbers');
  const number = parseNumber(text);
  const formatted = number === undefined ? undefined : formatNumber(number, trunk.numberFormat);
  const proxy = parseSipUri(trunk.proxy);
  const uri = formatted === undefined || proxy === undefined ? undefined : withUser(proxy, formatted);
  if (uri === undefined)
    return refuse(
      'invalid_field',
      `${path}.phoneNumber`,
      `"${text}" is no number trunk "${trunk.name}" can dial`,
    );
  return dialTarget(text, formatSipUri(uri), null, trunk, caller, command);
}

function routeUri(
  settings: Settings,
  wanted: Wanted,
  text: string,
  caller: CallerIdentity,
  command: TransferCommand,
): Routed<DialTarget> {
  const path = `${wanted.path}.sipUri`;
  const uri = parseSipUriOrAddress(text);
  if (uri === undefined) return refuse('invalid_field', path, `"${text}" is not a SIP URI`);
  if (uri.headers !== null)
    return refuse('invalid_field', path, 'headers inside the URI are not carried; use "headers"');
  if (!hostAllowed(settings, uri))
    return refuse('target_not_allowed', path, `the policy does not allow targets at ${uri.host}`);
  const trunk = wanted.via ? wanted.trunk : trunkAt(settings, uri);
  return dialTarget(
    text,
    formatSipUri(withoutHeaders(uri)),
    wanted.via ? (trunk?.proxy ?? null) : null,
    trunk,
    caller,
    command,
  );
}

/** `policy.allow.hosts`, or, without one, only hosts the configuration itself names: no open relay by default. */
function hostAllowed(settings: Settings, uri: SipUri): boolean {
  const { allowHosts } = settings.policy;
  if (allowHosts !== null)
    return allowHosts.some((h) => h.toLowerCase() === uri.host || `[${h.toLowerCase()}]` === uri.host);
  const named = [
    ...[...settings.trunks.values()].map((t) => t.proxy),
    ...[...settings.channels.values()].map((c) => c.bot.uri),
  ];
  return named.some((text) => text !== null && parseSipUri(text)?.host === uri.host);
}

/** The trunk a URI points into, if any: its credentials and caller-ID policy apply. */
function trunkAt(settings: Settings, uri: SipUri): Trunk | null {
  for (const trunk of settings.trunks.values()) {
    const proxy = trunk.proxy === null ? undefined : parseSipUri(trunk.proxy);
    if (proxy?.host === uri.host && (proxy.port ?? 5060) === (uri.port ?? 5060)) return trunk;
  }
  return null;
}

function dialTarget(
  label: string,
  uri: string,
  route: string | null,
  trunk: Trunk | null,
  caller: CallerIdentity,
  command: TransferCommand,
): Routed<DialTarget> {
  const policy: CallerIdPolicy = command.callerId
    ? { policy: command.callerId.policy, number: command.callerId.number ?? null }
    : (trunk?.callerId ?? { policy: 'caller', number: null });
  const hidden: readonly HeaderLine[] = policy.policy === 'anonymous' ? [['Privacy', 'id']] : [];
  const headers = [...command.headers, ...hidden];
  return {
    ok: true,
    value: {
      label,
      uri,
      route,
      trunk: trunk?.name ?? null,
      from: identity(policy, caller),
      headers,
      auth: trunk?.auth ?? null,
    },
  };
}

function identity({ policy, number }: CallerIdPolicy, caller: CallerIdentity): Identity {
  switch (policy) {
    case 'caller':
      return { user: caller.user, display: caller.display, host: null };
    case 'bot':
      return { user: caller.dialled, display: null, host: null };
    case 'fixed':
      return { user: number ?? caller.dialled, display: null, host: null };
    case 'anonymous':
      // RFC 3323 4.1.1.3.
      return { user: 'anonymous', display: 'Anonymous', host: 'anonymous.invalid' };
  }
}

/** The bot's leg: it sees who calls, and may know the call and channel by our two headers (CONTRACT 5). */
export function botTarget(channel: Channel, caller: CallerIdentity, callId: string): DialTarget {
  return {
    label: channel.id,
    uri: channel.bot.uri,
    route: null,
    trunk: null,
    from: { user: caller.user, display: caller.display, host: null },
    headers: [
      ['X-Switchhook-Call', callId],
      ['X-Switchhook-Channel', channel.id],
    ],
    auth: null,
  };
}
