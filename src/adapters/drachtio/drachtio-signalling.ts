import type { Request, Response } from 'drachtio-srf';
import type { Refusal } from '../../domain/outcome.js';
import type {
  DialRequest,
  LegListener,
  LegPort,
  ResumeRequest,
  ServerState,
  Signalling,
  SignallingHandler,
  SignallingInfo,
} from '../../ports/signalling.js';
import type { Answer } from './capabilities.js';
import { DialledLeg } from './dialled-leg.js';
import { stateIn, type LegState } from './dialog-handle.js';
import { listeningOf, ownHost } from './hostports.js';
import { received } from './inbound.js';
import { buildInvite } from './invite.js';
import { hangUpOrphans, type OurDialog } from './in-dialog-request.js';
import type { LegContext } from './leg-context.js';
import { Link, LinkRefused } from './link.js';
import { DEADLINES, SILENT, type Deadlines, type DrachtioLog, type DrachtioOptions } from './options.js';
import { localRefusal } from './refusal.js';
import { resumedLeg } from './resumed-leg.js';
import { endUnanswered } from './unanswered-invite.js';
import { undialledLeg } from './undialled-leg.js';
import { send } from './wire.js';

/** SIP by way of a drachtio-server, embedded or real: the same wire, told apart by the address only. */
export function createDrachtioSignalling(options: DrachtioOptions): Signalling {
  return new DrachtioSignalling(options);
}

const FIRST_RETRY_MS = 150;

/** Between the server's first frame and the end of `start`, or after `stop`. */
const NOT_READY: Answer = { code: 503, reason: 'Service Unavailable', headers: { 'Retry-After': '1' } };

type State =
  | { readonly at: 'off' }
  | { readonly at: 'connecting'; readonly link: Link }
  | { readonly at: 'up'; readonly link: Link }
  | { readonly at: 'waiting'; readonly takeTimer: () => void };

class DrachtioSignalling implements Signalling {
  readonly #log: DrachtioLog;
  readonly #deadlines: Deadlines;
  readonly #address: string;
  #state: State = { at: 'off' };
  #handler: SignallingHandler | null = null;
  /** Own address as the server told it, for a From without a user. */
  #ownHost = 'localhost';

  constructor(private readonly options: DrachtioOptions) {
    this.#log = options.log ?? SILENT;
    this.#deadlines = { ...DEADLINES, ...options.deadlines };
    this.#address = `${options.host}:${options.port}`;
  }

  async start(handler: SignallingHandler): Promise<SignallingInfo> {
    if (this.#state.at !== 'off') throw new Error('signalling was started before');
    if (/[|\r\n]/.test(this.options.secret)) {
      throw new Error(`drachtio-server ${this.#address}: a secret must not contain "|" or line ends`);
    }
    this.#handler = handler;
    const hostports = await this.firstConnect();
    return { server: this.options.server ?? this.#address, listening: hostports };
  }

  connected(): boolean {
    return this.#state.at === 'up';
  }

  declineCalls(): void {
    if (this.#state.at === 'up') this.#state.link.srf.unregisterForMessages('invite');
  }

  servers(): readonly ServerState[] {
    return [{ name: this.options.server ?? this.#address, up: this.connected() }];
  }

  dial(request: DialRequest, listener: LegListener): LegPort {
    const invite = buildInvite(request, this.#ownHost);
    if (typeof invite === 'string') {
      return this.refused(request, listener, localRefusal(500, invite));
    }
    if (this.#state.at !== 'up') {
      const refusal = localRefusal(503, 'The link to the SIP server is down');
      return this.refused(request, listener, refusal);
    }
    const leg = new DialledLeg(this.context(this.#state.link), request, listener);
    leg.start(invite);
    return leg;
  }

  resume(request: ResumeRequest, listener: LegListener): LegPort {
    const state = stateIn(request.handle);
    const leg =
      this.#state.at === 'up' && state !== null
        ? this.take(this.#state.link, state, request, listener)
        : null;
    return leg ?? undialledLeg(request, listener, { type: 'lost' }, this.#log);
  }

  /** `null`: there is nothing to be had. */
  private take(link: Link, state: LegState, request: ResumeRequest, listener: LegListener): LegPort | null {
    try {
      if (state.at === 'talking') return resumedLeg(this.context(link), request, state, listener);
      endUnanswered(this.context(link), state);
    } catch (error) {
      this.#log.error('a handle of a leg could not be used', { error });
    }
    return null;
  }

  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'off' };
    this.options.watcher?.linkDown();
    if (state.at === 'waiting') state.takeTimer();
    else if (state.at !== 'off') await state.link.close();
  }

  /** Tries until it works, the deadline is over, or the server says no. */
  private async firstConnect(): Promise<readonly string[]> {
    const { startTimeoutMs = 10_000 } = this.options;
    const end = performance.now() + startTimeoutMs;
    for (let pause = FIRST_RETRY_MS; ; pause *= 2) {
      const left = end - performance.now();
      try {
        return await this.connect(left);
      } catch (error) {
        if (error instanceof LinkRefused || this.stopped() || end - performance.now() < pause) {
          this.#state = { at: 'off' };
          throw new Error(`drachtio-server ${this.#address}: ${reasonOf(error)}`, { cause: error });
        }
      }
      await this.pause(pause);
    }
  }

  private async connect(timeoutMs: number): Promise<readonly string[]> {
    const link: Link = new Link(this.options, {
      request: (req, res) => this.request(link, req, res),
      down: () => this.linkLost(link),
    });
    this.#state = { at: 'connecting', link };
    const timer = setTimeout(() => void link.close(), Math.max(1, timeoutMs));
    try {
      const listening = listeningOf(await link.open());
      this.#ownHost = ownHost(listening) ?? this.#ownHost;
      this.#state = { at: 'up', link };
      this.options.watcher?.linkUp(link.srf);
      return listening;
    } finally {
      clearTimeout(timer);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const takeTimer = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#state = { at: 'waiting', takeTimer };
    });
  }

  private request(link: Link, req: Request, res: Response): void {
    try {
      if (this.#handler === null || !link.up) send(res, NOT_READY);
      else received(this.context(link), this.#handler, req, res);
    } catch (error) {
      this.#log.error('the drachtio adapter failed on a request', { method: req.method, error });
      send(res, { code: 500, reason: 'Server Internal Error', headers: {} });
    }
  }

  private linkLost(link: Link): void {
    this.#log.warn('link to the drachtio-server lost', { address: this.#address });
    if (this.#state.at !== 'up') return;
    this.options.watcher?.linkDown();
    void this.reconnect(link.orphans);
    this.#handler?.linkDown();
  }

  private async reconnect(orphans: readonly OurDialog[]): Promise<void> {
    const { reconnectMaxMs = 5000 } = this.options;
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(reconnectMaxMs, pause * 2)) {
      await this.pause(pause);
      if (this.stopped()) return;
      try {
        await this.connect(this.#deadlines.receipt);
        this.#log.info('link to the drachtio-server is back', { address: this.#address });
        if (this.#state.at === 'up') hangUpOrphans(this.#state.link.srf, orphans);
        this.#handler?.linkUp();
        return;
      } catch (error) {
        if (this.stopped()) return;
        this.#log.warn('no link to the drachtio-server yet', {
          address: this.#address,
          reason: reasonOf(error),
        });
      }
    }
  }

  private refused(request: DialRequest, listener: LegListener, refusal: Refusal): LegPort {
    return undialledLeg(request, listener, { type: 'refused', refusal }, this.#log);
  }

  private stopped(): boolean {
    return this.#state.at === 'off';
  }

  private context(link: Link): LegContext {
    return { link, log: this.#log, deadlines: this.#deadlines };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message;
}
