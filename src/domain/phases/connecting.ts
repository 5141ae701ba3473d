import { SERVER_LOST } from '../leaving.js';
import { codeForCaller } from '../outcome-table.js';
import { hearSound, spoken } from '../waiting.js';
import { answerWith, passProgress } from '../unanswered.js';
import type { Row } from './handler.js';

/** The caller's INVITE is open and the bot is being dialled. */
export const connecting: Row<'connecting'> = {
  botProgress: (turn, { code, reason, sdp }) => passProgress(turn, code, reason, sdp),

  botAnswered: (turn) => {
    turn.stop('setup');
    answerWith(turn, 'caller', 'bot');
    const { consent } = turn.call.setup;
    if (consent !== null) hearSound(turn, 'caller', spoken(consent));
    turn.state = { phase: 'withBot' };
  },

  botRefused: (turn, { refusal }) => {
    const { code, reason } = codeForCaller(refusal);
    turn.end('bot', { sipCode: turn.call.setup.statusMap[String(code)] ?? code, q850: null, text: reason });
  },

  botGone: (turn) => turn.end('bot', { sipCode: 480, q850: null, text: 'Temporarily Unavailable' }),
  setupTimeout: (turn) => turn.end('engine', { sipCode: 480, q850: null, text: 'Temporarily Unavailable' }),
  callerGone: (turn, { q850 }) => turn.end('caller', { sipCode: null, q850, text: 'the caller hung up' }),
  hangupRequested: (turn, { by }) => turn.end(by, { sipCode: 503, q850: null, text: 'Service Unavailable' }),
  mediaLost: (turn) => turn.end('engine', { sipCode: 503, q850: null, text: 'Service Unavailable' }),
  signallingLost: (turn) => turn.end('signalling_lost', SERVER_LOST),
};
