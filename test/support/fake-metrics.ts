import type { Metrics } from '../../src/ports/metrics.js';

/** Metrics nobody reads. */
export const noMetrics: Metrics = {
  callStarted: () => undefined,
  callEnded: () => undefined,
  callTakenOver: () => undefined,
  callLost: () => undefined,
  callContained: () => undefined,
  sessionExpired: () => undefined,
  sessionReaped: () => undefined,
  cdrLost: () => undefined,
  legsChanged: () => undefined,
  transferMoved: () => undefined,
  transferEnded: () => undefined,
  callerWasSilent: () => undefined,
  attemptStarted: () => undefined,
  ignored: () => undefined,
  leaked: () => undefined,
  teardownOverdue: () => undefined,
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
  /** Kind and result of each delivery. */
  readonly deliveries: string[] = [];
  callStarted(channel: string) {
    this.note('callStarted', channel);
  }
  callEnded() {
    this.note('callEnded');
  }
  callTakenOver() {
    this.note('callTakenOver');
  }
  callLost() {
    this.note('callLost');
  }
  callContained(channel: string, result: string) {
    this.note('callContained', channel, result);
  }
  sessionExpired(kind: string) {
    this.note('sessionExpired', kind);
  }
  sessionReaped() {
    this.note('sessionReaped');
  }
  cdrLost(sink: string) {
    this.note('cdrLost', sink);
  }
  legsChanged(direction: string, by: number) {
    this.note('legsChanged', direction, String(by));
  }
  transferMoved(from: string | null, to: string | null) {
    this.note('transferMoved', from ?? 'none', to ?? 'none');
  }
  transferEnded(method: string, result: string, outcome: string) {
    this.note('transferEnded', method, result, outcome);
  }
  callerWasSilent(_seconds: number) {
    this.note('callerWasSilent');
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
  teardownOverdue() {
    this.note('teardownOverdue');
  }
  eventDelivered(result: string, _seconds: number, kind: string) {
    this.note('eventDelivered', result);
    this.deliveries.push(`${kind} ${result}`);
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
