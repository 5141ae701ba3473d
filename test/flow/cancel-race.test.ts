import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '../../src/domain/ids.js';
import type { PublishedEvent } from '../../src/ports/bot-runtime.js';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { acceptInvites, acceptReInvites } from '../support/party-scripts.js';
import {
  PhoneCall,
  respondTo,
  sdp,
  type Script,
  type SipMessage,
  type SipPhone,
} from '../support/sip-phone/index.js';

const CALLS = 40;
const TRANSFERS = 250;
const RING_MS = 40;
const CANCEL_MS = 30;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Targets that ring and answer after a random delay; every other one answers although the CANCEL came first. */
class Targets {
  /** Dialogs a 200 of ours opened and no BYE has closed. */
  readonly open = new Set<string>();
  readonly counts = { answered: 0, stubborn: 0, terminated: 0 };
  private readonly ringing = new Map<string, { call: PhoneCall; invite: SipMessage }>();

  script(): Script {
    return (message, phone) => {
      if (message.method === 'ACK' || message.status > 0) return true;
      if (message.method === 'INVITE') this.invited(message, phone);
      else if (message.method === 'CANCEL') this.cancelled(message, phone);
      else if (message.method === 'BYE') {
        PhoneCall.incoming(phone, message, {}).respond(message, 200);
        this.open.delete(message.callId);
      } else return false;
      return true;
    };
  }

  private invited(invite: SipMessage, phone: SipPhone): void {
    if (this.ringing.has(invite.callId) || this.open.has(invite.callId)) return;
    const call = phone.answering(invite);
    this.ringing.set(invite.callId, { call, invite });
    call.respond(invite, 180);
    void later(Math.random() * RING_MS).then(() => this.answer(invite.callId));
  }

  private cancelled(message: SipMessage, phone: SipPhone): void {
    const pending = this.ringing.get(message.callId);
    PhoneCall.incoming(phone, message, {}).respond(message, pending === undefined ? 481 : 200);
    if (pending === undefined) return;
    // Half of them have sent their 200 "already": it is on the wire while the CANCEL arrives.
    if (Math.random() < 0.5) this.counts.stubborn += 1;
    else {
      this.ringing.delete(message.callId);
      this.counts.terminated += 1;
      pending.call.respond(pending.invite, 487);
    }
  }

  private answer(callId: string): void {
    const pending = this.ringing.get(callId);
    if (pending === undefined) return;
    this.ringing.delete(callId);
    this.counts.answered += 1;
    this.open.add(callId);
    pending.call.respond(pending.invite, 200, { body: sdp({ port: 60000, user: 'target' }) });
    // An agent that was connected after all hangs up soon; the BYE of a cancelled one crosses ours.
    void later(30 + Math.random() * 10).then(() => {
      if (!this.open.delete(callId)) return;
      pending.call.bye();
    });
  }
}

describe('a target that answers exactly while it is cancelled', () => {
  let backend: Backend;
  let bench: EngineBench;

  beforeEach(async () => {
    backend = await startEmbedded({ timers: { t1: 500, t2: 4000, t4: 100, t1x64: 3000, d: 100 } });
    bench = await startEngineBench(backend, { phone: { record: false } });
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  it(
    `leaves no ghost leg at ${CALLS * TRANSFERS} random delays, and every transfer has one verdict`,
    { timeout: 240_000 },
    async () => {
      const targets = new Targets();
      const bye = respondTo('BYE', 200);
      bench.caller.script(acceptReInvites(40000), bye);
      bench.bot.script(acceptInvites(50000), acceptReInvites(50000), bye);
      bench.target.script(targets.script());
      const outcomes: string[] = [];
      await Promise.all(Array.from({ length: CALLS }, () => oneCall(bench, outcomes)));

      expect(outcomes).toHaveLength(CALLS * TRANSFERS);
      const verdicts = bench.events.all.filter(
        (e) =>
          e.type === 'transfer.completed' || e.type === 'transfer.failed' || e.type === 'transfer.cancelled',
      );
      expect(verdicts).toHaveLength(CALLS * TRANSFERS);
      expect(outcomes.filter((o) => o === 'cancelled').length).toBeGreaterThan(CALLS * TRANSFERS * 0.2);
      expect(outcomes.filter((o) => o === 'answered').length).toBeGreaterThan(CALLS * TRANSFERS * 0.05);
      await bench.settled();
      expect([...targets.open]).toEqual([]);
      expect(targets.counts.stubborn).toBeGreaterThan(0);
      expect(targets.counts.answered + targets.counts.terminated).toBe(CALLS * TRANSFERS);
    },
  );
});

/** One caller, transferred again and again; each transfer is cancelled at a random moment while the target answers. */
async function oneCall(bench: EngineBench, outcomes: string[]): Promise<void> {
  const caller = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
  caller.invite();
  caller.ack(await caller.expect(200, 20_000));
  const callId = callIdOf(bench, caller.callId);
  for (let i = 0; i < TRANSFERS; i += 1) {
    const seen = bench.events.of(callId).length;
    const { transferId } = await bench.transfer(callId, { returnToBot: true });
    await told(bench, callId, seen, (e) => e.type === 'transfer.attempt.ringing');
    await later(Math.random() * CANCEL_MS);
    // Refused with 409 when the target was quicker.
    await bench.engine.control.cancelTransfer(transferId).catch(() => undefined);
    outcomes.push(await verdictAfter(bench, callId, seen));
  }
  caller.bye();
  await caller.expect(200, 20_000);
}

function callIdOf(bench: EngineBench, sipCallId: string): CallId {
  const view = bench.engine.calls().find((c) => c.legs.some((l) => l.sipCallId === sipCallId));
  if (view === undefined) throw new Error(`no call has ${sipCallId}`);
  return view.callId;
}

async function verdictAfter(bench: EngineBench, callId: CallId, seen: number): Promise<string> {
  await told(bench, callId, seen, (e) => e.type === 'transfer.returned');
  const verdict = bench.events
    .of(callId)
    .slice(seen)
    .find((e) => 'transferStatus' in e.data);
  return verdict !== undefined && 'outcome' in verdict.data ? verdict.data.outcome : 'none';
}

async function told(
  bench: EngineBench,
  callId: CallId,
  seen: number,
  wanted: (event: PublishedEvent) => boolean,
): Promise<void> {
  const own = (): readonly PublishedEvent[] => bench.events.of(callId).slice(seen);
  const end = performance.now() + 30_000;
  while (!own().some(wanted)) {
    if (performance.now() > end)
      throw new Error(
        `not told in time; told: ${own()
          .map((e) => e.type)
          .join(' ')}`,
      );
    await later(1);
  }
}
