/** What has to wait for a media server, one after the other, so that nothing overtakes what was asked before it. */
export class Turns {
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  /** When everything asked for so far is done. */
  idle(): Promise<void> {
    return this.last;
  }

  /** Runs at once when nothing is under way. `work` never rejects: what can fail is caught where it is known what to do. */
  run(work: () => Promise<void> | void): void {
    this.waiting += 1;
    const done = (): void => {
      this.waiting -= 1;
    };
    this.last = (this.waiting === 1 ? Promise.resolve(work()) : this.last.then(work)).then(done, done);
  }
}
