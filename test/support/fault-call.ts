import { isSilent } from './media-tones.js';
import { until } from './poll.js';
import type { Address, PhoneCall, SipMessage } from './sip-phone/index.js';
import type { Told } from './voice-bench.js';
import { VoiceParty } from './voice-party.js';
import { VOICES } from './voice-sounds.js';

const TERMINAL = new Set(['transfer.completed', 'transfer.failed', 'transfer.cancelled']);

/** What a party hears now is told by its packets of so many ms. */
const HEARD_MS = 200;

/** Whatever a call needs of the bench it takes place at. */
export interface FaultHouse {
  readonly app: { readonly apiUrl: string };
  readonly sip: Address;
  readonly told: readonly Told[];
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

/** A call of its own channel, with phones of its own that follow a re-INVITE wherever it leads them. */
export class FaultCall {
  /** Packets from before this time, monotonic ms, tell nothing of what is heard. */
  since = 0;
  private house: FaultHouse | null = null;

  private constructor(
    /** Of its channel, too. */
    readonly name: string,
    /** What the caller dials. */
    readonly number: string,
    readonly caller: VoiceParty,
    readonly bot: VoiceParty,
    readonly agent: VoiceParty,
  ) {}

  static async open(name: string, number: string): Promise<FaultCall> {
    const [caller, bot, agent] = await Promise.all([
      VoiceParty.open('caller', VOICES.caller),
      VoiceParty.open('bot', VOICES.bot),
      VoiceParty.open('agent', VOICES.agent),
    ]);
    const call = new FaultCall(name, number, caller, bot, agent);
    for (const party of call.parties) party.sip.script((message) => follow(party, message));
    return call;
  }

  get parties(): readonly VoiceParty[] {
    return [this.caller, this.bot, this.agent];
  }

  comesTo(house: FaultHouse): void {
    this.house = house;
  }

  /** Its INVITE is on its way. */
  dials(): PhoneCall {
    return this.caller.dials(this.at.sip, this.number);
  }

  /** Caller and bot talk. */
  async talks(): Promise<void> {
    const line = this.dials();
    await Promise.all([this.caller.isAnswered(line), this.bot.answers()]);
    await this.talk(this.bot);
  }

  async transfer(command: Record<string, unknown> = {}): Promise<void> {
    await this.asks('transfers', { target: { sipUri: this.agent.uri }, ...command });
  }

  async asks(what: string, body: unknown): Promise<void> {
    const { callId } = await this.event('call.started');
    const answer = await this.at.post(`/v1/calls/${callId}/${what}`, body);
    if (answer.status !== 202)
      throw new Error(`${this.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  get told(): readonly Told[] {
    return this.at.told.filter(({ channel }) => channel === this.name);
  }

  toldOf(type: string): readonly Told[] {
    return this.told.filter((event) => event.type === type);
  }

  get verdicts(): readonly Told[] {
    return this.told.filter(({ type }) => TERMINAL.has(type));
  }

  /** The first event of this type, when that many have come. */
  async event(type: string, times = 1): Promise<Told> {
    const told = (): string => this.told.map((event) => event.type).join(' ');
    await until(
      () => this.toldOf(type).length >= times,
      () => `${this.name}: ${type}, but ${told()}`,
      15_000,
    );
    const [first] = this.toldOf(type);
    if (first === undefined) throw new Error(type);
    return first;
  }

  async hears(party: VoiceParty, what: string): Promise<void> {
    await until(
      () => performance.now() > this.since + HEARD_MS && party.hearing === what,
      () => `${party.sip.user} of "${this.name}" hears ${what}, but it hears ${party.hearing ?? 'a change'}`,
      10_000,
      20,
    );
  }

  /** The caller and this party hear each other and nobody else. */
  async talk(party: VoiceParty): Promise<void> {
    await Promise.all([this.hears(this.caller, party.sip.user), this.hears(party, 'caller')]);
  }

  /** When the caller was hung up on, or turned away; `null` while it is in the call. */
  get endedAt(): number | null {
    const last = this.caller.sip.received.find(({ method, status }) => method === 'BYE' || status >= 400);
    return last?.at ?? null;
  }

  /** By request. */
  async hangsUp(): Promise<void> {
    const { callId } = await this.event('call.started');
    await fetch(`${this.at.app.apiUrl}/v1/calls/${callId}`, { method: 'DELETE' });
    await this.event('call.ended');
  }

  /** What became of every recording that was begun. */
  async recordingsAreTold(): Promise<void> {
    const states = (): unknown[] => this.toldOf('call.recording').map(({ data }) => data['state']);
    const begun = (): number => states().filter((state) => state === 'started').length;
    await until(
      () => begun() * 2 === states().length,
      () => `an end of each recording, but ${states().join(' ')}`,
      10_000,
    );
  }

  /** Who has a dialog that nobody has ended, or rings. */
  get stillConnected(): readonly string[] {
    return this.parties
      .filter(isConnected)
      .map(({ sip }) => `${sip.user} (${sip.received.map(wordOf).join(' ')})`);
  }

  /** The longest time in ms without a sound that a caller heard from a moment on until another. */
  longestSilence(from: number, to: number): number {
    const sounds = this.caller.rtp.packets.filter(
      ({ at, samples }) => at >= from && at <= to && !isSilent(samples),
    );
    const times = [from, ...sounds.map(({ at }) => at), to];
    return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
  }

  async close(): Promise<void> {
    await Promise.all(this.parties.map((party) => party.close()));
  }

  private get at(): FaultHouse {
    if (this.house === null) throw new Error(`${this.name}: no engine yet`);
    return this.house;
  }
}

/** A re-INVITE is answered, and its media followed. */
function follow(party: VoiceParty, message: SipMessage): boolean {
  if (message.method !== 'INVITE' || message.toTag === '') return false;
  party.rtp.follow(message.body);
  party.sip.answering(message).accept(message, { body: party.rtp.sdp() });
  return true;
}

const wordOf = ({ method, status, cseqMethod, callId }: SipMessage): string =>
  `${callId.slice(0, 6)}:${method === '' ? `${status}/${cseqMethod}` : method}`;

function isConnected({ sip: { received } }: VoiceParty): boolean {
  // Without a Call-ID: a keep-alive by which the SIP server looks whether a slow phone is there (RFC 5626 4.4.1).
  const calls = new Set(received.map(({ callId }) => callId).filter((callId) => callId !== ''));
  const ended = received.filter(
    ({ method, cseqMethod, status }) =>
      method === 'BYE' || method === 'CANCEL' || cseqMethod === 'BYE' || status >= 400,
  );
  for (const { callId } of ended) calls.delete(callId);
  return calls.size > 0;
}
