import type { Bench } from '../../support/contract-bench.js';

/**
 * Where the real drachtio-server does something else than RFC 3261 and the embedded one does not follow. The
 * tests assert both behaviours: the day the real server is repaired, they say so.
 */
export const KNOWN_BUGS = {
  cancelByLeg:
    '#480: a CANCEL whose branch is unknown but whose leg is known gets 481 and ends the call: BYE, and 500 to the INVITE',
  ringingReinvite:
    '#151, #350: a 1xx to an in-dialog request destroys the client transaction; its final response is lost',
  secondFork:
    'RFC 3261 13.2.2.4: the 200 of a second branch is taken for a retransmission, never ACKed nor BYEd',
  noFinalAfterCancel:
    'a cancelled INVITE without a final response ends with 408 after 32 s or is never reported, not with 487 (RFC 3261 9.1)',
  notifyWithoutEvent:
    '#432: NOTIFY with Subscription-State: terminated and no Event makes it forget whose INVITE dialog it is',
  byeEndsAnyway:
    'RFC 3261 15.1.2: a BYE from the network ends the dialog in the server, also when the application refuses it',
  removeRoute: 'remove_route removes every route of the connection, not the one named',
  bareProxy: 'a proxy given as host:port, as srf documents it, is NOK: "Error creating sip transaction"',
  targetRefresh:
    'RFC 3261 12.2.2: Contact of a re-INVITE or UPDATE from the network does not move the remote target',
  reinvite200Once:
    'RFC 3261 13.3.1.4: the 200 to a re-INVITE from the network is not repeated when its ACK is lost',
  reinviteAckOnce:
    'RFC 3261 13.2.2.4: a repeated 200 to our own re-INVITE is not answered with the ACK again',
  strayInDialog:
    'RFC 3261 12.2.2: a request with an unknown To-tag is routed like a new one (here: 503), not 481',
  udp6: 'listening on UDP over IPv4 and IPv6, requests to IPv6 leave by the IPv4 socket (EAFNOSUPPORT) and end in 503',
  gluedKeepAlive:
    'RFC 5626 4.4.1: CRLF CRLF in the same segment behind a message is a bad message; the connection is closed',
  noHeir:
    'what the far end says in a dialog whose application is gone gets 481, whoever else is connected: the server looks for another one by a name no application can give itself',
  ringsWithoutApplication:
    'a call which rings when its application goes away rings on, until somebody answers it by its transaction id',
  largeTcpMessage: 'a message of more than about 8.5 kB over TCP is refused with 400 (found by experiment)',
} as const;

export type KnownBug = keyof typeof KNOWN_BUGS;

/** True when the server under test has this bug. */
export const knownBug = (bench: Bench, bug: KnownBug): boolean => bench.real && bug in KNOWN_BUGS;
