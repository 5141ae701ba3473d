import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { ChannelsLeft } from '../support/channels-left.js';
import { describeServers, type Bench } from '../support/contract-bench.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { attachRealMedia, realMediaGiven, startEmbeddedMedia } from '../support/media-backend.js';
import type { MediaBackend } from '../support/media-backend.js';
import { readWav } from '../support/media-wav.js';
import { json } from '../support/script-bench.js';
import { ToneServer } from '../support/tone-server.js';
import { VoiceParty } from '../support/voice-party.js';
import { VOICES } from '../support/voice-sounds.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

interface Told {
  readonly id: string;
  readonly type: string;
  readonly callId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** From the kill to the last word: the lease, the take-over, and a busy machine. */
const CLEAN_MS = 15_000;

const soon = <T>(get: () => T) => expect.poll(get, { timeout: CLEAN_MS, interval: 50 });

/** A SIP server, a media server, a Redis and voices that outlive any engine. */
class Town {
  private constructor(
    private readonly bench: Bench,
    readonly media: ChannelsLeft,
    readonly redis: RedisServer,
    readonly bots: WebhookReceiver,
    readonly tones: ToneServer,
    readonly caller: VoiceParty,
    readonly bot: VoiceParty,
    readonly agent: VoiceParty,
  ) {}

  static async open(bench: Bench, backend: MediaBackend): Promise<Town> {
    const [media, redis, bots, tones, caller, bot, agent] = await Promise.all([
      ChannelsLeft.open(backend),
      RedisServer.start(),
      WebhookReceiver.start(),
      ToneServer.start(),
      VoiceParty.open('caller', VOICES.caller),
      VoiceParty.open('bot', VOICES.bot),
      VoiceParty.open('agent', VOICES.agent),
    ]);
    onTestFinished(async () => {
      media.close();
      await Promise.all([caller, bot, agent].map((party) => party.close()));
      await Promise.all([bots.stop(), tones.stop(), redis.stop(), backend.close()]);
    });
    return new Town(bench, media, redis, bots, tones, caller, bot, agent);
  }

  async engine(): Promise<{ readonly process: EngineProcess; readonly api: string }> {
    const { host, port, secret } = this.bench.backend.admin;
    const { esl, directory } = this.media.backend;
    const events = { url: this.bots.url, dialect: 'native' };
    const line = { media: 'anchored', recording: { dir: directory } };
    const process = new EngineProcess(
      JSON.stringify({
        sip: { server: { host, port, secret } },
        media: { server: [esl] },
        api: { listen: '127.0.0.1:0' },
        log: { level: 'warn' },
        store: `redis://127.0.0.1:${this.redis.port}/0`,
        sounds: {
          dir: directory,
          cacheDir: join(directory, 'cache'),
          speech: { kind: 'http', url: this.tones.speech },
          allowHosts: [this.tones.host],
        },
        trunks: { carrier: { allow: ['127.0.0.1/32'], proxy: 'sip:127.0.0.1:9' } },
        policy: { allow: { hosts: ['127.0.0.1'] } },
        channels: {
          line: {
            ...line,
            match: { trunk: 'carrier', did: ['1800*'] },
            bot: { kind: 'sip', uri: this.bot.uri, events },
          },
          script: {
            ...line,
            match: { trunk: 'carrier', did: ['1900*'] },
            bot: { kind: 'webhook', url: this.bots.url, dialect: 'native' },
          },
        },
      }),
    );
    onTestFinished(async () => {
      process.kill('SIGKILL');
      await process.exit;
    });
    return { process, api: (await process.ready()).api };
  }

  /** What the bot was told, each event once. */
  get told(): readonly Told[] {
    const all = this.bots.received.map(({ json }) => json as unknown as Told);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  }

  get types(): readonly string[] {
    return this.told.map(({ type }) => type).filter((type) => type !== 'call.recording');
  }

  async talking(): Promise<void> {
    const caller = this.caller.dials(this.bench.sip(), '18005550100');
    await this.bot.answers();
    await this.caller.isAnswered(caller);
    await eventually(() => this.caller.rtp.hears(VOICES.bot)).toBe(true);
  }

  async withAgent(api: string): Promise<string> {
    const asked = await fetch(`${api}/v1/calls/${this.told[0]!.callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ target: { sipUri: this.agent.uri }, returnToBot: true, continueRecording: true },
      }),
    });
    expect(asked.status).toBe(202);
    await this.agent.answers();
    await eventually(() => this.caller.rtp.hears(VOICES.agent)).toBe(true);
    await eventually(() => this.types).toContain('transfer.bridged');
    return ((await asked.json()) as { transferId: string }).transferId;
  }

  /** Every party has its one BYE, its bot the end, and nothing is left where media or signalling was. */
  async isCleared(parties: readonly VoiceParty[]): Promise<void> {
    for (const party of parties) await soon(() => party.byes).toHaveLength(1);
    await soon(() => this.types.at(-1)).toBe('call.ended');
    await this.media.areNone();
    await this.media.areForgottenBy(this.bench.backend.admin);
  }

  get verdicts(): readonly Told[] {
    return this.told.filter(({ data }) => 'transferStatus' in data);
  }

  /** Lengths in ms of what was recorded; the header must be true. */
  get recorded(): readonly number[] {
    const { directory } = this.media.backend;
    const names = readdirSync(directory).filter(
      (name) => name.startsWith('.call') || name.startsWith('call'),
    );
    return names.map((name) => {
      const { dataBytes, realBytes } = readWav(join(directory, name));
      expect(dataBytes).toBe(realBytes);
      return realBytes / 16;
    });
  }
}

/** @param moment brings the call where its engine dies; answers with who is in it */
function killed(
  bench: Bench,
  open: () => Promise<MediaBackend>,
  moment: (town: Town, api: string) => Promise<readonly VoiceParty[]>,
  channels: number,
) {
  return async (): Promise<Town> => {
    const town = await Town.open(bench, await open());
    const { process, api } = await town.engine();
    const parties = await moment(town, api);
    expect(await town.media.count()).toBe(channels);
    await town.media.note();
    // A drachtio-server hands a call to any engine there is: so only now.
    await town.engine();
    const since = performance.now();
    process.kill('SIGKILL');
    await town.isCleared(parties);
    console.log(`from SIGKILL to nothing left: ${Math.round(performance.now() - since)} ms`);
    return town;
  };
}

function suite(bench: Bench, open: () => Promise<MediaBackend>): void {
  it('with its bot', async () => {
    const dies = killed(
      bench,
      open,
      async (town) => {
        await town.talking();
        return [town.caller, town.bot];
      },
      2,
    );
    const town = await dies();
    expect(town.types).toEqual(['call.started', 'call.ended']);
    for (const ms of town.recorded) expect(ms).toBeGreaterThan(500);
    expect(town.recorded).toHaveLength(1);
  }, 90_000);

  it('with an agent', async () => {
    const dies = killed(
      bench,
      open,
      async (town, api) => {
        await town.talking();
        await town.withAgent(api);
        return [town.caller, town.bot, town.agent];
      },
      3,
    );
    const town = await dies();
    expect(town.verdicts).toMatchObject([
      { type: 'transfer.completed', data: { evidence: { decidedBy: 'interrupted' } } },
    ]);
    expect(town.recorded).toHaveLength(2);
  }, 90_000);

  it('while a prompt of a webhook bot plays', async () => {
    const dies = killed(
      bench,
      open,
      async (town) => {
        const replies = [{ type: 'audio', audioUri: town.tones.audio(2900, 30_000) }];
        town.bots.script.push((_request, response) => json(response, { replies }));
        await town.caller.calls(bench.sip(), '19005550100');
        await eventually(() => town.caller.rtp.hears(2900)).toBe(true);
        return [town.caller];
      },
      1,
    );
    const town = await dies();
    expect(town.types).toEqual(['call.started', 'call.ended']);
  }, 90_000);
}

describeServers(
  'the engine of an anchored call is killed',
  (bench) => {
    describe('[embedded media server]', () => suite(bench, () => startEmbeddedMedia()));
    describe.skipIf(!realMediaGiven)(`[FreeSWITCH${realMediaGiven ? '' : ': not given'}]`, () =>
      suite(bench, () => Promise.resolve(attachRealMedia())),
    );
  },
  { embedded: { orphanMs: 15_000, timers: { requestAnswer: 5000, appAnswer: 15_000 } } },
);
