import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type App } from '../../src/app/app.js';
import { loadConfig } from '../../src/config/load-config.js';
import { eventually } from './eventually.js';
import { sine } from './media-tones.js';
import { writeWav } from './media-wav.js';
import { until } from './poll.js';
import type { Address } from './sip-phone/index.js';
import { VoiceParty } from './voice-party.js';
import { WebhookReceiver } from './webhook-receiver.js';

/** Tones of the sound files every bench has, in Hz: short messages, and music that is looped. */
export const SOUNDS = {
  'moh.wav': { tone: 350, ms: 2000 },
  'welcome.wav': { tone: 600, ms: 400 },
  'sorry.wav': { tone: 750, ms: 400 },
  'whisper.wav': { tone: 900, ms: 400 },
  'press-one.wav': { tone: 1100, ms: 400 },
  'announce.wav': { tone: 1300, ms: 400 },
  'intro.wav': { tone: 1500, ms: 400 },
} as const;

export const tone = (file: keyof typeof SOUNDS): number => SOUNDS[file].tone;

/** What a party says: tones that no sound file has. */
export const VOICES = { caller: 440, bot: 520, agent: 660, second: 820 } as const;

interface Told {
  readonly type: string;
  readonly callId: string;
  readonly data: Record<string, unknown>;
}

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

  /** @param channel the channel every call comes in on, over an anchored one with a SIP bot */
  static async start(
    over: {
      readonly channel?: (bench: { botUri: string; agentUri: string; url: string; dir: string }) => Record<string, unknown>;
      readonly config?: (bench: { agent: string; second: string; dir: string }) => Record<string, unknown>;
    } = {},
  ): Promise<VoiceBench> {
    const dir = await mkdtemp(join(tmpdir(), 'switchhook-voice-'));
    for (const [name, { tone: hz, ms }] of Object.entries(SOUNDS)) writeWav(join(dir, name), sine(hz, ms));
    const receiver = await WebhookReceiver.start();
    const [caller, bot, agent, second] = await Promise.all([
      VoiceParty.open('caller', VOICES.caller),
      VoiceParty.open('bot', VOICES.bot),
      VoiceParty.open('agent', VOICES.agent),
      VoiceParty.open('second', VOICES.second),
    ]);
    const { url } = receiver;
    const channel = over.channel?.({ botUri: bot.uri, agentUri: agent.uri, url, dir }) ?? {};
    const base = {
      sip: { listen: ['udp:127.0.0.1:0'] },
      api: { listen: '127.0.0.1:0' },
      log: { level: process.env['SWITCHHOOK_TEST_LOG'] ?? 'silent' },
      sounds: { dir, cacheDir: join(dir, 'cache') },
      trunks: { carrier: { allow: ['127.0.0.1/32'] } },
      policy: { allow: { hosts: ['127.0.0.1'] } },
      channels: {
        line: {
          match: { trunk: 'carrier', did: [] },
          media: 'anchored',
          bot: { kind: 'sip', uri: bot.uri, events: { url } },
          ...channel,
        },
      },
      ...over.config?.({ agent: agent.uri, second: second.uri, dir }),
    };
    const text = JSON.stringify(base);
    const config = loadConfig({ file: join(dir, 'test.yaml'), env: process.env, readFile: () => text });
    const app = await startApp(config);
    return new VoiceBench(app, dir, receiver, caller, bot, agent, second);
  }

  get sip(): Address {
    const [, host = '', port = ''] = /^udp:([^:]+):(\d+)/.exec(this.app.sip[0] ?? '') ?? [];
    return { proto: 'udp', host, port: Number(port) };
  }

  get told(): readonly Told[] {
    return this.receiver.received.map(({ json }) => json as unknown as Told);
  }

  /** The first event of this type that has come, once it has. */
  async event(type: string, times = 1): Promise<Told> {
    const all = (): readonly Told[] => this.told.filter((event) => event.type === type);
    await until(
      () => all().length >= times,
      () => `${type}, but ${this.told.map((e) => e.type).join(' ')}`,
      15_000,
    );
    const found = all()[times - 1];
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
  async transfer(command: Record<string, unknown>): Promise<void> {
    const { callId } = await this.event('call.started');
    const { status, body } = await this.post(`/v1/calls/${callId}/transfers`, command);
    if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
  }

  /** A call from the trunk, answered by its SIP bot. */
  async talkingToBot(): ReturnType<VoiceParty['calls']> {
    const [call] = await Promise.all([this.caller.calls(this.sip, '18005550100'), this.bot.answers()]);
    return call;
  }

  /** This party hears exactly these of all the tones there are. */
  async hears(party: VoiceParty, ...expected: readonly number[]): Promise<void> {
    const all = [...Object.values(VOICES), ...Object.values(SOUNDS).map((sound) => sound.tone)];
    await eventually(() => party.rtp.hearing(all)).toEqual(all.filter((hz) => expected.includes(hz)));
  }

  /** No call is left, in the engine or on its media server. */
  async settled(): Promise<void> {
    await eventually(() => this.app.engine.liveCalls()).toBe(0);
  }

  async close(): Promise<void> {
    await this.app.stop(0);
    await Promise.all([this.caller, this.bot, this.agent, this.second].map((party) => party.close()));
    await this.receiver.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
