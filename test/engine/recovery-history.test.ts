import { expect, it } from 'vitest';
import type { CallId, TransferId } from '../../src/domain/ids.js';
import { AppError } from '../../src/errors.js';
import { FAKE_SDP, type FakeLeg } from '../support/fake-signalling.js';
import { Crew, rest, type Member } from '../support/crew.js';
import { Prng } from '../simulation/prng.js';

const HISTORIES = Number(process.env['RECOVERY_HISTORIES'] ?? 60);
const EVENTS = 60;

/** Calls, transfers and far ends at random, and engines that die, or freeze and come back, between any two of them. */
class History {
  readonly accepted = new Map<TransferId, CallId>();
  private readonly crew = new Crew();
  private frozen: Member | null = null;
  private readonly wereFrozen = new Set<Member>();

  constructor(private readonly rng: Prng) {}

  async play(): Promise<void> {
    await this.hire();
    await this.hire();
    for (let i = 0; i < EVENTS; i += 1) await this.happen();
    await this.end();
  }

  private async happen(): Promise<void> {
    const r = this.rng.below(100);
    if (r < 12) this.calls();
    else if (r < 34) await this.transfers();
    else if (r < 74) this.farEnd();
    else if (r < 84) await this.crew.pass(this.rng.pick([1, 60, 900, 4000, 31_000]));
    else if (r < 90) await this.dies();
    else if (r < 93) await this.freezes();
    else await rest();
  }

  private async hire(): Promise<void> {
    const member = await this.crew.hire();
    const { signalling } = member;
    // Now and then the SIP server has lost a dialog as well, or takes too long.
    signalling.onResume = (leg) => {
      if (this.rng.percent(10)) leg.emit({ type: 'lost' });
      else if (!this.rng.percent(3)) leg.emit({ type: 'resumed' });
    };
  }

  private calls(): void {
    this.rng.pick(this.crew.alive).signalling.offer();
  }

  private async transfers(): Promise<void> {
    const { engine } = this.rng.pick(this.crew.alive);
    const [call] = engine.calls().filter(({ phase }) => phase === 'withBot');
    if (call === undefined) return;
    const asked = engine.control.transfer(call.callId, {
      targets: [{ sipUri: 'sip:a@127.0.0.1:5070' }, { sipUri: 'sip:b@127.0.0.1:5071' }],
      ...{ method: 'invite', headers: [], metadata: {}, returnToBot: this.rng.percent(50) },
    });
    const noted = asked.then(
      ({ transferId }) => void this.accepted.set(transferId, call.callId),
      (error: unknown) => expect(error).toBeInstanceOf(AppError),
    );
    // Whoever dies before it answers has accepted nothing.
    if (this.rng.percent(70)) await noted;
  }

  private farEnd(): void {
    const legs = this.crew.alive.flatMap(({ signalling }) => signalling.open.filter(isThere));
    if (legs.length === 0) return;
    const leg = this.rng.pick(legs);
    if (leg.dialog !== null) {
      if (this.rng.percent(40)) leg.hangUp();
      else if (this.rng.percent(30)) leg.offered(FAKE_SDP);
    } else if (leg.role === 'caller') {
      if (this.rng.percent(10)) leg.hangUp();
    } else this.rings(leg);
  }

  private rings(leg: FakeLeg): void {
    const r = this.rng.below(100);
    if (r < 20) leg.progress();
    else if (r < 85) leg.answered(FAKE_SDP.replace('40000', String(50_000 + 2 * this.rng.below(1000))));
    else leg.refuse(486);
  }

  private async dies(): Promise<void> {
    this.crew.kill(this.rng.pick(this.crew.alive));
    await this.hire();
    if (this.rng.percent(60)) await this.crew.inherit();
  }

  private async freezes(): Promise<void> {
    if (this.frozen !== null) this.crew.thaw(this.frozen);
    this.frozen = null;
    if (this.crew.alive.length < 2 || this.rng.percent(40)) return rest();
    this.frozen = this.rng.pick(this.crew.alive);
    this.wereFrozen.add(this.frozen);
    this.crew.kill(this.frozen);
  }

  private async end(): Promise<void> {
    if (this.frozen !== null) this.crew.thaw(this.frozen);
    await this.crew.pass(8_000);
    for (const { engine } of this.crew.alive)
      for (const { callId } of engine.calls()) await engine.control.hangup(callId);
    await this.crew.pass(1_000);
    this.check();
  }

  private check(): void {
    for (const member of this.crew.alive) {
      expect(member.engine.calls()).toEqual([]);
      expect(member.clock.pending).toBe(0);
      // Legs of one that froze are another's by now.
      if (this.wereFrozen.has(member)) continue;
      expect(member.signalling.open.filter(({ told }) => told.length > 0)).toEqual([]);
    }
    const told = this.crew.members.flatMap(({ bots }) => bots.told);
    const calls = new Set(told.map(({ callId }) => callId));
    for (const call of calls) {
      const events = this.crew.told(call);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
      expect(events.filter(({ type }) => type === 'call.ended')).toHaveLength(1);
      expect(this.crew.shelf.engineOf(call)).toBeNull();
      const requested = events.flatMap((e) => (e.type === 'transfer.requested' ? [e.data.transferId] : []));
      const verdicts = events.flatMap((e) => ('transferStatus' in e.data ? [e.data.transferId] : []));
      expect(verdicts.sort()).toEqual(requested.sort());
    }
    const known = told.flatMap((e) => (e.type === 'transfer.requested' ? [e.data.transferId] : []));
    expect([...this.accepted.keys()].filter((id) => !known.includes(id))).toEqual([]);
  }
}

/** Nobody has asked it to end. */
const isThere = (leg: FakeLeg): boolean =>
  !leg.asked.some((what) => what === 'bye' || what === 'cancel' || what === 'reject') &&
  (leg.resumption === null || leg.told.some(({ type }) => type === 'resumed'));

it(
  `has one verdict per accepted transfer in ${HISTORIES} histories of dying engines`,
  { timeout: 300_000 },
  async () => {
    let accepted = 0;
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const history = new History(new Prng(seed));
      try {
        await history.play();
      } catch (error) {
        throw new Error(`history ${seed}: ${String(error)}`, { cause: error });
      }
      accepted += history.accepted.size;
    }
    expect(accepted).toBeGreaterThan(HISTORIES);
  },
);
