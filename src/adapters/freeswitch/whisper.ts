import type { EslEvent } from 'drachtio-fsmrf';
import { MediaError, type Playing } from '../../ports/media.js';
import type { Ending } from './playback.js';
import type { Wire } from './wire.js';

/** `m`: mixed with what the channel hears, not in its place. */
const MIXED = ['0', 'm'] as const;

/**
 * Sounds mixed into what one side of a bridge hears. Not `uuid_broadcast`: that takes the channel out of the bridge
 * for as long as it plays, and its partner's voice with it.
 */
export class Whisper implements Playing {
  readonly finished: Promise<Ending>;
  #end: (ending: Ending) => void = () => undefined;
  #current: string | null = null;
  #waiting: readonly string[];

  constructor(
    private readonly wire: Wire,
    names: readonly string[],
  ) {
    this.#waiting = names;
    this.finished = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Resolves when the first sound began, or cannot be played; rejects when the server does not answer. */
  async next(): Promise<void> {
    const [name, ...waiting] = this.#waiting;
    this.#waiting = waiting;
    this.#current = name ?? null;
    if (name === undefined) this.#end('done');
    else await this.begin(name);
  }

  private async begin(name: string): Promise<void> {
    try {
      await this.wire.command('uuid_displace', 'start', name, ...MIXED);
    } catch (error) {
      this.#current = null;
      this.#end('failed');
      if (!(error instanceof MediaError && error.reason === 'refused')) throw error;
    }
  }

  /** MEDIA_BUG_STOP of this channel: a sound came to its end. */
  soundEnded(event: EslEvent): void {
    if (event.getHeader('Media-Bug-Function') !== 'displace') return;
    if (this.#current === null || event.getHeader('Media-Bug-Target') !== this.#current) return;
    this.next().catch(() => this.#end('failed'));
  }

  async stop(): Promise<void> {
    const name = this.#current;
    this.abandon();
    // Refused: it came to its end in this moment.
    if (name !== null) await this.wire.command('uuid_displace', 'stop', name).catch(forgiveRefusal);
  }

  /** Its channel is gone. */
  abandon(): void {
    this.#current = null;
    this.#waiting = [];
    this.#end('stopped');
  }
}

function forgiveRefusal(error: unknown): void {
  if (!(error instanceof MediaError && error.reason === 'refused')) throw error;
}
