import { parseNumber, type DialledNumber } from '../../sip/numbers.js';
import { parseSipUriOrAddress, type SipUri } from '../../sip/sip-uri.js';
import { parseTelUri } from '../../sip/tel-uri.js';
import type { CommandTarget } from '../command.js';
import type { Queue, Targets } from '../settings.js';
import type { Knowledge } from './caller.js';
import { each, found, wrong, type Step } from './routed.js';

/** An address no name stands for any more. */
export type Place = { readonly name: string } & (
  | { readonly kind: 'number'; readonly number: DialledNumber }
  /** `text` as it was written, with a scheme. */
  | { readonly kind: 'uri'; readonly uri: SipUri; readonly text: string }
);

/** One target of the plan before anybody knows how to get there. */
export interface Destination {
  /** As the user wrote it. */
  readonly label: string;
  /** Where in the command. */
  readonly path: string;
  /** More than one ring together. */
  readonly places: readonly [Place, ...Place[]];
  readonly postDial: string | null;
  /** A queue's own limit. */
  readonly ringTimeoutMs: number | null;
  /** Another one stands for the same queue: it is tried next, whatever the rules say of the queue. */
  readonly huntsOn: boolean;
  /** A queue's own. */
  readonly music: string | null;
}

/** What a queue adds to the rules of a failed attempt. */
export interface QueueRules {
  readonly label: string;
  /** Node the bot is told when nobody answered. */
  readonly node: string | null;
}

export interface Expansion {
  readonly destinations: readonly Destination[];
  readonly queues: readonly QueueRules[];
}

interface Wanted {
  readonly target: CommandTarget;
  readonly label: string;
  readonly path: string;
  readonly postDial: string | null;
  /** How many names led here; a configuration with a loop does not load, but nothing here depends on that. */
  readonly depth: number;
}

const MAX_DEPTH = 16;

/** Replaces names by what they stand for; the labels stay what the user wrote. */
export function expandTarget(
  targets: Targets,
  next: Knowledge['next'],
  target: CommandTarget,
  path: string,
): Step<Expansion> {
  return new Names(targets, next).expand({
    target,
    label: labelOf(target),
    path: `${path}.${fieldOf(target)}`,
    postDial: target.postDial ?? null,
    depth: 0,
  });
}

/** A target as the user wrote it. */
export function labelOf(target: CommandTarget): string {
  if ('phoneNumber' in target) return target.phoneNumber;
  if ('sipUri' in target) return target.sipUri;
  return 'queue' in target ? target.queue : target.extension;
}

function fieldOf(target: CommandTarget): string {
  if ('phoneNumber' in target) return 'phoneNumber';
  if ('sipUri' in target) return 'sipUri';
  return 'queue' in target ? 'queue' : 'extension';
}

class Names {
  constructor(
    private readonly targets: Targets,
    private readonly next: Knowledge['next'],
  ) {}

  expand(wanted: Wanted): Step<Expansion> {
    const { target } = wanted;
    if (wanted.depth > MAX_DEPTH)
      return wrong('invalid_field', wanted.path, `"${wanted.label}" stands for itself`);
    if ('extension' in target) return this.extension(wanted, target.extension);
    if ('queue' in target) return this.queue(wanted, target.queue);
    const place = placeOf(target, wanted.path, wanted.label);
    return place.ok ? found({ destinations: [destination(wanted, [place.value])], queues: [] }) : place;
  }

  private extension(wanted: Wanted, name: string): Step<Expansion> {
    const target = this.targets.extensions.get(name);
    if (target === undefined) return wrong('invalid_field', wanted.path, `there is no extension "${name}"`);
    const postDial = wanted.postDial ?? target.postDial ?? null;
    return this.expand({ ...wanted, target, postDial, depth: wanted.depth + 1 });
  }

  private queue(wanted: Wanted, name: string): Step<Expansion> {
    const queue = this.targets.queues.get(name);
    if (queue === undefined) return wrong('invalid_field', wanted.path, `there is no queue "${name}"`);
    const members = this.members(wanted, queue);
    if (!members.ok) return members;
    const overflow = this.overflow(wanted, queue);
    if (!overflow.ok) return overflow;
    const destinations = hunting([...members.value, ...overflow.value.destinations]);
    const node = queue.overflow !== null && 'node' in queue.overflow ? queue.overflow.node : null;
    const rules: QueueRules = { label: wanted.label, node };
    return found({ destinations, queues: [rules, ...overflow.value.queues] });
  }

  private members(wanted: Wanted, queue: Queue): Step<readonly Destination[]> {
    const places = each(rotated(queue, this.next), (member) =>
      placeOf({ sipUri: member }, wanted.path, member),
    );
    if (!places.ok) return places;
    const [first, ...rest] = places.value;
    if (first === undefined)
      return wrong('invalid_field', wanted.path, `queue "${queue.name}" has no members`);
    if (queue.strategy === 'ringAll')
      return found([destination(wanted, [first, ...rest], queue.maxWaitMs, queue.music)]);
    const share = Math.floor(queue.maxWaitMs / places.value.length);
    return found(places.value.map((place) => destination(wanted, [place], share, queue.music)));
  }

  private overflow({ path, depth }: Wanted, { overflow }: Queue): Step<Expansion> {
    if (overflow === null || 'node' in overflow) return found({ destinations: [], queues: [] });
    const { target } = overflow;
    const postDial = target.postDial ?? null;
    return this.expand({ target, label: labelOf(target), path, postDial, depth: depth + 1 });
  }
}

const destination = (
  { label, path, postDial }: Wanted,
  places: Destination['places'],
  ringTimeoutMs: number | null = null,
  music: string | null = null,
): Destination => ({ label, path, places, postDial, ringTimeoutMs, huntsOn: false, music });

/** What stands for one queue, in order: after the last one the rules decide. */
const hunting = (destinations: readonly Destination[]): readonly Destination[] =>
  destinations.map((one, i) => ({ ...one, huntsOn: i < destinations.length - 1 }));

function rotated({ name, members, strategy }: Queue, next: Knowledge['next']): readonly string[] {
  if (strategy !== 'roundRobin') return members;
  const first = next(name) % members.length;
  return [...members.slice(first), ...members.slice(0, first)];
}

function placeOf(
  target: { readonly phoneNumber: string } | { readonly sipUri: string },
  path: string,
  name: string,
): Step<Place> {
  if ('phoneNumber' in target) return numberPlace(target.phoneNumber, path, name);
  const text = target.sipUri;
  const tel = parseTelUri(text);
  if (tel !== undefined) return numberPlace(tel.number, path, name);
  const uri = parseSipUriOrAddress(text);
  if (uri === undefined) return wrong('invalid_field', path, `"${text}" is not a SIP URI`);
  const scheme = /^sips?:/i.test(text);
  return found({ kind: 'uri', name, uri, text: scheme ? text : `sip:${text}` });
}

function numberPlace(text: string, path: string, name: string): Step<Place> {
  const number = parseNumber(text);
  return number === undefined
    ? wrong('invalid_field', path, `"${text}" is no phone number`)
    : found({ kind: 'number', name, number });
}
