import { answerDirections, checkSdp, present } from '../../sip/sdp.js';
import { codeForCaller } from '../outcome-table.js';
import { STABLE } from '../leg.js';
import { T } from '../timing.js';
import type { Turn } from '../turn.js';
import type { Row } from './handler.js';

/** The caller's INVITE is open and the bot is being dialled. */
export const connecting: Row<'connecting'> = {
  botProgress: (turn, { code, reason, sdp }) => {
    const caller = turn.media('caller');
    // Early media only as the answer to the caller's own offer: an unreliable 18x cannot carry one (RFC 3261 13.2.1).
    const usable = sdp !== null && caller?.remote != null && checkSdp(sdp) === null;
    if (usable) turn.setMedia('caller', { local: present(caller.local, sdp, caller.remote, true) });
    turn.effect({
      type: 'ring',
      leg: 'caller',
      code,
      reason,
      sdp: usable ? (turn.media('caller')?.local.body ?? null) : null,
    });
  },

  botAnswered: (turn) => {
    turn.stop('setup');
    answerCaller(turn);
    turn.state = { phase: 'withBot' };
  },

  botRefused: (turn, { refusal }) => {
    const { code, reason } = codeForCaller(refusal);
    turn.end('bot', { sipCode: code, q850: null, text: reason });
  },

  botGone: (turn) => turn.end('bot', { sipCode: 480, q850: null, text: 'Temporarily Unavailable' }),
  setupTimeout: (turn) => turn.end('engine', { sipCode: 480, q850: null, text: 'Temporarily Unavailable' }),
  callerGone: (turn, { q850 }) => turn.end('caller', { sipCode: null, q850, text: 'the caller hung up' }),
  hangupRequested: (turn, { by }) => turn.end(by, { sipCode: 503, q850: null, text: 'Service Unavailable' }),
  signallingLost: (turn) =>
    turn.end('signalling_lost', { sipCode: null, q850: null, text: 'the SIP server was lost' }),
};

/** 200 to the caller with the bot's answer, or, when the caller left the offer to us, with the bot's offer. */
function answerCaller(turn: Turn): void {
  const leg = turn.legs.get('caller');
  const bot = turn.up('bot');
  if (leg?.phase !== 'offered' || bot?.remote == null) return;
  const offer = leg.media.remote;
  const late = offer === null;
  const answer = late ? bot.remote : answerDirections(bot.remote, offer);
  const local = present(leg.media.local, answer, offer, !late);
  const negotiation = late ? ({ state: 'ackAwaited' } as const) : STABLE;
  turn.legs.set('caller', {
    phase: 'up',
    media: { ...leg.media, local, shown: bot.remoteKey, negotiation },
  });
  if (late) turn.start('ack:caller', T.ackMs);
  turn.effect({ type: 'answer', leg: 'caller', sdp: local.body ?? '' });
}
