import Mrf, { type FsmrfServer, type UacSide } from 'drachtio-fsmrf';
import {
  MediaError,
  type EndpointListener,
  type MediaServerState,
  type OpenRequest,
} from '../../ports/media.js';
import { FreeswitchEndpoint } from './endpoint.js';
import { LeftChannels } from './left-channels.js';
import { letGo } from './let-go.js';
import { heartbeatOf, UNKNOWN, weightOf, type Heartbeat } from './load.js';
import { DEADLINES, PING_EVERY_MS, RETRY, type FreeswitchOptions, type FreeswitchServer } from './options.js';
import { probe } from './probe.js';
import { mediaError, within } from './within.js';

type State =
  | { readonly at: 'off' }
  | { readonly at: 'trying' }
  | { readonly at: 'waiting'; readonly takeTimer: () => void }
  | Up;

interface Up {
  readonly at: 'up';
  readonly server: FsmrfServer;
  readonly end: (error: MediaError) => void;
  /** Rejects when the server is lost; never resolves. */
  readonly ended: Promise<never>;
  takePing: () => void;
  heartbeat: Heartbeat;
}

type Options = Pick<FreeswitchOptions, 'clock' | 'log' | 'listen'>;

/**
 * One media server, from the first attempt to reach it to the last. Lost, it is tried again until it is back; the
 * endpoints it had are lost for good, as a restarted server knows nothing of them.
 */
export class MediaServer {
  private readonly endpoints = new Set<FreeswitchEndpoint>();
  /** Asked for, not there yet. */
  private pending = 0;
  private readonly left = new LeftChannels((uuid) => this.kill(uuid));
  #state: State = { at: 'off' };
  private retryMs: number = RETRY.firstMs;
  private wasUp = false;

  /** @param index of its own, for its port; @param changed told when it is up and when it is lost */
  constructor(
    private readonly config: FreeswitchServer,
    private readonly index: number,
    private readonly options: Options,
    private readonly changed: () => void,
  ) {}

  get name(): string {
    return this.config.name;
  }

  get up(): boolean {
    return this.#state.at === 'up';
  }

  get state(): MediaServerState {
    return { name: this.name, up: this.up, endpoints: this.endpoints.size };
  }

  /** 0: takes nothing. */
  get weight(): number {
    return this.#state.at === 'up' ? weightOf(this.#state.heartbeat, this.ours) : 0;
  }

  /** The first attempt. Rejects when it fails; from then on it goes on by itself until `stop`. */
  async start(uac: UacSide): Promise<void> {
    this.stop('not needed any more');
    this.retryMs = RETRY.firstMs;
    await this.attempt(uac);
  }

  stop(reason: string): void {
    const before = this.#state;
    this.#state = { at: 'off' };
    if (before.at === 'waiting') before.takeTimer();
    if (before.at === 'up') this.drop(before, reason);
  }

  /** @throws MediaError */
  async open({ offer }: OpenRequest, listener: EndpointListener): Promise<FreeswitchEndpoint> {
    if (this.#state.at !== 'up') throw new MediaError('unavailable', `media server ${this.name} is down`);
    const { server, ended } = this.#state;
    this.pending++;
    try {
      const made = createEndpoint(server, offer);
      const opened = within(this.options.clock, DEADLINES.open, `endpoint at ${this.name}`, made);
      const raw = await Promise.race([ended, opened]).catch((error: unknown) => {
        made.then(letGo, () => undefined);
        opened.catch(() => undefined);
        throw error;
      });
      const endpoint = new FreeswitchEndpoint(raw, this.name, this.options, listener, () => {
        this.endpoints.delete(endpoint);
      });
      if (!raw.connected || !raw.dialog.connected)
        throw new MediaError('lost', 'ended as soon as it was there');
      this.endpoints.add(endpoint);
      return endpoint;
    } finally {
      this.pending--;
    }
  }

  /** Ends a channel an engine that is gone has left behind. */
  free(uuid: string): void {
    this.left.add(uuid);
    if (this.up) this.left.end();
  }

  private async kill(uuid: string): Promise<void> {
    if (this.#state.at !== 'up') throw new MediaError('unavailable', `media server ${this.name} is down`);
    const asked = this.#state.server.api(`uuid_kill ${uuid}`);
    await within(this.options.clock, DEADLINES.command, 'uuid_kill', asked);
  }

  private get ours(): number {
    return this.endpoints.size + this.pending;
  }

  private trying(): boolean {
    return this.#state.at === 'trying';
  }

  private async attempt(uac: UacSide): Promise<void> {
    this.#state = { at: 'trying' };
    try {
      await within(this.options.clock, DEADLINES.probe, `media server ${this.name}`, probe(this.config));
      const server = await this.connect(uac);
      if (this.trying()) this.connected(server, uac);
      else disconnect(server);
    } catch (error) {
      if (this.trying()) this.retry(uac, mediaError(`media server ${this.name}`, error));
      throw error;
    }
  }

  private connect(uac: UacSide): Promise<FsmrfServer> {
    const { address, port, secret, profile } = this.config;
    const { listen } = this.options;
    const options = {
      ...{ address, port, secret, profile },
      listenAddress: listen.address,
      listenPort: listen.port === 0 ? 0 : listen.port + this.index,
      ...(listen.advertise === undefined ? {} : { advertisedAddress: listen.advertise }),
    };
    let wanted = true;
    const made = new Promise<FsmrfServer>((resolve, reject) => {
      new Mrf(uac).connect(options, (error, server) => {
        if (server === undefined) reject(error ?? new Error('no server'));
        else if (wanted) resolve(server);
        // modesl went on trying after an error of its own.
        else disconnect(server);
      });
    });
    return within(this.options.clock, DEADLINES.connect, `media server ${this.name}`, made).catch(
      (error: unknown) => {
        wanted = false;
        throw error;
      },
    );
  }

  private connected(server: FsmrfServer, uac: UacSide): void {
    let end: Up['end'] = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => undefined);
    const up: Up = { at: 'up', server, end, ended, takePing: () => undefined, heartbeat: UNKNOWN };
    this.#state = up;
    this.retryMs = RETRY.firstMs;
    server.conn.on('esl::event::HEARTBEAT::*', (event) => {
      up.heartbeat = heartbeatOf((name) => event.getHeader(name), this.ours);
    });
    // Before fsmrf's own, which would say so on the console and try again by itself.
    server.conn.prependListener('esl::end', () => this.lost(up, uac, 'closed the connection'));
    this.ping(up, uac);
    this.options.log.info({ server: this.name }, this.wasUp ? 'media server is back' : 'media server is up');
    this.wasUp = true;
    this.left.end();
    this.changed();
  }

  /** A frozen process keeps its connections open: only an answer shows that it lives. */
  private ping(up: Up, uac: UacSide): void {
    const { clock } = this.options;
    up.takePing = clock.after(PING_EVERY_MS, () => {
      within(clock, DEADLINES.ping, 'ping', up.server.api('status')).then(
        () => {
          if (this.#state === up) this.ping(up, uac);
        },
        () => this.lost(up, uac, 'does not answer'),
      );
    });
  }

  private lost(up: Up, uac: UacSide, reason: string): void {
    if (this.#state !== up) return;
    this.retry(uac, null);
    this.options.log.warn(
      { server: this.name, reason, endpoints: this.endpoints.size },
      'media server lost; trying to get it back',
    );
    this.drop(up, `media server ${reason}`);
    this.changed();
  }

  private drop(up: Up, reason: string): void {
    up.takePing();
    disconnect(up.server);
    up.end(new MediaError('lost', `${this.name}: ${reason}`));
    for (const endpoint of [...this.endpoints]) endpoint.lose(reason);
  }

  private retry(uac: UacSide, error: MediaError | null): void {
    if (error !== null)
      this.options.log.warn({ server: this.name, problem: error.message }, 'media server cannot be reached');
    const pause = this.retryMs;
    this.retryMs = Math.min(RETRY.longestMs, pause * 2);
    const takeTimer = this.options.clock.after(pause, () => {
      this.attempt(uac).catch(() => undefined);
    });
    this.#state = { at: 'waiting', takeTimer };
  }
}

/** Asserts of fsmrf (SRTP) throw before there is a promise. */
async function createEndpoint(server: FsmrfServer, offer: string | null) {
  return server.createEndpoint(offer === null ? {} : { remoteSdp: offer });
}

function disconnect(server: FsmrfServer): void {
  const { socket } = server.conn;
  server.disconnect();
  // A frozen server would never close its side.
  socket?.destroy();
}
