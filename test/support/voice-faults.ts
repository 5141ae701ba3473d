import { join } from 'node:path';
import { startEmbedded, type Backend } from './drachtio-backend.js';
import { FaultCall } from './fault-call.js';
import { LONG, LONG_MS, PHASES, type FaultPlaces, type Phase } from './fault-phases.js';
import { sine } from './media-tones.js';
import { MediaProcess } from './media-process.js';
import { writeWav } from './media-wav.js';
import { until } from './poll.js';
import { ToneServer } from './tone-server.js';
import { VoiceBench } from './voice-bench.js';
import { tone } from './voice-sounds.js';

/** SIP timers: T1 long enough for a server that is frozen for 5 s to get its BYEs afterwards. */
const TIMERS = {
  ...{ t1: 250, t2: 2000, t4: 2500, t1x64: 16_000, d: 1000 },
  ...{ appAnswer: 64_000, requestAnswer: 32_000 },
};

interface Scene {
  readonly phase: Phase;
  readonly call: FaultCall;
  /** Why it did not come to its phase; that is for its own test to say. */
  failure: Error | null;
}

/**
 * A call in each phase, all at one engine and one media server, for one fault that hits them all; with another media
 * server, or without.
 */
export class FaultBench {
  /** When it happened; monotonic ms. */
  struckAt = 0;

  private constructor(
    readonly voice: VoiceBench,
    readonly sip: Backend,
    /** The one the fault is for. */
    readonly first: MediaProcess,
    readonly second: MediaProcess | null,
    private readonly tones: ToneServer,
    private readonly scenes: readonly Scene[],
  ) {}

  static async start({ another }: { readonly another: boolean }): Promise<FaultBench> {
    const [sip, first, second, tones, calls] = await Promise.all([
      startEmbedded({ timers: TIMERS }),
      MediaProcess.start(),
      another ? MediaProcess.start() : null,
      ToneServer.start(),
      Promise.all(PHASES.map((_, n) => FaultCall.open(`phase-${n}`, `6${100 + n}`))),
    ]);
    // Calls come to the first; the second is there when it is needed.
    await second?.kill();
    const scenes = PHASES.map((phase, n) => ({ phase, call: at(calls, n), failure: null }));
    const config = configOf(sip, second === null ? [first] : [first, second], tones, scenes);
    const voice = await VoiceBench.start({ config });
    for (const [name, hz] of Object.entries(LONG)) writeWav(join(voice.dir, name), sine(hz, LONG_MS));
    for (const { call } of scenes) call.comesTo(voice);
    return new FaultBench(voice, sip, first, second, tones, scenes);
  }

  /** The call that was brought to a phase. @throws what went wrong on the way */
  of(phase: Phase): FaultCall {
    const scene = this.scenes.find((one) => one.phase === phase);
    if (scene === undefined) throw new Error(phase.name);
    if (scene.failure !== null) throw scene.failure;
    return scene.call;
  }

  /** Every call comes to its phase; then it happens. */
  async strike(fault: () => void): Promise<void> {
    await this.each(({ phase, call }) => phase.reach(call));
    if (this.second !== null) await this.secondComes(this.second);
    const { dir, receiver } = this.voice;
    const prompt = this.tones.audio(tone('intro.wav'), LONG_MS);
    await this.each(({ phase, call }) =>
      phase.shortly?.(call, { dir, url: receiver.url, botUri: call.bot.uri, prompt }),
    );
    this.struckAt = performance.now();
    for (const { phase, call } of this.scenes) phase.meanwhile?.(call);
    fault();
    for (const { call } of this.scenes) call.since = performance.now();
  }

  /** No call of the matrix is left, in the engine, on the SIP server or on these media servers. */
  async isEmpty(...servers: readonly MediaProcess[]): Promise<void> {
    await until(
      () => this.voice.app.engine.liveCalls() === 0,
      () => `no live call, but ${this.voice.app.engine.liveCalls()}`,
      15_000,
    );
    for (const server of servers) {
      await until(() => this.endpointsAt(server) === 0, `no endpoint at ${server.name}`, 10_000);
      await server.isEmpty();
    }
    const left = (): number => this.sip.server?.stats().dialogs ?? 0;
    await until(
      () => left() === 0,
      () => `no SIP dialog, but ${left()}`,
      15_000,
    );
  }

  async close(): Promise<void> {
    this.first.thaw();
    await this.voice.close();
    await Promise.all(this.scenes.map(({ call }) => call.close()));
    await Promise.all([this.first.kill(), this.second?.kill(), this.tones.stop(), this.sip.close()]);
  }

  /** All media servers are. */
  async areUp(): Promise<void> {
    const servers = this.voice.app.media?.servers() ?? [];
    await until(
      () => this.voice.app.media?.servers().every(({ up }) => up) ?? false,
      `${servers.length} up`,
      10_000,
    );
  }

  private endpointsAt(server: MediaProcess): number | undefined {
    return this.voice.app.media?.servers().find(({ name }) => name === server.name)?.endpoints;
  }

  private async secondComes(second: MediaProcess): Promise<void> {
    await second.restart();
    await this.areUp();
  }

  private async each(run: (scene: Scene) => Promise<void> | undefined): Promise<void> {
    const waiting = this.scenes.filter(({ failure }) => failure === null);
    await Promise.all(
      waiting.map(async (scene) => {
        try {
          await run(scene);
        } catch (error) {
          scene.failure = error as Error;
        }
      }),
    );
  }
}

function configOf(
  sip: Backend,
  servers: readonly MediaProcess[],
  tones: ToneServer,
  scenes: readonly Scene[],
): (at: { dir: string; url: string; botUri: string }) => Record<string, unknown> {
  return ({ dir, url, botUri }) => {
    const channels = scenes.map(({ phase, call }) => {
      const places: FaultPlaces = { dir, url, botUri: call.bot.uri, prompt: '' };
      return [call.name, channelOf([call.number], places, phase.channel?.(places))] as const;
    });
    const line = channelOf([], { dir, url, botUri, prompt: '' });
    return {
      sip: { server: sip.admin },
      media: { server: servers.map(({ address }) => address) },
      sounds: { dir, cacheDir: join(dir, 'cache'), allowHosts: [tones.host] },
      channels: { ...Object.fromEntries(channels), line },
      targets: {},
    };
  };
}

const channelOf = (did: readonly string[], { url, botUri }: FaultPlaces, over = {}): unknown => ({
  match: { trunk: 'carrier', did },
  media: 'anchored',
  bot: { kind: 'sip', uri: botUri, events: { url } },
  ...over,
});

function at<T>(items: readonly T[], n: number): T {
  const item = items[n];
  if (item === undefined) throw new Error(`nothing at ${n}`);
  return item;
}
