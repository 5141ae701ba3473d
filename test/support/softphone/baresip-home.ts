import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toneWav } from './tone.js';

const MODULE_DIRECTORIES = [
  '/usr/lib/baresip/modules',
  '/usr/lib64/baresip/modules',
  '/usr/local/lib/baresip/modules',
];
const NEEDED = ['g711.so', 'aufile.so', 'aubridge.so', 'account.so', 'menu.so', 'ctrl_tcp.so'];

/** Longer than any test talks: baresip hangs up at the end of its file. */
const TALK_SECONDS = 120;

const modules = MODULE_DIRECTORIES.find((directory) =>
  NEEDED.every((name) => existsSync(join(directory, name))),
);
const onPath = (process.env['PATH'] ?? '')
  .split(':')
  .some((directory) => directory !== '' && existsSync(join(directory, 'baresip')));

/** Why no baresip can be started here; `null` when one can. */
export const whyNoBaresip: string | null = !onPath
  ? 'baresip is not installed'
  : modules === undefined
    ? 'the modules of baresip are not where Debian puts them'
    : null;

/** What a baresip without a sound card needs to know, in a new directory of its own. */
export function baresipHome(user: string, sipPort: number, controlPort: number): string {
  const directory = mkdtempSync(join(tmpdir(), `baresip-${user}-`));
  const tone = join(directory, 'tone.wav');
  writeFileSync(tone, toneWav(TALK_SECONDS));
  writeFileSync(join(directory, 'config'), config(tone, sipPort, controlPort));
  writeFileSync(join(directory, 'accounts'), `<sip:${user}@127.0.0.1:${sipPort}>;regint=0\n`);
  writeFileSync(join(directory, 'contacts'), '');
  return directory;
}

const config = (tone: string, sipPort: number, controlPort: number): string => `
sip_listen 127.0.0.1:${sipPort}
net_interface 127.0.0.1
call_max_calls 4
audio_source aufile,${tone}
audio_player aubridge,ear
audio_alert aubridge,bell
ausrc_channels 1
auplay_channels 1
module_path ${modules ?? ''}
module g711.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${controlPort}
menu_bell no
ringback_disabled yes
`;
