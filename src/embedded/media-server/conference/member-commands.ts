import type { Conference } from './conference.js';
import type { Member } from './member.js';

type MemberVerb = (member: Member) => { action: string; said: string };

const setMuted = (member: Member, muted: boolean): { action: string; said: string } => {
  member.muted = muted;
  return { action: muted ? 'mute-member' : 'unmute-member', said: muted ? 'mute' : 'unmute' };
};

/** What can be done to members one by one. */
const VERBS: Readonly<Record<string, MemberVerb>> = {
  mute: (member) => setMuted(member, true),
  unmute: (member) => setMuted(member, false),
  tmute: (member) => setMuted(member, !member.muted),
  deaf: (member) => {
    member.deaf = true;
    return { action: 'deaf-member', said: 'deaf' };
  },
  undeaf: (member) => {
    member.deaf = false;
    return { action: 'undeaf-member', said: 'undeaf' };
  },
  kick: () => ({ action: 'kick-member', said: 'kicked' }),
  hup: () => ({ action: 'hup-member', said: 'hup' }),
};

/** A member by number, `last`, `all`, or `non_moderator`. */
export function membersNamed(room: Conference, who: string): Member[] {
  const all = [...room.members.values()];
  if (who === 'all') return all;
  if (who === 'non_moderator') return all.filter((m) => !m.has('moderator'));
  if (who === 'last') return all.slice(-1);
  return all.filter((m) => String(m.id) === who);
}

/** Null when there is no such verb. */
export function memberCommand(room: Conference, verb: string, who: string): string | null {
  const apply = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (apply === undefined) return null;
  const members = membersNamed(room, who);
  if (members.length === 0) return `-ERR Member: ${who} not found.\n`;
  return members
    .map((member) => {
      const { action, said } = apply(member);
      room.announce(action, member);
      if (verb === 'kick') member.channel.join(null);
      if (verb === 'hup') void member.channel.hangUp('NORMAL_CLEARING');
      return `+OK ${said} ${member.id}\n`;
    })
    .join('');
}
