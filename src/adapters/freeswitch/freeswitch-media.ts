import {
  MediaError,
  type Endpoint,
  type EndpointHandle,
  type EndpointListener,
  type Media,
  type MediaInfo,
  type MediaServerState,
  type OpenRequest,
} from '../../ports/media.js';
import { channelIn } from './endpoint-handle.js';
import { MediaServer } from './media-server.js';
import { DEADLINES, RETRY, type FreeswitchOptions } from './options.js';
import { SipLink } from './sip-link.js';
import { mediaError, within } from './within.js';

/** Media by way of drachtio-fsmrf, from FreeSWITCH or the embedded media server: told apart by the address only. */
export function createFreeswitchMedia(options: FreeswitchOptions): Media {
  return new FreeswitchMedia(options);
}

const START_MS = 10_000;

type State =
  | { readonly at: 'off' }
  | { readonly at: 'linking' }
  | { readonly at: 'linked'; readonly link: SipLink }
  | { readonly at: 'waiting'; readonly takeTimer: () => void };

class FreeswitchMedia implements Media {
  private readonly all: readonly MediaServer[];
  #state: State = { at: 'off' };
  private retryMs: number = RETRY.firstMs;
  private told: boolean | null = null;
  /** Of the server after the one that was taken last. */
  private turn = 0;

  constructor(private readonly options: FreeswitchOptions) {
    this.all = options.servers.map(
      (server, index) => new MediaServer(server, index, options, () => this.changed()),
    );
  }

  async start(): Promise<MediaInfo> {
    const { clock, startTimeoutMs = START_MS } = this.options;
    const until = clock.now() + startTimeoutMs;
    for (let pause: number = RETRY.firstMs; ; pause *= 2) {
      const error = await this.link().then(
        () => null,
        (problem: unknown) => mediaError('media', problem),
      );
      if (error === null) return { server: this.all.map(({ name }) => name).join(',') };
      if (clock.now() + pause > until || error.reason === 'refused') {
        await this.stop();
        throw error;
      }
      await new Promise<void>((resolve) => clock.after(pause, resolve));
    }
  }

  connected(): boolean {
    return this.all.some(({ up }) => up);
  }

  servers(): readonly MediaServerState[] {
    return this.all.map(({ state }) => state);
  }

  /** The server with most room first; one that fails over this is left for the next, one that refuses is believed. */
  async open(request: OpenRequest, listener: EndpointListener): Promise<Endpoint> {
    const tried = new Set<MediaServer>();
    let last = new MediaError('unavailable', `no media server takes endpoints (${this.names(request)})`);
    for (let server = this.choose(request, tried); server !== null; server = this.choose(request, tried)) {
      tried.add(server);
      try {
        return await server.open(request, listener);
      } catch (error) {
        last = mediaError(`endpoint at ${server.name}`, error);
        if (last.reason === 'refused') break;
      }
    }
    throw last;
  }

  free(endpoints: readonly EndpointHandle[]): void {
    for (const handle of endpoints) {
      const channel = channelIn(handle);
      const server = this.all.find(({ name }) => name === channel?.server);
      if (channel !== null && server !== undefined) server.free(channel.uuid);
      else this.options.log.warn({ handle }, 'an endpoint is left behind at a media server not known here');
    }
  }

  stop(): Promise<void> {
    const before = this.#state;
    this.#state = { at: 'off' };
    for (const server of this.all) server.stop('the engine stops');
    if (before.at === 'waiting') before.takeTimer();
    if (before.at === 'linked') before.link.close();
    return Promise.resolve();
  }

  private names({ server }: OpenRequest): string {
    return server ?? this.all.map(({ name }) => name).join(', ');
  }

  private choose(request: OpenRequest, tried: ReadonlySet<MediaServer>): MediaServer | null {
    const { length } = this.all;
    let best: MediaServer | null = null;
    for (let n = 0; n < length; n++) {
      const server = this.all[(this.turn + n) % length];
      if (server === undefined || tried.has(server)) continue;
      if (request.server !== undefined && request.server !== server.name) continue;
      if (server.weight > (best?.weight ?? 0)) best = server;
    }
    if (best !== null) this.turn = (this.all.indexOf(best) + 1) % length;
    return best;
  }

  /** Link and servers; resolves when one of them is up. */
  private async link(): Promise<void> {
    this.#state = { at: 'linking' };
    const link = await this.reach();
    if (this.stopped()) {
      link.close();
      throw new MediaError('unavailable', 'media was stopped');
    }
    this.#state = { at: 'linked', link };
    this.retryMs = RETRY.firstMs;
    const attempts = await Promise.allSettled(this.all.map((server) => server.start(link)));
    if (this.connected()) return;
    const [problem] = attempts.flatMap((attempt) =>
      attempt.status === 'rejected' ? [attempt.reason as unknown] : [],
    );
    for (const server of this.all) server.stop('not reached');
    link.close();
    throw mediaError('media', problem);
  }

  /** A link to the first SIP server that can be reached. */
  private async reach(): Promise<SipLink> {
    const { clock, sip } = this.options;
    let problem: unknown;
    for (const server of sip) {
      const opening = SipLink.open(server, () => this.linkLost());
      const what = `SIP server ${server.host}:${server.port}`;
      try {
        return await within(clock, DEADLINES.sipLink, what, opening);
      } catch (error) {
        opening.then(
          (late) => late.close(),
          () => undefined,
        );
        problem ??= error;
      }
    }
    throw problem;
  }

  /** Every endpoint's call went over it, and the SIP server forgets what is not ours any more. */
  private linkLost(): void {
    if (this.#state.at !== 'linked') return;
    this.options.log.warn({}, 'link of the media to the SIP server lost');
    this.relink();
    for (const server of this.all) server.stop('the link to the SIP server is lost');
    this.changed();
  }

  private relink(): void {
    const pause = this.retryMs;
    this.retryMs = Math.min(RETRY.longestMs, pause * 2);
    const takeTimer = this.options.clock.after(pause, () => {
      this.link().catch((error: unknown) => {
        if (this.stopped()) return;
        this.options.log.warn({ problem: mediaError('media', error).message }, 'no media yet');
        this.relink();
      });
    });
    this.#state = { at: 'waiting', takeTimer };
  }

  private stopped(): boolean {
    return this.#state.at === 'off';
  }

  private changed(): void {
    const up = this.connected();
    if (this.told === up) return;
    this.told = up;
    this.options.metrics.dependencyChanged('media', up);
  }
}
