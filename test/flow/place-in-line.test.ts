import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Admitted, Places, Wanted } from '../../src/ports/places.js';
import type { TrunkTransfer } from '../../src/domain/settings.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench, type EngineBenchOptions } from '../support/engine-bench.js';
import { accept, byed, hangsUp, talking, TARGET_PORT, type Talking } from '../support/engine-flow.js';
import { eventually } from '../support/eventually.js';
import { sdp } from '../support/sip-phone/index.js';

const NUMBER = { phoneNumber: '+16125550111' };

/** Places somewhere else, which the test gives or refuses when it likes. */
class FarPlaces implements Places {
  readonly asked: ((admitted: Admitted) => void)[] = [];
  /** Places given and not given back. */
  held = 0;

  constructor(private readonly own: Places) {}

  take([trunk]: Wanted): Admitted | Promise<Admitted> {
    if (trunk === null) return { ok: true, release: () => undefined };
    return new Promise((resolve) => this.asked.push(resolve));
  }

  /** Answers whoever has waited longest. */
  give(): void {
    this.held += 1;
    const release = (): void => void (this.held -= 1);
    this.asked.shift()?.({ ok: true, release });
  }

  refuse(): void {
    this.asked.shift()?.({ ok: false, why: 'trunk carrier is full', retryAfterMs: 1000 });
  }

  start = (): Promise<void> => this.own.start();
  retake = (trunk: string | null): (() => void) => this.own.retake(trunk);
  refusal = (): null => null;
  takeTurn = (queue: string): number => this.own.takeTurn(queue);
  nextTurn = (queue: string): number => this.own.nextTurn(queue);
  health = (): null => null;
  stop = (): Promise<void> => this.own.stop();
}

describeServers('a request that waits for its place on a trunk', (server) => {
  let bench: EngineBench;
  let places: FarPlaces;

  const start = async (options: EngineBenchOptions = {}): Promise<Talking> => {
    bench = await startEngineBench(server.backend, {
      ...options,
      places: (own) => (places = new FarPlaces(own)),
    });
    return talking(bench);
  };
  beforeEach(() => expect.hasAssertions());
  afterEach(() => bench.close());

  const invites = (): number => bench.target.received.filter(({ method }) => method === 'INVITE').length;
  const waits = (many = 1) => eventually(() => places.asked.length).toBe(many);

  async function over(call: Talking): Promise<void> {
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
    expect(places.held).toBe(0);
  }

  it('goes out when the place is there, and keeps it until the end', async () => {
    const call = await start();
    await bench.transfer(call.callId, { targets: [NUMBER] });
    await waits();
    expect(invites()).toBe(0);
    places.give();
    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.accept(invite, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
    await target.expect('ACK');
    await accept(call.caller, 40000);
    await byed(call.bot);
    await bench.events.next('transfer.bridged');
    expect(places.held).toBe(1);
    await hangsUp(call.caller);
    await byed(target);
    await bench.settled();
    expect(places.held).toBe(0);
  });

  it('is refused by policy when there is none, and the next target has its turn', async () => {
    const call = await start();
    await bench.transfer(call.callId, { targets: [NUMBER, { sipUri: bench.target.uri }] });
    await waits();
    places.refuse();
    await waits();
    places.give();
    const invite = await bench.target.expect('INVITE');
    expect(invite.uri).not.toContain('6125550111');
    const target = bench.target.answering(invite);
    target.respond(invite, 486);
    await target.expect('ACK');
    await bench.events.next('transfer.failed');
    const [first] = bench.events.of(call.callId).filter(({ type }) => type === 'transfer.attempt.ended');
    expect(first?.data).toMatchObject({
      outcome: 'congestion',
      evidence: { sipCode: null, decidedBy: 'policy', attempt: 1 },
    });
    await over(call);
  });

  it('that is cancelled never goes out, and a place that comes all the same is given back', async () => {
    const call = await start();
    const { transferId } = await bench.transfer(call.callId, { targets: [NUMBER] });
    await waits();
    await bench.engine.control.cancelTransfer(transferId);
    const { data } = await bench.events.next('transfer.cancelled');
    expect(data).toMatchObject({ outcome: 'cancelled' });
    places.give();
    await eventually(() => places.held).toBe(0);
    await over(call);
    expect(invites()).toBe(0);
  });

  it('whose caller leaves never goes out', async () => {
    const call = await start();
    await bench.transfer(call.callId, { targets: [NUMBER] });
    await waits();
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.events.next('transfer.failed');
    places.give();
    await bench.settled();
    expect([places.held, invites()]).toEqual([0, 0]);
  });

  it('that nobody answers for is given up when its target would have been', async () => {
    const call = await start();
    await bench.transfer(call.callId, { targets: [NUMBER], ringTimeoutMs: 1000 });
    await waits();
    const { data } = await bench.events.next('transfer.failed');
    expect(data).toMatchObject({ outcome: 'no_answer' });
    places.give();
    await over(call);
    expect(invites()).toBe(0);
  });

  const REFER: TrunkTransfer = { refer: 'yes', referTo: 'sip', headersIn: 'message', dtmfInfo: false };

  it('as a REFER waits too, and is refused like one', async () => {
    const call = await start({ trunk: { transfer: REFER } });
    await bench.transfer(call.callId, { targets: [NUMBER], method: 'refer' });
    await waits();
    expect(bench.caller.received.map(({ method }) => method)).not.toContain('REFER');
    places.refuse();
    const { data } = await bench.events.next('transfer.failed');
    expect(data).toMatchObject({ outcome: 'congestion', evidence: { decidedBy: 'policy' } });

    await bench.transfer(call.callId, { targets: [NUMBER], method: 'refer' });
    await waits();
    places.give();
    const refer = await call.caller.expect('REFER');
    expect(places.held).toBe(1);
    call.caller.respond(refer, 486);
    await bench.events.next('transfer.failed');
    expect(places.held).toBe(0);
    await over(call);
  });

  it('as a REFER whose caller leaves is not sent after it', async () => {
    const call = await start({ trunk: { transfer: REFER } });
    await bench.transfer(call.callId, { targets: [NUMBER], method: 'refer' });
    await waits();
    await hangsUp(call.caller);
    await byed(call.bot);
    places.give();
    await bench.settled();
    expect(places.held).toBe(0);
    expect(bench.caller.received.map(({ method }) => method)).not.toContain('REFER');
  });
});
