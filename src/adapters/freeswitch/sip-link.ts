import { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import type { MediaDialog, UacSide } from 'drachtio-fsmrf';
import type { SipServer } from './options.js';

type State = 'opening' | 'up' | 'closed';
type CreateUac = Parameters<UacSide['createUAC']>;

/**
 * A connection of our own to the SIP server, for the calls to the media servers. It asks for no requests, so none of
 * a caller's ever comes here: a server deals those out only among connections that asked for them. What happens in
 * the dialogs made here does come here.
 */
export class SipLink implements UacSide {
  private readonly srf = new Srf();
  #state: State = 'opening';

  private constructor(private readonly down: () => void) {}

  /** Rejects when the server cannot be reached, or refuses the secret. */
  static open(server: SipServer, down: () => void): Promise<SipLink> {
    const link = new SipLink(down);
    return new Promise((resolve, reject) => {
      link.listen((error) => (error === null ? resolve(link) : reject(error)));
      const { host, port, secret, tls } = server;
      link.srf.connect({
        ...{ host, port, secret, enablePing: true },
        ...(tls ? { tls: {} } : {}),
        // A lost link is never revived: its dialogs are gone with it.
        reconnect: { maxAttempts: 1 },
      });
    });
  }

  /** For fsmrf, which leaves the end of a call it gives up to itself: that may fail, and must not end the process. */
  async createUAC(uri: CreateUac[0], options: CreateUac[1]): Promise<MediaDialog> {
    if (this.#state !== 'up') throw new Error('no link to the SIP server');
    const dialog = await dial(this.srf, uri, options);
    const destroy = dialog.destroy.bind(dialog);
    dialog.destroy = () => destroy().catch(() => undefined);
    return dialog;
  }

  close(): void {
    this.#state = 'closed';
    try {
      this.srf.disconnect();
    } catch {
      // Not connected: a socket of nobody tells srf all the same that it is over.
      this.srf.disconnect(new Socket());
    }
  }

  private listen(opened: (error: Error | null) => void): void {
    let lastError: Error | null = null;
    this.srf.on('connect', (error) => {
      if (error !== null) this.close();
      else if (this.#state === 'opening') this.#state = 'up';
      opened(error);
    });
    this.srf.on('error', (error) => {
      lastError = error;
    });
    this.srf.on('close', () => {
      const before = this.#state;
      this.#state = 'closed';
      if (before === 'opening') opened(lastError ?? new Error('connection closed'));
      if (before === 'up') this.down();
    });
  }
}

/** The declarations of srf in this project know its callbacks only; fsmrf uses its promise. */
interface PromisingSrf {
  createUAC(uri: string, options: CreateUac[1]): Promise<MediaDialog>;
}

function dial(srf: Srf, uri: string, options: CreateUac[1]): Promise<MediaDialog> {
  // Declared for the signalling adapter, with callbacks; the same method answers with a promise when it has none.
  const promising = srf as unknown as PromisingSrf;
  return promising.createUAC(uri, options);
}
