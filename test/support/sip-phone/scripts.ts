import { PhoneCall, type ResponseOptions } from './call.js';
import type { SipMessage } from './message.js';
import type { Script } from './phone.js';

/** Answers requests of one method with one status, e.g. `respondTo('BYE', 200)`. */
export const respondTo =
  (method: string, status: number, options: ResponseOptions = {}): Script =>
  (message, phone) => {
    if (message.method !== method) return false;
    PhoneCall.incoming(phone, message, {}).respond(message, status, options);
    return true;
  };

/** Answers every new call with 180 and 200, BYE with 200, and swallows the ACK. */
export function autoAnswer(onCall: (call: PhoneCall, invite: SipMessage) => void = () => undefined): Script {
  const calls = new Map<string, PhoneCall>();
  return (message, phone) => {
    if (message.method === 'INVITE') {
      const call = calls.get(message.callId) ?? PhoneCall.incoming(phone, message, {});
      if (!calls.has(message.callId)) {
        calls.set(message.callId, call);
        call.respond(message, 180);
        onCall(call, message);
      }
      call.accept(message);
      return true;
    }
    const call = calls.get(message.callId);
    if (message.method === 'ACK') return call !== undefined;
    if (message.method !== 'BYE' || call === undefined) return false;
    call.respond(message, 200);
    calls.delete(message.callId);
    return true;
  };
}
