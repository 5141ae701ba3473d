/** What has been started, stopped in the reverse order; one part that fails to stop does not keep the others up. */
export class Shutdown {
  private readonly steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop())
      await step().catch(() => undefined);
  }
}
