import type { CallView, Control } from '../ports/control.js';
import type { BotListener } from '../ports/bot-runtime.js';
import type { SignallingInfo } from '../ports/signalling.js';
import { Admitter } from './admitter.js';
import { Controller } from './controller.js';
import { Drain } from './drain.js';
import type { EngineParts } from './parts.js';
import { Planner } from './planner.js';
import { Recovery } from './recovery/recovery.js';
import { Registry } from './registry.js';
import { SharedControl } from './shared-control.js';
import { Trunks } from './trunks.js';
import { WireGate } from './wire-gate.js';

/** A running engine. */
export interface Engine {
  readonly control: Control;
  /** Live calls of this engine alone. */
  calls(): readonly CallView[];
  /** Connects to the SIP server and takes calls. */
  start(): Promise<SignallingInfo>;
  /**
   * Takes no new calls, lets live ones finish for at most `ms`, then hangs up what no other engine could go on with,
   * and resolves when every other ledger is empty (or the teardown deadline has passed).
   */
  drain(ms: number): Promise<void>;
  /** Lets go of the calls that are left, for another engine to take; the last thing before the end. */
  leave(): Promise<void>;
  liveCalls(): number;
}

export function createEngine(parts: EngineParts): Engine {
  const trunks = new Trunks({ ...parts, watch: parts.trunkWatch });
  const planner = new Planner(parts, (trunk) => trunks.trunkUp(trunk));
  const registry = new Registry(parts, planner);
  const gate = new WireGate(parts, registry, planner);
  registry.interpreter = (live, leg, event) => gate.interpret(live, leg, event);
  const admitter = new Admitter(parts, registry, planner);
  const recovery = new Recovery(parts, registry, admitter.allows);
  const local = new Controller(parts, registry, admitter, planner, trunks);
  const control = new SharedControl(local, parts);
  admitter.whenListening = (listening) => {
    gate.listening = listening;
    local.listening = listening;
  };
  parts.bots.listen(botListener(registry, control));
  const drain = new Drain(parts, registry, admitter, trunks);
  return {
    control,
    calls: () => local.calls(),
    start: async () => {
      const info = await parts.signalling.start(admitter);
      admitter.listeningOn(info.listening);
      parts.metrics.dependencyChanged('signalling', true);
      trunks.start();
      await parts.book.start(recovery);
      await control.start();
      return info;
    },
    drain: (ms) => drain.run(ms),
    leave: () => drain.leave(),
    liveCalls: () => registry.size,
  };
}

/** What bots say goes to the mailbox of their call; what they command goes the way of every command. */
const botListener = (registry: Registry, control: Control): BotListener => ({
  replied: (callId, question, replies) =>
    registry.get(callId)?.runner.post({ type: 'replied', question, replies }),
  garbled: (callId, question, problem) =>
    registry.get(callId)?.runner.post({ type: 'garbled', question, problem }),
  commanded: async (callId, wish) => {
    if (wish.kind === 'switch') await control.transfer(callId, wish.command);
    else await control.hangup(callId);
  },
});
