import { startAttempt } from '../attempt.js';
import type { Row } from './handler.js';

/** Caller and bot talk; no transfer is pending. */
export const withBot: Row<'withBot'> = {
  commanded: (turn, { plan }) => {
    const targets = plan.targets.map((t) => t.label);
    const { id, sessionId, method, reason, metadata } = plan;
    turn.tell({
      type: 'transfer.requested',
      data: { transferId: id, sessionId, targets, method, reason, metadata },
    });
    startAttempt(turn, { plan, target: 0, attempt: 1, retries: {} });
  },

  botGone: (turn, { q850, reason }) =>
    turn.end('bot', { sipCode: null, q850, text: reason ?? 'the bot hung up' }),
  callerGone: (turn, { q850, reason }) =>
    turn.end('caller', { sipCode: null, q850, text: reason ?? 'the caller hung up' }),
  // One of them has moved and the other will not follow: nobody is left for the caller to hear.
  mediaRefused: (turn, { refusal }) =>
    turn.end('engine', { sipCode: refusal.code, q850: null, text: 'caller and bot could not be connected' }),
  ackTimeout: (turn) => turn.end('engine', { sipCode: 408, q850: null, text: 'no answer in the ACK' }),
  hangupRequested: (turn, { by, reason }) => turn.end(by, { sipCode: null, q850: 16, text: reason }),
  signallingLost: (turn) =>
    turn.end('signalling_lost', { sipCode: null, q850: null, text: 'the SIP server was lost' }),
};
