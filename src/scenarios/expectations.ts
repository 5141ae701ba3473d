import type { EventBody } from './event-receiver.js';
import { ScenarioFailure } from './failure.js';
import { fitsText, isPattern, mismatch, patternOf } from './match.js';
import type { Expectation, ExpectedCount, ExpectedEvent, ExpectedMessage } from './scenario-schema.js';
import { headerOf, type SipMessage } from './sipp-log.js';

const nameOf = (event: EventBody): string => String(event['type'] ?? event['event']);

/** All events in order, none missing, none besides except those the scenario names in `otherEvents`. */
export function checkEvents(
  { events: wanted, otherEvents }: Pick<Expectation, 'events' | 'otherEvents'>,
  given: readonly EventBody[],
): ScenarioFailure[] {
  const all = given.map(nameOf).join(', ');
  const left = [...given];
  for (const [index, expected] of wanted.entries()) {
    const where = `expect.events[${index}]`;
    let event = left.shift();
    while (event !== undefined && otherEvents.includes(nameOf(event)) && !isIt(expected, event))
      event = left.shift();
    const problem = event === undefined ? 'there are no more events' : eventProblem(expected, event);
    if (problem !== undefined) return [new ScenarioFailure(where, `${problem}; events were: ${all}`)];
  }
  const [extra] = left.filter((event) => !otherEvents.includes(nameOf(event)));
  if (extra === undefined) return [];
  return [new ScenarioFailure('expect.events', `one more event than expected: ${JSON.stringify(extra)}`)];
}

const isIt = (expected: ExpectedEvent, event: EventBody): boolean =>
  eventProblem(expected, event) === undefined;

function eventProblem(expected: ExpectedEvent, event: EventBody): string | undefined {
  if (typeof expected === 'string') return mismatch(expected, nameOf(event));
  if (!('exact' in expected)) return mismatch(expected, event);
  const [wanted, given] = [JSON.stringify(expected.exact), JSON.stringify(event)];
  return wanted === given ? undefined : `wanted exactly ${wanted}, was ${given}`;
}

/** Events of one call are numbered 1, 2, 3 ... without a gap (native dialect). */
export function checkNumbers(events: readonly EventBody[]): ScenarioFailure[] {
  const next = new Map<unknown, number>();
  for (const event of events.filter((e) => 'seq' in e)) {
    const wanted = next.get(event['callId']) ?? 1;
    if (event['seq'] !== wanted) {
      return [
        new ScenarioFailure('events', `seq of ${nameOf(event)} is ${String(event['seq'])}, not ${wanted}`),
      ];
    }
    next.set(event['callId'], wanted + 1);
  }
  return [];
}

export function checkCount(
  { message, direction, times }: ExpectedCount,
  log: readonly SipMessage[],
): string | undefined {
  const seen = log.filter((m) => m.name === message && m.direction === direction).length;
  return seen === times ? undefined : `${message} ${direction} ${seen} times, not ${times}`;
}

/** Headers, Request-URI and body of one message at one party. */
export function checkMessage(wanted: ExpectedMessage, log: readonly SipMessage[]): string | undefined {
  const { message, direction, nth } = wanted;
  const found = log.filter((m) => m.name === message && m.direction === direction).at(nth - 1);
  if (found === undefined) return `${message} number ${nth} was not ${direction}`;
  const problem =
    uriProblem(wanted, found) ??
    headerProblem(wanted, found) ??
    absentProblem(wanted, found) ??
    bodyProblem(wanted, found);
  return problem === undefined ? undefined : `${problem} in\n${found.text}`;
}

function uriProblem({ uri }: ExpectedMessage, { startLine }: SipMessage): string | undefined {
  const given = startLine.split(' ')[1] ?? '';
  return uri === undefined || fitsText(uri, given) ? undefined : `Request-URI is ${given}, not ${uri}`;
}

function headerProblem(wanted: ExpectedMessage, found: SipMessage): string | undefined {
  for (const [name, value] of Object.entries(wanted.headers)) {
    const exact = found.headers.find(([given]) => given === name)?.[1];
    const given = wanted.case === 'exact' ? exact : headerOf(found, name);
    if (given === undefined) return `there is no header ${name}`;
    if (!fitsText(value, given)) return `${name} is "${given}", not "${value}"`;
  }
  return undefined;
}

function absentProblem({ absent }: ExpectedMessage, found: SipMessage): string | undefined {
  const there = absent.find((name) => headerOf(found, name) !== undefined);
  return there === undefined ? undefined : `there is a header ${there}`;
}

function bodyProblem({ body, bodyAbsent }: ExpectedMessage, found: SipMessage): string | undefined {
  const lines = found.body.split('\n');
  const has = (text: string): boolean =>
    isPattern(text) ? patternOf(text).test(found.body) : lines.includes(text);
  const missing = body.find((text) => !has(text));
  if (missing !== undefined) return `the body has no ${missing}`;
  const unwanted = bodyAbsent.find(has);
  return unwanted === undefined ? undefined : `the body has ${unwanted}`;
}
