import type { Playing } from '../../ports/media.js';
import { BETWEEN_SOUNDS } from './names.js';
import { DEADLINES } from './options.js';
import type { Wire } from './wire.js';

export type Ending = 'done' | 'stopped' | 'failed';

/** A loop of sounds shorter than this together would keep the event socket busy and be no sound. */
const SHORTEST_LOOP_MS = 100;

/**
 * Sounds played one after the other. A loop is begun again from here: the looping applications of FreeSWITCH take a
 * break for the end of a round.
 */
export class Playback implements Playing {
  readonly finished: Promise<Ending>;
  /** Resolves when the first sound began, or none can be. */
  readonly began: Promise<void>;
  #begin: () => void = () => undefined;
  #end: (ending: Ending) => void = () => undefined;
  #stopped = false;
  /** Sounds of this round that began. */
  #started = 0;
  #playing = false;

  constructor(
    private readonly wire: Wire,
    private readonly names: readonly string[],
    private readonly loop: boolean,
  ) {
    this.began = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.finished = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.finished.then(this.#begin);
    void this.run();
  }

  /** A sound began on this channel. */
  soundBegan(): void {
    this.#started++;
    this.#begin();
  }

  /** Breaks it off; resolves when the channel has come to the end of it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#playing) await this.wire.command('uuid_break', 'all');
    await this.wire.within(DEADLINES.playEnds, 'end of playing', this.finished);
  }

  /** Its channel is gone. */
  abandon(): void {
    this.#stopped = true;
    this.#end('stopped');
  }

  private async run(): Promise<void> {
    try {
      if (this.names.length > 1) await this.wire.execute('set', `playback_delimiter=${BETWEEN_SOUNDS}`);
      let ending = await this.round();
      while (this.loop && ending === 'done') ending = await this.round();
      this.#end(ending);
    } catch {
      this.#end(this.#stopped ? 'stopped' : 'failed');
    }
  }

  private wasStopped(): boolean {
    return this.#stopped;
  }

  private async round(): Promise<Ending> {
    if (this.wasStopped()) return 'stopped';
    const begin = performance.now();
    this.#started = 0;
    this.#playing = true;
    const complete = await this.wire.execute('playback', this.names.join(BETWEEN_SOUNDS));
    this.#playing = false;
    if (this.wasStopped()) return 'stopped';
    const played = complete.getHeader('Application-Response') === 'FILE PLAYED';
    // The response tells of the last sound only.
    if (!played || this.#started < this.names.length) return 'failed';
    return this.loop && performance.now() - begin < SHORTEST_LOOP_MS ? 'failed' : 'done';
  }
}
