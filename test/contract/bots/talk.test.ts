import { describe, expect, it } from 'vitest';
import { Talks } from '../../../src/adapters/bots/talk.js';
import { callId } from '../../../src/domain/ids.js';
import { anEvent } from '../../support/records.js';

const ended = anEvent(2, '1', { type: 'call.ended', data: { by: 'caller', sipCode: null, reason: null } });
const recorded = anEvent(3, '1', {
  type: 'call.recording',
  data: { state: 'stopped', path: '/rec/1.wav', reason: null },
});

describe('talks with bots', () => {
  it('last from the first event of a call to its end, and nothing that follows it begins another', () => {
    const talks = new Talks();
    talks.hear(anEvent(1));
    expect(talks.get(callId('1'))).toBeDefined();
    talks.hear(recorded);
    expect(talks.get(callId('1'))?.memory.caller).not.toBeNull();
    talks.hear(ended);
    talks.hear(recorded);
    expect(talks.get(callId('1'))).toBeUndefined();
  });
});
