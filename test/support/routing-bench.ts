import { loadConfig } from '../../src/config/load-config.js';
import { toSettings } from '../../src/config/to-settings.js';
import type { TransferCommand } from '../../src/domain/command.js';
import { callId, sessionId, transferId } from '../../src/domain/ids.js';
import type { ByeWay, InviteWay, ReferWay, TransferPlan, Way } from '../../src/domain/plan.js';
import type { CallerIdentity, Knowledge } from '../../src/domain/routing/caller.js';
import { planTransfer } from '../../src/domain/routing/plan-transfer.js';
import type { RoutingProblem } from '../../src/domain/routing/routed.js';
import type { Channel, Settings } from '../../src/domain/settings.js';

export const settingsOf = (yaml: string): Settings =>
  toSettings(loadConfig({ file: 'x.yaml', env: {}, readFile: () => yaml }));

export function channelOf(settings: Settings, id = 'line'): Channel {
  const channel = settings.channels.get(id);
  if (channel === undefined) throw new Error(`the test's configuration has no channel ${id}`);
  return channel;
}

export const CALLER: CallerIdentity = {
  user: '+16125550199',
  display: 'Ann',
  dialled: '18005550100',
  hidden: false,
};

export const commandOf = (
  command: Partial<TransferCommand> & Pick<TransferCommand, 'targets'>,
): TransferCommand => ({
  method: 'auto',
  headers: [],
  metadata: {},
  ...command,
});

/** A carrier with a proxy, one channel that calls by it, and whatever a test adds. */
export class RoutingBench {
  readonly settings: Settings;
  caller: CallerIdentity = CALLER;
  knowledge: Knowledge = {
    takesRefer: () => undefined,
    trunkUp: () => true,
    next: () => 0,
    callerTrunk: 'carrier',
  };

  constructor(options: { carrier?: string; trunks?: string; channel?: string; more?: string } = {}) {
    this.settings = settingsOf(`
trunks:
  carrier: { allow: [ "::1" ], proxy: "sip:10.0.0.1:5080", ${options.carrier ?? ''} }
${options.trunks ?? ''}
channels:
  line: { match: { trunk: carrier }, trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" }, ${options.channel ?? ''} }
${options.more ?? ''}`);
  }

  route(command: Partial<TransferCommand> & Pick<TransferCommand, 'targets'>, channel = 'line') {
    const ids = { transferId: transferId('t'), sessionId: sessionId('t', callId('c'), channel) };
    const from = channelOf(this.settings, channel);
    return planTransfer(this.settings, from, this.caller, commandOf(command), ids, this.knowledge);
  }

  plan(command: Partial<TransferCommand> & Pick<TransferCommand, 'targets'>, channel = 'line'): TransferPlan {
    const routed = this.route(command, channel);
    if (!routed.ok) throw new Error(`${routed.problem.path}: ${routed.problem.detail}`);
    return routed.value;
  }

  problem(command: Partial<TransferCommand> & Pick<TransferCommand, 'targets'>): RoutingProblem {
    const routed = this.route(command);
    if (routed.ok) throw new Error('the command was accepted');
    return routed.problem;
  }

  /** The ways to the first target. */
  ways(command: Partial<TransferCommand> & Pick<TransferCommand, 'targets'>): readonly Way[] {
    return this.plan(command).targets[0].ways;
  }
}

export function invite(way: Way | undefined): InviteWay {
  if (way?.method !== 'invite') throw new Error(`no INVITE but ${way?.method ?? 'nothing'}`);
  return way;
}

export function refer(way: Way | undefined): ReferWay {
  if (way?.method !== 'refer') throw new Error(`no REFER but ${way?.method ?? 'nothing'}`);
  return way;
}

export function bye(way: Way | undefined): ByeWay {
  if (way?.method !== 'bye') throw new Error(`no BYE but ${way?.method ?? 'nothing'}`);
  return way;
}

/** `method trunk (reason) uri...` of each way, to be read in one line. */
export const shape = (ways: readonly Way[]): readonly string[] =>
  ways.map((way) => {
    const to =
      way.method === 'invite'
        ? way.branches.map(({ uri }) => uri).join('|')
        : way.method === 'refer'
          ? way.referTo
          : '';
    return [way.method, way.trunk ?? '-', way.after ?? 'first', to].join(' ').trim();
  });
