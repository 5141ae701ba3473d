import { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import type { Request, Response } from 'drachtio-srf';
import { DialogWatch } from './dialog-watch.js';
import { Heartbeat } from './heartbeat.js';
import { requestInDialog, type OurDialog } from './in-dialog-request.js';
import { DEADLINES, type DrachtioOptions } from './options.js';

/** What is lost with the link. */
export interface LinkedLeg {
  lost(): void;
  /** Its confirmed dialog: the far end still believes in it when the link is lost. */
  readonly confirmed: OurDialog | null;
  /** A request in a dialog srf does not know yet, or any more; true when the leg answered it. */
  stray(req: Request, res: Response): boolean;
}

export interface LinkEvents {
  request(req: Request, res: Response): void;
  /** Once, only after {@link Link.open} resolved. */
  down(): void;
}

type State =
  | { readonly at: 'new' }
  | { readonly at: 'opening'; readonly settle: (error: Error | null, hostports: string) => void }
  | { readonly at: 'up' }
  | { readonly at: 'closed' };

/** Verbs the server shall hand us; everything else it answers or drops by itself. */
const VERBS: readonly string[] = [
  'invite',
  'options',
  'register',
  'message',
  'info',
  'notify',
  'subscribe',
  'publish',
  'refer',
];

/** All engines are one application: the embedded server hands the calls of one that is gone only to its like. */
const TAG = 'switchhook';

/** How long `close` waits for the server to let go. */
const CLOSE_MS = 1000;

/**
 * One connection to the drachtio-server, from its making to its loss, and the legs on it. A lost link is never
 * revived: srf's own reconnection would drop TLS and leave its half-done promises behind (pitfall 14), so each
 * attempt gets a srf of its own, and whatever belonged to the old one goes with it.
 */
export class Link {
  readonly srf = new Srf(TAG);
  readonly watch = new DialogWatch(this.srf);
  readonly #heartbeat: Heartbeat;
  /** By dialog id of the server: `Call-ID;from-tag=`. */
  readonly legs = new Map<string, LinkedLeg>();
  readonly #unnamed = new Set<LinkedLeg>();
  /** Confirmed dialogs that were lost with the link. */
  readonly orphans: OurDialog[] = [];
  #state: State = { at: 'new' };
  #lastError: Error | null = null;

  constructor(
    private readonly options: DrachtioOptions,
    private readonly events: LinkEvents,
  ) {
    this.#heartbeat = new Heartbeat(this.srf, options.deadlines?.heartbeat ?? DEADLINES.heartbeat);
    const handle = (req: Request, res: Response): void => events.request(req, res);
    for (const verb of VERBS) this.srf.use(verb, handle);
    // And what comes for a dialog srf does not know, which srf would answer 404.
    this.srf.use(handle);
    this.srf.on('connect', (error, hostports) => this.connected(error, hostports ?? ''));
    this.srf.on('error', (error) => {
      this.#lastError = error;
    });
    this.srf.on('close', () => this.closed());
  }

  get up(): boolean {
    return this.#state.at === 'up';
  }

  /** Resolves with the server's `proto/host:port` list. */
  open(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#state = {
        at: 'opening',
        settle: (error, hostports) => (error === null ? resolve(hostports) : reject(error)),
      };
      const { host, port, secret, tls } = this.options;
      this.srf.connect({
        host,
        port,
        secret,
        ...(tls === undefined ? {} : { tls }),
        reconnect: { maxAttempts: 1 },
      });
    });
  }

  add(leg: LinkedLeg): void {
    this.#unnamed.add(leg);
  }

  name(leg: LinkedLeg, dialogId: string): void {
    this.#unnamed.delete(leg);
    this.legs.set(dialogId, leg);
  }

  remove(leg: LinkedLeg, dialogId: string | null): void {
    this.#unnamed.delete(leg);
    if (dialogId === null || this.legs.get(dialogId) !== leg) return;
    this.legs.delete(dialogId);
    this.watch.remove(dialogId);
  }

  /** Gives the link up; legs still on it are lost. No event follows. Resolves when the server has let go. */
  close(): Promise<void> {
    const before = this.#state;
    this.#state = { at: 'closed' };
    this.disconnect();
    this.loseLegs();
    if (before.at === 'opening') before.settle(new Error('no answer in time'), '');
    if (before.at !== 'up') return Promise.resolve();
    return new Promise((resolve) => {
      setTimeout(resolve, CLOSE_MS).unref();
      this.srf.on('close', resolve);
    });
  }

  private connected(error: Error | null, hostports: string): void {
    if (this.#state.at !== 'opening') return this.disconnect();
    const { settle } = this.#state;
    if (error !== null) {
      this.#state = { at: 'closed' };
      this.disconnect();
      return settle(new LinkRefused(), '');
    }
    // srf says so before the server has read which verbs we want: a call just then would get 503. Frames are
    // answered in order, so the answer to this one, a refusal, comes when they are in force.
    const nowhere = { id: 'routes-in-force', socket: undefined };
    requestInDialog(this.srf, nowhere, { method: 'OPTIONS', headers: {} }, () => {
      if (this.#state.at !== 'opening') return;
      this.#state = { at: 'up' };
      this.#heartbeat.start();
      settle(null, hostports);
    });
  }

  private closed(): void {
    const state = this.#state;
    this.#state = { at: 'closed' };
    if (state.at === 'opening') state.settle(this.#lastError ?? new Error('connection closed'), '');
    if (state.at !== 'up') return;
    this.loseLegs();
    this.events.down();
  }

  private loseLegs(): void {
    this.watch.stop();
    this.#heartbeat.stop();
    for (const leg of [...this.legs.values(), ...this.#unnamed]) {
      if (leg.confirmed !== null) this.orphans.push(leg.confirmed);
      leg.lost();
    }
    this.legs.clear();
    this.#unnamed.clear();
  }

  private disconnect(): void {
    try {
      this.srf.disconnect();
    } catch {
      // Not connected: a socket of nobody tells srf all the same that it is over.
      this.srf.disconnect(new Socket());
    }
  }
}

/** The server said no: trying again would not help. */
export class LinkRefused extends Error {
  override readonly name = 'LinkRefused';
  constructor() {
    super('the server refused the secret');
  }
}

/** The id the server gives the dialog an INVITE makes (srf relies on the same convention). */
export function dialogIdOf(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}
