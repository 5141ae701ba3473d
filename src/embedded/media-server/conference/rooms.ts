import { randomUUID } from 'node:crypto';
import type { Channel } from '../channel/channel.js';
import type { EventHub } from '../esl/event.js';
import { background, NO_RESPONSE, type Application } from '../apps/application.js';
import { Conference, type ConferenceHost } from './conference.js';
import type { Member } from './member.js';

interface JoinRequest {
  readonly name: string;
  readonly pin: string;
  readonly flags: ReadonlySet<string>;
}

/** `name[@profile][+[pin][+flags{a|b}]]` */
export function readJoin(argument: string): JoinRequest | null {
  const match = /^([^@+\s]+)(?:@[^+\s]*)?(?:\+([^+\s]*))?(?:\+flags\{([^}]*)\})?$/.exec(argument.trim());
  if (match === null) return null;
  const [, name = '', pin = '', flags = ''] = match;
  return { name, pin, flags: new Set(flags.split('|').filter((f) => f !== '')) };
}

/** All conferences, by name. */
export class Rooms implements ConferenceHost {
  private readonly rooms = new Map<string, Conference>();
  private lastMemberId = 0;

  constructor(readonly hub: EventHub) {}

  get(name: string): Conference | undefined {
    return this.rooms.get(name);
  }

  get all(): Iterable<Conference> {
    return this.rooms.values();
  }

  get count(): number {
    return this.rooms.size;
  }

  nextMemberId(): number {
    return ++this.lastMemberId;
  }

  conferenceEmpty(conference: Conference): void {
    if (this.rooms.get(conference.name) === conference) this.rooms.delete(conference.name);
  }

  /** Null when the room does not take this member. */
  enter(channel: Channel, { name, pin, flags }: JoinRequest): Member | null {
    const room = this.rooms.get(name);
    if (room === undefined) {
      if (flags.has('join-only')) return null;
      const created = new Conference(name, randomUUID(), pin, this);
      this.rooms.set(name, created);
      return created.add(channel, flags);
    }
    const full = room.maxMembers > 0 && room.size >= room.maxMembers;
    return room.locked || full ? null : room.add(channel, flags);
  }

  /** FreeSWITCH takes the pin of the request itself, or else the room's, and asks the caller for it. */
  private admits(channel: Channel, { name, pin }: JoinRequest): boolean {
    const wanted = pin === '' ? (this.rooms.get(name)?.pin ?? '') : pin;
    return wanted === '' || channel.variables.get('supplied_pin') === wanted;
  }

  /** The `conference` application: lasts until the channel has left the room it is in then. */
  readonly application: Application = background(async (channel, argument, run) => {
    const request = readJoin(argument);
    if (request !== null && !this.admits(channel, request)) {
      // There is no recorded question to ask for it with: FreeSWITCH without its sounds ends the call here as well.
      void channel.hangUp('DESTINATION_OUT_OF_ORDER');
      return '-ERR';
    }
    const member = request === null ? null : this.enter(channel, request);
    if (member === null) return '-ERR';
    run.onInterrupt = (why) => {
      if (why === 'taken' || why === 'hangup') channel.join(null);
    };
    await this.gone(member);
    return NO_RESPONSE;
  });

  /** A transfer to another room is a new seat, and the application goes on. */
  private async gone(member: Member): Promise<void> {
    await member.left;
    const { partner } = member.channel;
    for (const room of this.rooms.values())
      for (const next of room.members.values()) if (next === partner) await this.gone(next);
  }
}
