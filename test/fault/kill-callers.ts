import { sdp, SipPhone, type SipMessage, type PhoneCall } from '../support/sip-phone/index.js';
import { sleep } from '../support/poll.js';
import { userOf, type Manner } from './kill-phones.js';
import type { KillWorld } from './kill-world.js';

/** Longest wait for a verdict before the caller gives up: where heirs are killed as well, it comes when that is over. */
const VERDICT_MS = 60_000;
const RING_MS = 1500;

/** Callers that are handed over, one call after the other, until it is enough. */
export class Callers {
  /** Transfers that were answered 202. */
  readonly accepted = new Set<string>();
  readonly problems: string[] = [];
  private dialled = 0;
  private phone!: SipPhone;
  private readonly live = new Map<string, PhoneCall>();

  private constructor(
    private readonly world: KillWorld,
    private readonly random: () => number,
  ) {}

  static async open(world: KillWorld, random: () => number): Promise<Callers> {
    const callers = new Callers(world, random);
    callers.phone = await SipPhone.open({ user: 'caller', record: false, timeoutMs: 12_000 });
    callers.phone.script((message) => callers.take(message));
    return callers;
  }

  /** @param atOnce calls at a time */
  async run(enough: () => boolean, atOnce: number): Promise<void> {
    const worker = async (): Promise<void> => {
      while (!enough()) await this.oneCall();
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  /** Callers nobody has hung up on. */
  get open(): number {
    return this.live.size;
  }

  close(): Promise<void> {
    return this.phone.close();
  }

  private async oneCall(): Promise<void> {
    this.dialled += 1;
    const number = `1800${String(this.dialled).padStart(7, '0')}`;
    const call = this.phone.call(this.world.sip(this.random), { to: number });
    this.live.set(call.callId, call);
    call.invite();
    const answer = await call.expect((m) => m.status >= 200 && m.cseqMethod === 'INVITE').catch(() => null);
    if (answer === null) {
      this.gone(call, `${number}: no final answer`);
      return;
    }
    call.ack(answer);
    if (answer.status !== 200) {
      this.live.delete(call.callId);
      return sleep(50);
    }
    const isOver = (): boolean => !this.live.has(call.callId);
    const callId = await this.told(() => this.world.ledger.callOf(number), isOver);
    // Its engine died between the 200 and the first page: nobody knows of it, and nobody was promised anything.
    if (callId !== undefined) await this.transfers(callId, call);
    this.hangUp(call);
  }

  private async transfers(callId: string, call: PhoneCall): Promise<void> {
    await sleep(this.random() * 150);
    const target = { sipUri: this.world.agent.uri(userOf(this.manner())) };
    const command = { target, ringTimeoutMs: RING_MS, returnToBot: this.random() < 0.5 };
    const answer = await this.world.ask(this.random, 'POST', `/v1/calls/${callId}/transfers`, command);
    if (answer?.status !== 202) return;
    const id = String(answer.body['transferId']);
    this.accepted.add(id);
    if (this.random() < 0.2) {
      await sleep(this.random() * 800);
      this.hangUp(call);
    }
    await this.told(() => (this.world.ledger.hasVerdict(id) ? id : undefined));
  }

  private manner(): Manner {
    const dice = this.random();
    const afterMs = Math.round(this.random() * 400);
    if (dice < 0.25) return { does: 'busy', afterMs };
    if (dice < 0.4) return { does: 'silent' };
    return { does: 'answers', afterMs, talksMs: Math.round(100 + this.random() * 1500) };
  }

  private async told<T>(look: () => T | undefined, enough = (): boolean => false): Promise<T | undefined> {
    const end = performance.now() + VERDICT_MS;
    for (let found = look(); performance.now() < end; found = look()) {
      if (found !== undefined || enough()) return found;
      await sleep(10);
    }
    return undefined;
  }

  private hangUp(call: PhoneCall): void {
    if (this.live.delete(call.callId)) call.bye();
  }

  private gone(call: PhoneCall, problem: string): void {
    this.live.delete(call.callId);
    this.problems.push(problem);
  }

  /** re-INVITEs are followed, BYEs answered. */
  private take(message: SipMessage): boolean {
    if (!message.isRequest) return message.cseqMethod === 'BYE';
    const call = this.live.get(message.callId);
    const here = call ?? this.phone.answering(message);
    if (message.method === 'INVITE') {
      if (call === undefined) here.respond(message, 481);
      else here.accept(message, { body: sdp({ user: 'caller' }) });
    }
    if (message.method === 'BYE') {
      here.respond(message, call === undefined ? 481 : 200);
      this.live.delete(message.callId);
    }
    if (message.method === 'OPTIONS') here.respond(message, call === undefined ? 481 : 200);
    return true;
  }
}
