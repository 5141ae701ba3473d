import { join } from 'node:path';
import { Child } from './child.js';
import { listenerOf } from './proc.js';
import type { Workspace } from './workspace.js';

const DIST_MEDIAD = join(import.meta.dirname, '..', 'dist', 'embedded', 'media-server', 'main.js');

export interface MediaAddress {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly profile: string;
}

/** A media server under test. */
export interface MediaSubject {
  readonly name: string;
  readonly esl: MediaAddress;
  /** Undefined where it runs on another machine, or may not be looked at. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const PROFILE = 'drachtio_mrf';

/** The embedded one, as the engine starts it. */
export async function embeddedMedia(work: Workspace): Promise<MediaSubject> {
  const secret = 'bench';
  const args = ['--child', '--sip', '127.0.0.1:0', '--esl', '127.0.0.1:0', '--sounds', work.directory];
  const child = new Child(
    process.execPath,
    [DIST_MEDIAD, ...args],
    { log: work.file('mediad.log'), cwd: work.directory, env: { SWITCHHOOK_MEDIAD_SECRET: secret } },
    'pipe',
  );
  const { esl } = JSON.parse(await child.line(/"ready"/)) as { esl: string };
  const port = Number(esl.slice(esl.lastIndexOf(':') + 1));
  return {
    name: 'embedded',
    esl: { address: '127.0.0.1', port, secret, profile: PROFILE },
    pid: child.pid,
    stop: () => child.stop(),
  };
}

/** A FreeSWITCH named by `host:port:secret`; null when the text is not of that form. */
export function givenFreeswitch(text: string, profile: string | undefined): MediaSubject | null {
  const [, address = '', port = '', secret = ''] = /^(.+):(\d+):([^:]+)$/.exec(text) ?? [];
  if (secret === '') return null;
  return {
    name: 'FreeSWITCH',
    esl: { address, port: Number(port), secret, profile: profile ?? PROFILE },
    pid: listenerOf(Number(port)),
    stop: () => Promise.resolve(),
  };
}
