import type { Metrics } from '../../src/ports/metrics.js';

/** Metrics nobody reads. */
export const noMetrics: Metrics = {
  callStarted: () => undefined,
  callEnded: () => undefined,
  legOpened: () => undefined,
  legClosed: () => undefined,
  transferStarted: () => undefined,
  transferEnded: () => undefined,
  attemptStarted: () => undefined,
  ignored: () => undefined,
  leaked: () => undefined,
  eventDelivered: () => undefined,
  eventLost: () => undefined,
  storeBacklog: () => undefined,
  storeWriteLost: () => undefined,
  dependencyChanged: () => undefined,
  trunkChanged: () => undefined,
  trunkInUse: () => undefined,
};

/** Metrics that write down what they were told, as `name(arg, ...)` without durations. */
export class FakeMetrics implements Metrics {
  readonly told: string[] = [];
  callStarted(channel: string) {
    this.note('callStarted', channel);
  }
  callEnded() {
    this.note('callEnded');
  }
  legOpened() {
    this.note('legOpened');
  }
  legClosed() {
    this.note('legClosed');
  }
  transferStarted() {
    this.note('transferStarted');
  }
  transferEnded(method: string, outcome: string) {
    this.note('transferEnded', method, outcome);
  }
  attemptStarted(method: string, trunk: string | null) {
    this.note('attemptStarted', method, trunk ?? 'none');
  }
  ignored(phase: string, event: string) {
    this.note('ignored', phase, event);
  }
  leaked(kind: string) {
    this.note('leaked', kind);
  }
  eventDelivered(result: string) {
    this.note('eventDelivered', result);
  }
  eventLost(reason: string) {
    this.note('eventLost', reason);
  }
  storeBacklog(writes: number) {
    this.note('storeBacklog', String(writes));
  }
  storeWriteLost(kind: string) {
    this.note('storeWriteLost', kind);
  }
  dependencyChanged(name: string, up: boolean) {
    this.note('dependencyChanged', name, String(up));
  }
  trunkChanged(trunk: string, up: boolean) {
    this.note('trunkChanged', trunk, String(up));
  }
  trunkInUse(trunk: string, calls: number) {
    this.note('trunkInUse', trunk, String(calls));
  }
  private note(name: string, ...args: string[]) {
    this.told.push(`${name}(${args.join(', ')})`);
  }
}
