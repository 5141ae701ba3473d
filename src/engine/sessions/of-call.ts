import type { CallId } from '../../domain/ids.js';
import type { CallRunner } from '../call-runner.js';
import type { LiveCall } from '../registry.js';
import type { CallOpening } from './call-account.js';
import type { LastLook } from './call-records.js';

/** A call as its records begin. */
export const openingOf = (
  callId: CallId,
  { channel, caller, trunk }: Pick<LiveCall, 'channel' | 'caller' | 'trunk'>,
): Omit<CallOpening, 'startedAt'> => ({
  ...{ callId, channel: channel.id, trunk, from: caller.user, to: caller.dialled },
  toBot: channel.answer.by === 'bot' || channel.answer.by === 'script',
});

/** A call as its records end. */
export const lastLookOf = ({ legs, ladder }: CallRunner): LastLook => ({
  ladder,
  legs: legs.all().map(({ column, trunk, port }) => ({ leg: column, trunk, sipCallId: port.sipCallId })),
});
