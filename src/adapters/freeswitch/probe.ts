import { connect, type Socket } from 'node:net';
import { MediaError } from '../../ports/media.js';
import type { FreeswitchServer } from './options.js';

/**
 * Logs in at a media server and looks for its SIP profile. fsmrf does the same, but a wrong secret it does not notice,
 * a server that is not there it tries for ever, and a missing profile it throws where nobody can catch it: so this
 * goes before.
 *
 * @throws MediaError `unavailable` (not there, or not speaking), `refused` (secret, access list, no such profile)
 */
export async function probe(server: FreeswitchServer): Promise<void> {
  const socket = connect(server.port, server.address);
  try {
    const frames = readFrames(socket);
    const greeting = await next(frames, server);
    if (greeting.type !== 'auth/request') throw refused(server, `says ${greeting.type || 'nothing known'}`);
    socket.write(`auth ${server.secret}\n\n`);
    const login = await next(frames, server);
    // fsmrf compares the reply word for word.
    if (login.reply !== '+OK accepted') throw refused(server, 'refuses the secret');
    socket.write('api sofia status\n\n');
    const { body } = await next(frames, server);
    if (!hasProfile(body, server.profile)) throw refused(server, `has no SIP profile "${server.profile}"`);
  } finally {
    socket.destroy();
  }
}

const refused = ({ name }: FreeswitchServer, problem: string): MediaError =>
  new MediaError('refused', `media server ${name} ${problem}`);

/** The line fsmrf looks for: IPv4, and the user `mod_sofia`. */
const hasProfile = (status: string, profile: string): boolean =>
  status
    .split('\n')
    .some(
      (line) =>
        line.trim().split(/\s/)[0] === profile && /sip:mod_sofia@(?:\d{1,3}\.){3}\d{1,3}:\d+/.test(line),
    );

interface Frame {
  readonly type: string;
  readonly reply: string;
  readonly body: string;
}

async function next(frames: AsyncIterator<Frame, undefined>, { name }: FreeswitchServer): Promise<Frame> {
  try {
    const { value } = await frames.next();
    if (value !== undefined) return value;
  } catch (error) {
    throw new MediaError('unavailable', `media server ${name}: ${(error as Error).message}`);
  }
  throw new MediaError('unavailable', `media server ${name} closed the connection`);
}

/** Header lines, an empty line, and as many bytes as Content-Length says. */
async function* readFrames(socket: Socket): AsyncGenerator<Frame, undefined> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let cut = cutFrame(bytes); cut !== null; cut = cutFrame(bytes)) {
      yield cut.frame;
      bytes = bytes.subarray(cut.length);
    }
  }
}

function cutFrame(bytes: Buffer): { frame: Frame; length: number } | null {
  const end = bytes.indexOf('\n\n');
  if (end < 0) return null;
  const head = bytes.toString('utf8', 0, end);
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? '';
  const length = end + 2 + Number(header('Content-Length') || 0);
  if (bytes.length < length) return null;
  const body = bytes.toString('utf8', end + 2, length);
  return { frame: { type: header('Content-Type'), reply: header('Reply-Text'), body }, length };
}
