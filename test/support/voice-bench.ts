import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type App } from '../../src/app/app.js';
import { loadConfig } from '../../src/config/load-config.js';
import { sine } from './media-tones.js';
import { writeWav } from './media-wav.js';
import { until } from './poll.js';
import type { Address, PhoneCall } from './sip-phone/index.js';
import { voiceConfig, type VoiceOptions } from './voice-config.js';
import { VoiceParty, type Ringing } from './voice-party.js';
import { nameOf, SOUNDS, VOICES } from './voice-sounds.js';
import { WebhookReceiver } from './webhook-receiver.js';

export { SOUNDS, tone, VOICES } from './voice-sounds.js';

export interface Told {
  readonly type: string;
  readonly callId: string;
  /** Its key in the configuration. */
  readonly channel: string;
  /** ISO 8601. */
  readonly time: string;
  readonly data: Record<string, unknown>;
}

/** A caller and its bot, in conversation. */
export interface Talking {
  readonly caller: PhoneCall;
  readonly bot: PhoneCall;
  readonly callId: string;
}

/** For what real sockets bring about, on a busy machine. */
const PATIENT_MS = 10_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

const VERDICTS = new Set(['transfer.completed', 'transfer.failed', 'transfer.cancelled']);

/** A whole Switchhook with embedded servers, and phones that speak and listen. */
export class VoiceBench {
  private constructor(
    readonly app: App,
    readonly dir: string,
    readonly receiver: WebhookReceiver,
    readonly caller: VoiceParty,
    readonly bot: VoiceParty,
    readonly agent: VoiceParty,
    readonly second: VoiceParty,
  ) {}

  static async start(over: VoiceOptions = {}): Promise<VoiceBench> {
    const dir = await mkdtemp(join(tmpdir(), 'switchhook-voice-'));
    for (const [name, { tone: hz, ms }] of Object.entries(SOUNDS)) writeWav(join(dir, name), sine(hz, ms));
    const receiver = await WebhookReceiver.start();
    const [caller, bot, agent, second] = await Promise.all([
      VoiceParty.open('caller', VOICES.caller),
      VoiceParty.open('bot', VOICES.bot),
      VoiceParty.open('agent', VOICES.agent),
      VoiceParty.open('second', VOICES.second),
    ]);
    const places = { dir, url: receiver.url, botUri: bot.uri, agent: agent.uri, second: second.uri };
    const text = JSON.stringify(voiceConfig(over, places));
    const config = loadConfig({ file: join(dir, 'test.yaml'), env: process.env, readFile: () => text });
    const app = await startApp(config);
    return new VoiceBench(app, dir, receiver, caller, bot, agent, second);
  }

  /** Media is that of a FreeSWITCH. */
  get real(): boolean {
    return this.app.media?.servers()[0]?.name !== 'embedded';
  }

  get parties(): readonly VoiceParty[] {
    return [this.caller, this.bot, this.agent, this.second];
  }

  get sip(): Address {
    const [, host = '', port = ''] = /^udp:([^:]+):(\d+)/.exec(this.app.sip[0] ?? '') ?? [];
    return { proto: 'udp', host, port: Number(port) };
  }

  get told(): readonly Told[] {
    return this.receiver.received.map(({ json }) => json as unknown as Told);
  }

  toldOf(type: string): readonly Told[] {
    return this.told.filter((event) => event.type === type);
  }

  /** The first event of this type that has come, once it has. */
  async event(type: string, times = 1): Promise<Told> {
    await until(
      () => this.toldOf(type).length >= times,
      () => `${type}, but ${this.told.map((e) => e.type).join(' ')}`,
      15_000,
    );
    const found = this.toldOf(type)[times - 1];
    if (found === undefined) throw new Error(type);
    return found;
  }

  async post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.app.apiUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Commands a transfer of the only call there is. */
  async transfer(command: Record<string, unknown>): Promise<{ transferId: string }> {
    const { callId } = await this.event('call.started');
    const { status, body } = await this.post(`/v1/calls/${callId}/transfers`, command);
    if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body as { transferId: string };
  }

  async cancel(transferId: string): Promise<void> {
    await fetch(`${this.app.apiUrl}/v1/transfers/${transferId}`, { method: 'DELETE' });
  }

  /** So many BYEs have come. */
  async byed(party: VoiceParty, times = 1): Promise<void> {
    await until(
      () => party.byes.length === times,
      () => `${times} BYE to ${party.sip.user}, but ${party.byes.length}`,
      PATIENT_MS,
    );
  }

  /** The only verdict of the only transfer: its type and outcome. */
  get verdict(): string {
    const verdicts = this.told.filter(({ type }) => VERDICTS.has(type));
    return verdicts.map(({ type, data }) => `${type} ${String(data['outcome'])}`).join(', ');
  }

  /** A call from the trunk, answered by its SIP bot. */
  async talkingToBot(): Promise<PhoneCall> {
    const [call] = await Promise.all([this.caller.calls(this.sip, '18005550100'), this.bot.answers()]);
    return call;
  }

  /** ... when they hear each other. */
  async talking(): Promise<Talking> {
    const [caller, bot] = await Promise.all([this.caller.calls(this.sip, '18005550100'), this.bot.answers()]);
    await this.talk(this.caller, this.bot);
    const { callId } = await this.event('call.started');
    return { caller, bot, callId };
  }

  /** ... and the agent rings. */
  async ringing(command: Record<string, unknown> = {}): Promise<Talking & { readonly ringing: Ringing }> {
    const talking = await this.talking();
    await this.transfer({ target: { sipUri: this.agent.uri }, ...command });
    return { ...talking, ringing: await this.agent.rings() };
  }

  /** ... and talks to the caller. */
  async bridged(command: Record<string, unknown> = {}): Promise<Talking & { readonly agent: PhoneCall }> {
    const { ringing, ...talking } = await this.ringing(command);
    const agent = await this.agent.picksUp(ringing);
    await this.talk(this.caller, this.agent);
    await this.event('transfer.bridged');
    return { ...talking, agent };
  }

  /** Two hear each other and nothing else. */
  async talk(one: VoiceParty, other: VoiceParty): Promise<void> {
    await Promise.all([this.hears(one, other.tone), this.hears(other, one.tone)]);
  }

  /** This party hears exactly these of all the tones there are. */
  async hears(party: VoiceParty, ...expected: readonly number[]): Promise<void> {
    await this.hearsNamed(party, nameOf(expected));
  }

  /** ... by name: `ringback`, `moh.wav`, `bot+agent`; `''`: silence, or nothing at all. */
  async hearsNamed(party: VoiceParty, what: string): Promise<void> {
    await until(
      () => party.hearing === what,
      () => `${party.sip.user} hears "${what}", but it hears "${party.hearing ?? 'now this, now that'}"`,
      PATIENT_MS,
    );
  }

  /** No call is left, in the engine or on its media server. */
  async settled(): Promise<void> {
    const endpoints = (): number => sum(this.app.media?.servers().map((server) => server.endpoints) ?? []);
    await until(
      () => this.app.engine.liveCalls() + endpoints() === 0,
      () => `nothing left, but ${this.app.engine.liveCalls()} calls and ${endpoints()} endpoints`,
      PATIENT_MS,
    );
  }

  /** Phones that have heard nothing yet, and a bot that was told nothing; calls that are left are ended. */
  async renew(): Promise<void> {
    const calls = await fetch(`${this.app.apiUrl}/v1/calls`);
    const { items } = (await calls.json()) as { items: { callId: string }[] };
    for (const { callId } of items)
      await fetch(`${this.app.apiUrl}/v1/calls/${callId}`, { method: 'DELETE' });
    await this.settled();
    // What the bot is told of them must not meet the next test.
    await until(
      () => this.toldOf('call.started').length === this.toldOf('call.ended').length,
      'the end of every call told',
      PATIENT_MS,
    );
    await Promise.all(this.parties.map((party) => party.renew()));
    this.receiver.received.length = 0;
  }

  async close(): Promise<void> {
    await this.app.stop(0);
    await Promise.all(this.parties.map((party) => party.close()));
    await this.receiver.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
