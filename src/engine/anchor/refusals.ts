import type { Refusal } from '../../domain/outcome.js';

/** A target that was not dialled, for there is no endpoint for it. */
export const REFUSED: Refusal = {
  ...{ code: 503, reason: 'No media server', q850: null },
  ...{ retryAfterMs: null, by: 'local' },
};

/** A target that was given up before it was dialled. */
export const WITHDRAWN: Refusal = { ...REFUSED, code: 487, reason: 'Request Terminated' };

/** There is no dialog to tell it in; UPDATE (RFC 3311) is not understood everywhere. */
export const RINGS = 'a leg that rings cannot be told of another endpoint';
