import type { EventBody } from './event-receiver.js';
import { ScenarioFailure } from './failure.js';
import { fitsText, mismatch } from './match.js';
import type { CallStep, EventStep, MessageStep, Step } from './scenario-schema.js';
import type { SippParty } from './sipp-party.js';
import { headerPart } from './sipp-log.js';
import type { Stage } from './stage.js';
import { until } from './until.js';

/** Carries out the steps of a scenario, one after another. */
export class Steps {
  /** Events before this one have been waited for. */
  private eventsSeen = 0;

  constructor(
    private readonly stage: Stage,
    private readonly signal: AbortSignal,
  ) {}

  async run(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const where = `steps[${index}]`;
      const filled = this.needsCallId(step)
        ? await this.fillLate(step, where)
        : this.stage.places.fill(step, where);
      await this.one(filled, where);
    }
  }

  private one(step: Step, where: string): Promise<void> {
    if ('event' in step) return this.event(step.event, where);
    if ('message' in step) return this.message(step.message, where);
    if ('exit' in step) return this.exit(step.exit, where);
    if ('start' in step) return this.start(step.start.party, where);
    if ('call' in step) return this.call(step.call, where);
    return this.party(step.cue.party, where).cue(step.cue, where, this.signal);
  }

  /** `{callId}` becomes known by the first event of the call, which may come after the SIP message waited for. */
  private needsCallId(step: Step): boolean {
    return this.stage.places.get('callId') === undefined && JSON.stringify(step).includes('{callId}');
  }

  private async fillLate(step: Step, where: string): Promise<Step> {
    await this.wait(10_000, () => this.stage.receiver.events.find((event) => 'callId' in event));
    this.learn();
    return this.stage.places.fill(step, where);
  }

  /** Waits, but not for something that a party which has failed will never do. */
  private wait<T>(ms: number, look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
    const parties = [...this.stage.parties.values()];
    return until(ms, this.signal, async () => {
      const found = await look();
      const failure = parties.find((party) => party.failure !== undefined)?.failure;
      if (found === undefined && failure !== undefined) throw failure;
      return found;
    });
  }

  private learn(): void {
    const { places, receiver } = this.stage;
    const callId = receiver.events.find((event) => 'callId' in event)?.['callId'];
    if (places.get('callId') === undefined && typeof callId === 'string') places.set('callId', callId);
  }

  private async event({ type, where: wanted, withinMs, save }: EventStep, where: string): Promise<void> {
    const { events } = this.stage.receiver;
    let next = this.eventsSeen;
    const found = await this.wait(withinMs, () => {
      for (; next < events.length; next += 1) {
        const event = events[next];
        if (event !== undefined && fits(event, type, wanted)) return event;
      }
      return undefined;
    });
    const came = events.map((event) => String(event['type'] ?? event['event'])).join(', ');
    if (found === undefined)
      throw new ScenarioFailure(where, `no event ${type} within ${withinMs} ms; came: ${came}`);
    this.eventsSeen = next + 1;
    this.learn();
    this.save(save, where, (path) => at(found, path));
  }

  private async message(
    { at: name, is, direction, nth, withinMs, save }: MessageStep,
    where: string,
  ): Promise<void> {
    const party = this.party(name, where);
    const found = await this.wait(withinMs, async () =>
      (await party.messages()).filter((m) => fitsText(is, m.name) && m.direction === direction).at(nth - 1),
    );
    if (found === undefined) {
      const which = nth === 1 ? is : `${is} number ${nth}`;
      throw new ScenarioFailure(where, `${name} has not ${direction} ${which} within ${withinMs} ms`);
    }
    this.save(save, where, (from) => headerPart(found, from));
  }

  private async exit(
    { party: name, withinMs }: Extract<Step, { exit: unknown }>['exit'],
    where: string,
  ): Promise<void> {
    const party = this.party(name, where);
    const gone = await this.wait(withinMs, () => (party.hasExited ? true : undefined));
    if (gone === undefined) throw new ScenarioFailure(where, `${name} did not end within ${withinMs} ms`);
  }

  private start(name: string, where: string): Promise<void> {
    return this.stage.begin(this.party(name, where));
  }

  private async call(
    { method, path, headers, body, status, answer, save }: CallStep,
    where: string,
  ): Promise<void> {
    const given = await this.stage.engine.request(method, path, headers, body);
    const said = JSON.stringify(given.body);
    if (given.status !== status) {
      throw new ScenarioFailure(where, `${method} ${path}: wanted ${status}, was ${given.status} ${said}`);
    }
    const problem = answer === undefined ? undefined : mismatch(answer, given.body);
    if (problem !== undefined) throw new ScenarioFailure(where, `${method} ${path}: ${problem} in ${said}`);
    const transferId = at(given.body, 'transferId');
    if (status === 202 && typeof transferId === 'string') this.stage.places.set('transferId', transferId);
    this.save(save, where, (wanted) => at(given.body, wanted));
  }

  private save(save: Readonly<Record<string, string>>, where: string, look: (from: string) => unknown): void {
    for (const [name, from] of Object.entries(save)) {
      const value = look(from);
      if (value === undefined) throw new ScenarioFailure(where, `there is no ${from} to save as ${name}`);
      this.stage.places.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }

  private party(name: string, where: string): SippParty {
    const party = this.stage.parties.get(name);
    if (party === undefined) throw new ScenarioFailure(where, `there is no party ${name}`);
    return party;
  }
}

function fits(event: EventBody, type: string, wanted: unknown): boolean {
  const given = event['type'] ?? event['event'];
  return (type === '' || given === type) && (wanted === undefined || mismatch(wanted, event) === undefined);
}

/** `data.transferStatus.status` inside a value. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === 'object' && inner !== null
          ? (inner as Readonly<Record<string, unknown>>)[key]
          : undefined,
      value,
    );
}
