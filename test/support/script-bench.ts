import type { ServerResponse } from 'node:http';
import { eventually } from './eventually.js';
import { runsOf, type Run } from './heard.js';
import type { PhoneCall } from './sip-phone/index.js';
import { ToneServer } from './tone-server.js';
import { SOUNDS, VoiceBench, VOICES } from './voice-bench.js';
import type { Places } from './voice-config.js';
import { answer, type Behaviour, type Received } from './webhook-receiver.js';

export type Reply = Readonly<Record<string, unknown>>;

export const say = (text: string): Reply => ({ type: 'text', text });
export const play = (audioUri: string): Reply => ({ type: 'audio', audioUri });
export const hangup: Reply = { type: 'hangup' };

interface Over {
  /** Keys of the bot in the configuration. */
  readonly bot?: (places: Places) => Record<string, unknown>;
  /** Keys of its channel. */
  readonly channel?: (places: Places) => Record<string, unknown>;
  /** Channels beside it. */
  readonly channels?: (places: Places) => Record<string, unknown>;
  /** Sections of the configuration. */
  readonly config?: (places: Places) => Record<string, unknown>;
  /** The bot's voice, where it is not the tone server. */
  readonly speech?: unknown;
}

/**
 * A {@link VoiceBench} whose channel has a webhook bot in the hands of the test. What the bot is asked is answered by
 * what the test has put down for an event of that type, each once, in order, and with 204 otherwise.
 */
export class ScriptBench {
  private readonly answers = new Map<string, Behaviour[]>();
  private otherwise: Behaviour = answer(204);

  private constructor(
    readonly voice: VoiceBench,
    readonly tones: ToneServer,
  ) {
    voice.receiver.otherwise = (request, response) => this.answer(request, response);
  }

  static async start(over: Over = {}): Promise<ScriptBench> {
    const tones = await ToneServer.start();
    const voice = await VoiceBench.start({
      channel: (places) => ({
        bot: { kind: 'webhook', url: places.url, ...over.bot?.(places) },
        ...over.channel?.(places),
      }),
      ...(over.channels !== undefined && { channels: over.channels }),
      config: (places) => ({
        sounds: {
          dir: places.dir,
          cacheDir: `${places.dir}/cache`,
          speech: over.speech ?? { kind: 'http', url: tones.speech },
          allowHosts: [tones.host],
        },
        ...over.config?.(places),
      }),
    });
    return new ScriptBench(voice, tones);
  }

  /** The bot's answer to the next event of that type without one. */
  when(type: string, ...replies: readonly Reply[]): void {
    this.does(type, (_request, response) => json(response, { replies }));
  }

  /** The same, of a bot that misbehaves. */
  does(type: string, behaviour: Behaviour): void {
    this.answers.set(type, [...(this.answers.get(type) ?? []), behaviour]);
  }

  /** A call that has been answered. */
  calls(): Promise<PhoneCall> {
    return this.voice.caller.calls(this.voice.sip, '18005550100');
  }

  /** All tones there are, with those of texts and files the test names. */
  private toneList(more: readonly number[]): readonly number[] {
    const known = [...Object.values(VOICES), ...Object.values(SOUNDS).map(({ tone }) => tone)];
    return [...new Set([...known, ...more])];
  }

  /** What the caller has heard so far of these and all usual tones. */
  heard(...tones: readonly number[]): readonly Run[] {
    return runsOf(this.voice.caller.rtp.packets, this.toneList(tones));
  }

  /** Waits until the caller hears the tone. */
  hearsTone(hz: number): Promise<void> {
    return eventually(() => this.voice.caller.rtp.hears(hz)).toBe(true);
  }

  /** Waits until the caller has heard exactly these tones whole, one after the other: Hz and rounded ms of each. */
  hasHeardWhole(...parts: readonly (readonly [hz: number, ms: number])[]): Promise<void> {
    const tones = parts.map(([hz]) => hz);
    const heard = (): unknown => this.heard(...tones).map(({ hz, ms }) => [hz, Math.round(ms / 100) * 100]);
    return eventually(heard).toEqual(parts);
  }

  /** Waits until the caller has heard exactly these tones, one after the other. */
  hasHeard(...tones: readonly number[]): Promise<void> {
    return eventually(() => this.heard(...tones).map(({ hz }) => hz)).toEqual(tones);
  }

  /** Types of all events told so far. */
  get types(): readonly string[] {
    return this.voice.told.map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.voice.close();
    await this.tones.stop();
  }

  /** Whatever it is asked from now on, that nothing is put down for. */
  always(behaviour: Behaviour): void {
    this.otherwise = behaviour;
  }

  private answer(request: Received, response: ServerResponse): void {
    const behaviour = this.answers.get(String(request.json['type']))?.shift();
    (behaviour ?? this.otherwise)(request, response);
  }
}

export function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
