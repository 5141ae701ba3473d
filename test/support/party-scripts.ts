import { PhoneCall, sdp, type Script, type SdpOptions, type SipMessage } from './sip-phone/index.js';

/** The answer's direction to what an offer says (RFC 3264 6.1). */
function answering(offer: string): SdpOptions['direction'] {
  if (offer.includes('a=inactive')) return 'inactive';
  if (offer.includes('a=sendonly')) return 'recvonly';
  return offer.includes('a=recvonly') ? 'sendonly' : 'sendrecv';
}

const isReInvite = (message: SipMessage): boolean =>
  message.method === 'INVITE' && message.need('to').includes('tag=');

/** Accepts every re-INVITE with one steady SDP, swallows ACKs. */
export function acceptReInvites(port: number): Script {
  let version = 1;
  return (message, phone) => {
    if (message.method === 'ACK') return true;
    if (!isReInvite(message)) return false;
    version += 1;
    const body = sdp({
      host: phone.address.host,
      port,
      user: phone.user,
      version,
      direction: answering(message.body) ?? 'sendrecv',
    });
    PhoneCall.incoming(phone, message, {}).respond(message, 200, { body });
    return true;
  };
}

/** Answers every new INVITE at once with 200. */
export function acceptInvites(port: number): Script {
  return (message, phone) => {
    if (message.method !== 'INVITE' || isReInvite(message)) return false;
    PhoneCall.incoming(phone, message, { localTag: `tag-${message.callId}` }).respond(message, 200, {
      body: sdp({ host: phone.address.host, port, user: phone.user }),
    });
    return true;
  };
}
