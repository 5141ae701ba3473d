import { describe, expect, it } from 'vitest';
import { agentLeg, callId, eventId, sessionId, transferId } from './ids.js';

const UUID = '0b0e6c8e-0000-4000-8000-000000000000';

describe('ids', () => {
  it('say what they name', () => {
    expect([callId(UUID), transferId(UUID), eventId(UUID), agentLeg(3)]).toEqual([
      `call_${UUID}`,
      `tr_${UUID}`,
      `evt_${UUID}`,
      'agent-3',
    ]);
  });

  it('a session id can be taken apart again, whatever its parts are called', () => {
    expect(sessionId(UUID, 'call_1', 'support-line')).toBe(`agent_transfer:${UUID}:call_1:support-line`);
    const parts = sessionId(UUID, 'a:b%3A', 'x:y').split(':');
    expect(parts).toHaveLength(4);
    expect(parts.slice(2).map(decodeURIComponent)).toEqual(['a:b%3A', 'x:y']);
  });
});
