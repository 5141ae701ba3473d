import type { CallSetup } from '../../src/domain/call.js';
import { asCallId } from '../../src/domain/ids.js';
import type { Leg } from '../../src/domain/leg.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { openRouted, step } from '../../src/domain/step.js';
import { BOTH, bodyOf, readBody, VIDEO_NONE, type Shown } from './bodies.js';
import type { Party } from './party.js';
import { SETUP } from './plans.js';
import { must } from './violation.js';

/** What an agent says about itself in the other call; nobody here has this index. */
const ELSEWHERE = 400;

/**
 * Another call of ours, in which `party` was called by whoever now wants it here: run by the real domain up to the
 * moment of the REFER, so that the leg it hands over is one the domain itself has made.
 */
export function consult(party: Party, plan: TransferPlan, answered: boolean): Leg {
  const media = party.anchored ? 'anchored' : 'direct';
  const setup: CallSetup = { ...SETUP, media, bot: null, sdpSeed: 5000 + 100 * party.index };
  let { next, effects } = openRouted(asCallId('call_2'), setup, bodyOf(ELSEWHERE, 0, BOTH, VIDEO_NONE), {
    ...plan,
    sounds: null,
  });
  const dialled = effects.find((e) => e.type === 'dial');
  must(dialled?.type === 'dial', 'a consultation is dialled');
  const offer = party.anchored ? null : offered(party, dialled.sdp);
  if (answered) {
    party.answer(offer);
    party.answered = true;
    const said = party.queue.shift();
    must(said !== undefined, 'an answer is said');
    ({ next, effects } = step(next, { ...said, leg: dialled.leg } as typeof said));
    must(!effects.some((e) => 'leg' in e && e.leg === dialled.leg), 'a consultation stands with its answer');
  }
  const leg = next.legs.get(dialled.leg);
  must(leg !== undefined, 'a consultation has a leg');
  return leg;
}

function offered(party: Party, sdp: string | null): Shown {
  must(sdp !== null, 'a consultation is dialled with an offer');
  const offer = readBody(sdp);
  must(typeof offer !== 'string', 'a body of ours is whole');
  party.current = offer.text;
  party.sessionId = offer.sessionId;
  party.version = offer.version;
  return offer;
}
