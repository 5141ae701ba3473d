import type { Effect } from '../../src/domain/effect.js';
import { readBody, type Shown } from './bodies.js';
import type { Ground } from './ground.js';
import type { Party } from './party.js';
import { must } from './violation.js';

type OnLeg = Exclude<Extract<Effect, { leg: unknown }>, { type: 'bridge' | 'join' | 'play' | 'hush' }>;
type OfMedia = Extract<
  OnLeg,
  { type: 'ring' | 'answer' | 'ack' | 'reoffer' | 'acceptOffer' | 'refuseOffer' }
>;
type OfRefer = Extract<OnLeg, { type: 'refer' | 'acceptRefer' | 'refuseRefer' | 'notifyRefer' | 'info' }>;

/** The engine asks something of a leg: what SIP, and the port, demand of it. */
export function ask(world: Ground, effect: Exclude<OnLeg, { type: 'dial' }>): void {
  const p = world.named(effect.leg);
  must(p !== undefined && !p.gone, `${effect.type} for a leg that is gone (${effect.leg})`);
  const free = p.asked === 'nothing';
  switch (effect.type) {
    case 'reject':
      must(p.inbound && !p.answered && free, 'a caller is rejected before it is answered, once');
      must(effect.code >= 400 && effect.code < 700, 'a rejection is a failure');
      p.asked = 'reject';
      return;
    case 'cancel':
      must(!p.inbound && !p.answered && free, 'only an unanswered INVITE of ours is cancelled, once');
      p.asked = 'cancel';
      return;
    case 'bye':
      return bye(world, p);
    case 'ring':
    case 'answer':
    case 'ack':
    case 'reoffer':
    case 'acceptOffer':
    case 'refuseOffer':
      return world.desk === null ? describe(world, p, effect) : describeAnchored(p, effect);
    default:
      askReferral(world, p, effect);
  }
}

/** What has a session description. */
function describe(world: Ground, p: Party, effect: OfMedia): void {
  const free = p.asked === 'nothing';
  switch (effect.type) {
    case 'ring':
      must(p.inbound && !p.answered && free, 'ring is for a caller not yet answered');
      if (effect.sdp !== null) firstAnswer(world, p, effect.sdp);
      return;
    case 'answer':
      must(p.inbound && !p.answered && free, 'a caller is answered once');
      firstAnswer(world, p, effect.sdp);
      return answer(p, send(world, p, effect.sdp, null));
    case 'ack':
      must(p.answered && p.awaitsAck && free, 'an ACK with a body answers an offer in a 2xx, once');
      p.awaitsAck = false;
      p.ours = send(world, p, effect.sdp, p.streams);
      return;
    case 'reoffer':
      return reoffer(world, p, effect.sdp);
    case 'acceptOffer':
    case 'refuseOffer':
      return answerOffer(world, p, effect);
  }
}

/** A late offer of an endpoint of ours: what is in it is between the endpoint and the phone. */
const ITS_OWN: Shown = {
  ...{ text: '', sessionId: 0, version: 0, party: -1, move: 0, dir: 0, streams: 1, videoOn: false },
};

/** Descriptions are the endpoint's business: the call asks for them, and never has any. */
function describeAnchored(p: Party, effect: OfMedia): void {
  must(effect.type === 'ring' || effect.type === 'answer', 'an endpoint answers for itself');
  must(p.inbound && !p.answered && p.asked === 'nothing', `${effect.type} is for a caller not yet answered`);
  must(effect.sdp === null || effect.sdp === '', "a description is the endpoint's own");
  if (effect.type === 'ring')
    return must(effect.sdp === null || p.theirs !== null, 'early media answers an offer');
  p.answered = true;
  if (p.phase !== 'over') p.phase = 'up';
  if (p.theirs === null) p.owesAck = ITS_OWN;
}

export function dial(world: Ground, effect: Extract<Effect, { type: 'dial' }>): void {
  const party = world.newcomer(effect.leg, false);
  must(effect.sdp === null || world.desk === null, 'an endpoint makes its own offer');
  if (effect.sdp !== null) send(world, party, effect.sdp, null);
  if (party.id === 'bot') return;
  must(world.attempting('invite')?.attempt === 'started', 'a target is dialled as an attempt by INVITE');
  world.called.push(party);
}

/** A caller takes the first body it is sent as the answer and no other after it (RFC 3261 13.2.1). */
function firstAnswer(world: Ground, p: Party, sdp: string): void {
  must(p.current === null || p.current === sdp, 'early media and the 200 carry one and the same answer');
  send(world, p, sdp, null);
}

function answer(p: Party, sent: Shown): void {
  p.answered = true;
  if (p.phase !== 'over') p.phase = 'up';
  if (p.theirs === null) p.owesAck = sent;
  else {
    must(sent.streams === p.streams, 'an answer has the streams of its offer');
    p.ours = sent;
  }
}

function bye(world: Ground, p: Party): void {
  const { event, story } = world;
  const late = p.asked === 'cancel' && event?.type === 'answered' && event.leg === p.id;
  must((p.answered && p.asked === 'nothing') || late, `BYE ends a dialog, once (${p.id})`);
  must(p.own === null || !p.own.seen, 'a re-INVITE is answered before the BYE (RFC 3261 15.1.2)');
  const letGo = event?.type === 'timerFired' && [`leave:${p.id}`, `ack:${p.id}`].includes(event.timer);
  // Nobody can hear it any more.
  const lost = event?.type === 'mediaLost' && world.from === p;
  const home = p === world.home && !p.dead && !p.letGo && !letGo && !lost;
  must(!home || story.underWay === undefined, 'home is kept until bridged or the verdict');
  must(
    p.dead || p.letGo || lost || !world.refers.owes(p),
    'whoever asked by REFER is told how it ended before its BYE',
  );
  p.asked = 'bye';
  if (p === world.caller && world.attempting('bye') !== null) story.handedBack = 'asked';
}

function reoffer(world: Ground, p: Party, sdp: string): void {
  must(p.answered && p.asked === 'nothing', 're-INVITE inside a dialog only');
  must(p.reoffer === null || p.phase === 'over', 'one open offer of ours per dialog');
  must(!p.reofferUnread, 'one open offer of ours per dialog, until its answer is read');
  must(p.own === null || !p.own.seen, 'no offer of ours while theirs waits for an answer');
  must(p.owesAck === null && !p.awaitsAck, 'no offer of ours before the ACK of the last one');
  p.before = p.current;
  const sent = send(world, p, sdp, null);
  must(sent.streams >= p.streams, 'streams are never removed (RFC 3264 8)');
  const { event } = world;
  p.relayed = event?.type === 'offer' && event.leg !== p.id && world.offerAnswered !== event.offerId;
  p.reofferUnread = true;
  if (p.phase !== 'over') p.reoffer = sent;
}

function answerOffer(
  world: Ground,
  p: Party,
  effect: Extract<Effect, { type: 'acceptOffer' | 'refuseOffer' }>,
): void {
  const open = p.own?.seen === true && p.own.id === effect.offerId;
  world.offerAnswered = effect.offerId;
  must(open || p.phase === 'over', 'an offer is answered once, after it was made');
  if (effect.type === 'refuseOffer') {
    if (open) p.own = null;
    return;
  }
  must(p.asked === 'nothing', 'no offer is accepted on a leg let go');
  const sent = send(world, p, effect.sdp, null);
  if (p.own === null) return;
  must(p.own.body === null || sent.streams === p.own.streams, 'an answer has the streams of its offer');
  must(p.own.body !== null || sent.streams >= p.streams, 'streams are never removed (RFC 3264 8)');
  p.accepted(sent);
}

function askReferral(world: Ground, p: Party, effect: OfRefer): void {
  must(p.answered && p.asked === 'nothing', `${effect.type} inside a dialog only`);
  switch (effect.type) {
    case 'refer': {
      must(p === world.caller, "REFER goes to the caller's network");
      must(world.attempting('refer')?.attempt === 'started', 'REFER is sent as an attempt');
      const last = p.referrals.at(-1);
      must(last === undefined || last.id < effect.referral, 'every REFER has a number of its own');
      p.referrals.push({ id: effect.referral, answered: false, over: false });
      return;
    }
    case 'acceptRefer':
      return world.refers.accept(p, effect.referId);
    case 'refuseRefer':
      return world.refers.refuse(p, effect.referId, effect.code);
    case 'notifyRefer':
      return world.refers.notify(p, effect.referId, effect.code, effect.final, world.story);
    case 'info':
      must(world.event?.type === 'info' && world.from !== p, 'INFO is carried from one party to another');
      must(!world.leaves(p), 'INFO is carried between those who talk');
  }
}

/** Checks a body of ours against the ones before it on this leg (RFC 3264 8, RFC 4566 5.2). */
export function send(world: Ground, p: Party, text: string, streams: number | null): Shown {
  const shown = readBody(text);
  must(typeof shown !== 'string', `a body of ours is whole (${p.id}: ${text})`);
  if (p.current === null) p.sessionId = shown.sessionId;
  must(shown.sessionId === p.sessionId, 'one o= session id per leg');
  for (const other of world.parties)
    must(other === p || other.sessionId !== shown.sessionId, 'no two legs share an o= session id');
  if (text !== p.current) {
    must(shown.version === p.version + 1, 'a changed body has the next o= version');
    p.version = shown.version;
  }
  if (streams !== null) must(shown.streams === streams, 'an answer has the streams of its offer');
  p.current = text;
  return shown;
}
