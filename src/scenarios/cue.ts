import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { CUE_BRANCH } from './sipp-log.js';

export interface CueTarget {
  readonly address: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly callId: string;
  /** What the XML reads from the header `X-Cue`: a Refer-To, a status; `undefined` = nothing. */
  readonly carries: string | undefined;
}

/**
 * Tells a SIPp process to go on (to answer, to hang up) at a moment of the scenario's choice: a request with a method
 * of its own inside the call, for which the XML waits. Nothing depends on how fast a machine is.
 */
export async function sendCue(method: string, target: CueTarget): Promise<void> {
  const text = [
    `${method} sip:cue SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;branch=${CUE_BRANCH}`,
    // Never the same twice: SIPp would take the second cue for the first one repeated.
    `From: <sip:cue@invalid>;tag=${randomBytes(6).toString('hex')}`,
    'To: <sip:cue@invalid>',
    `Call-ID: ${target.callId}`,
    `CSeq: 1 ${method}`,
    ...(target.carries === undefined ? [] : [`X-Cue: ${target.carries}`]),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  await (target.transport === 'udp' ? overUdp(text, target) : overTcp(text, target));
}

function overUdp(text: string, { address, port }: CueTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.send(text, port, address, (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}

/** SIPp takes connections also where it calls. */
function overTcp(text: string, { address, port }: CueTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    socket.once('error', reject);
    socket.end(text, () => resolve());
    socket.resume();
  });
}
