import { randomBytes } from 'node:crypto';
import type { Log } from '../ports/log.js';
import { startServerProcess } from './server-process.js';

/** Where the embedded media server is and what it takes to talk to it. */
export interface MediaServerProcess {
  /** Of its event socket. */
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly profile: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface MediaServerArgs {
  /** IPv4 address its SIP and RTP are bound to. */
  readonly host: string;
  /** Written into SDP in place of a wildcard `host`. */
  readonly advertise: string | null;
  readonly rtpPorts: { readonly from: number; readonly to: number };
  /** Where its calls may come from: the SIP server. */
  readonly allow: readonly string[];
  readonly log: Log;
}

interface Ready {
  readonly sip: string;
  readonly esl: string;
}

const PROFILE = 'drachtio_mrf';
/** Servers are chosen by it; the usual 20 s are for machines with other things to do. */
const HEARTBEAT_MS = 2000;

/** Starts the embedded media server as a process of its own and keeps it running. */
export async function startMediaServerProcess(args: MediaServerArgs): Promise<MediaServerProcess> {
  const { host, advertise, rtpPorts, allow, log } = args;
  const secret = randomBytes(24).toString('base64url');
  const program = {
    what: 'the embedded media server',
    folder: 'media-server',
    nodeFlags: [],
    env: { SWITCHHOOK_MEDIAD_SECRET: secret },
    args: (before: Ready | null) => [
      ...['--sip', before?.sip ?? `${host}:0`],
      // Whoever speaks there can run calls: nobody but us needs to.
      ...['--esl', before?.esl ?? '127.0.0.1:0'],
      ...['--rtp-ports', `${rtpPorts.from}-${rtpPorts.to}`],
      ...['--profile', PROFILE, '--heartbeat', String(HEARTBEAT_MS)],
      ...(advertise === null ? [] : ['--advertise', advertise]),
      ...allow.flatMap((block) => ['--allow', block]),
    ],
  };
  const process = await startServerProcess<Ready>(program, log);
  const [eslHost = '', port = '0'] = process.ready.esl.split(':');
  return {
    ...{ host: eslHost, port: Number(port), secret, profile: PROFILE },
    pid: process.pid,
    stop: () => process.stop(),
  };
}
