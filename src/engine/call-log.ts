import { pendingTransfer, type Call } from '../domain/call.js';
import type { Log } from '../ports/log.js';

/** A log whose every line names the call, and the transfer that is under way, if one is. */
export function callLog(log: Log, call: () => Call): Log {
  const named = (fields: object): object => {
    const transfer = pendingTransfer(call());
    return { callId: call().id, ...(transfer !== null && { transferId: transfer.plan.id }), ...fields };
  };
  return {
    debug: (fields, message) => log.debug(named(fields), message),
    info: (fields, message) => log.info(named(fields), message),
    warn: (fields, message) => log.warn(named(fields), message),
    error: (fields, message) => log.error(named(fields), message),
  };
}
