import type { Playing } from '../../ports/media.js';
import { DEADLINES } from './options.js';
import type { Wire } from './wire.js';

export type Ending = 'done' | 'stopped' | 'failed';

/** A loop of sounds shorter than this together would keep the event socket busy and be no sound. */
const SHORTEST_LOOP_MS = 100;

/**
 * Sounds played one after the other, each and each round of a loop begun from here: a break ends no more than one
 * sound of a list of FreeSWITCH's, and its looping applications take it for the end of a round.
 */
export class Playback implements Playing {
  readonly finished: Promise<Ending>;
  /** Resolves when the first sound began, or none can be. */
  readonly began: Promise<void>;
  #begin: () => void = () => undefined;
  #end: (ending: Ending) => void = () => undefined;
  #stopped = false;
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
      let ending = await this.round();
      while (this.loop && ending === 'done') ending = await this.round();
      this.#end(ending);
    } catch {
      this.#end(this.#stopped ? 'stopped' : 'failed');
    }
  }

  private async round(): Promise<Ending> {
    const begin = performance.now();
    for (const name of this.names) {
      const ending = await this.sound(name);
      if (ending !== 'done') return ending;
    }
    return this.loop && performance.now() - begin < SHORTEST_LOOP_MS ? 'failed' : 'done';
  }

  private async sound(name: string): Promise<Ending> {
    if (this.wasStopped()) return 'stopped';
    this.#playing = true;
    const complete = await this.wire.execute('playback', name);
    this.#playing = false;
    if (this.wasStopped()) return 'stopped';
    return complete.getHeader('Application-Response') === 'FILE PLAYED' ? 'done' : 'failed';
  }

  private wasStopped(): boolean {
    return this.#stopped;
  }
}
