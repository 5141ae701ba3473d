import type Srf from 'drachtio-srf';
import { probe } from './forgotten-dialog.js';

/** Each dialog is asked about once a second, ... */
const EACH_MS = 1000;
/** ... unless they are so many that the server would be kept busy with it. */
const BETWEEN_MS = 10;

/**
 * Dialogs the server tells us nothing of (see `Taken`): it forgets them when their far end hangs up, which can be asked
 * without a word to anybody.
 */
export class DialogWatch {
  /** By the server's id, whoever has waited longest first. */
  readonly #watched = new Map<string, () => void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly srf: Srf) {}

  add(id: string, vanished: () => void): void {
    this.#watched.set(id, vanished);
    if (this.#timer === null) this.next();
  }

  remove(id: string): void {
    this.#watched.delete(id);
  }

  stop(): void {
    this.#watched.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  private next(): void {
    const pause = Math.max(BETWEEN_MS, EACH_MS / Math.max(1, this.#watched.size));
    this.#timer = setTimeout(() => this.turn(), pause);
    this.#timer.unref();
  }

  private turn(): void {
    this.#timer = null;
    const [entry] = this.#watched;
    if (entry === undefined) return;
    const [id, vanished] = entry;
    // To the end of the line.
    this.#watched.delete(id);
    this.#watched.set(id, vanished);
    probe(this.srf, { id, socket: undefined }, () => {
      if (this.#watched.delete(id)) vanished();
    });
    this.next();
  }
}
