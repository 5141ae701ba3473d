import type { SipStatus } from '../effect.js';
import { SERVER_LOST } from '../leaving.js';
import { codeForCaller } from '../outcome-table.js';
import { tellConsent } from '../waiting.js';
import { answerWith, passProgress, turnAway } from '../unanswered.js';
import type { Row } from './handler.js';

/** The caller's INVITE is open and the bot is being dialled. */
export const connecting: Row<'connecting'> = {
  botProgress: (turn, { code, reason, sdp }) => passProgress(turn, code, reason, sdp),

  botAnswered: (turn) => {
    turn.stop('setup');
    answerWith(turn, 'caller', 'bot');
    tellConsent(turn);
    turn.state = { phase: 'withBot' };
  },

  botRefused: (turn, { refusal }) => turnAway(turn, 'bot', codeForCaller(refusal)),
  botGone: (turn) => turnAway(turn, 'bot', UNAVAILABLE),
  setupTimeout: (turn) => turnAway(turn, 'engine', UNAVAILABLE),
  callerGone: (turn, { q850 }) => turn.end('caller', { sipCode: null, q850, text: 'the caller hung up' }),
  hangupRequested: (turn, { by }) => turnAway(turn, by, OUT_OF_SERVICE),
  mediaLost: (turn) => turnAway(turn, 'engine', OUT_OF_SERVICE),
  signallingLost: (turn) => turn.end('signalling_lost', SERVER_LOST),
};

const UNAVAILABLE: SipStatus = { code: 480, reason: 'Temporarily Unavailable' };
const OUT_OF_SERVICE: SipStatus = { code: 503, reason: 'Service Unavailable' };
