import { MERGED, SERVER_LOST } from '../leaving.js';
import { takeRefer } from '../take-refer.js';
import type { Home } from '../call.js';
import type { Turn } from '../turn.js';
import type { Row } from './handler.js';

/** Caller and bot talk; no transfer is pending. */
export const withBot: Row<'withBot'> = {
  commanded: (turn, fact) => takeRefer(turn, fact, botHome(turn)),
  referred: (turn, fact) => takeRefer(turn, fact, botHome(turn)),
  brought: (turn, fact) => takeRefer(turn, fact, botHome(turn)),

  /** It has heard what it must hear before it is recorded. */
  played: (turn, { leg, ok }) => {
    if (leg !== 'caller') return;
    turn.consent = ok ? 'heard' : 'missed';
    if (!ok) turn.tell({ type: 'call.warning', data: { problem: 'not_played', detail: NO_CONSENT } });
    turn.connect('caller', 'bot');
  },

  botGone: (turn, { q850, reason }) =>
    turn.end('bot', { sipCode: null, q850, text: reason ?? 'the bot hung up' }),
  callerGone: (turn, { q850, reason }) =>
    turn.end('caller', { sipCode: null, q850, text: reason ?? 'the caller hung up' }),
  legTaken: (turn) => turn.end('transfer', MERGED),
  // One of them has moved and the other will not follow: nobody is left for the caller to hear.
  mediaRefused: (turn, { refusal }) =>
    turn.end('engine', { sipCode: refusal.code, q850: null, text: 'caller and bot could not be connected' }),
  ackTimeout: (turn) => turn.end('engine', { sipCode: 408, q850: null, text: 'no answer in the ACK' }),
  hangupRequested: (turn, { by, reason }) => turn.end(by, { sipCode: null, q850: 16, text: reason }),
  mediaLost: (turn, { reason }) => turn.end('engine', { sipCode: 503, q850: null, text: reason }),
  signallingLost: (turn) => turn.end('signalling_lost', SERVER_LOST),
};

const NO_CONSENT = 'what callers are told before they are recorded could not be played; nothing is recorded';

const botHome = ({ script }: Turn): Home => ({ with: script === null ? 'bot' : 'script' });
