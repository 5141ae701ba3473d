import { isAbsolute } from 'node:path';
import { hostPortOf } from '../domain/sound-settings.js';
import { messageProblems } from '../shape/message.js';
import type { Path, Problem } from '../shape/path.js';
import { isLoopback } from '../sip/ip-address.js';
import { soundProblems, type TransferSoundsShape } from '../shape/transfer-sounds.js';
import { allowedHosts } from './allowed-hosts.js';
import { isBelow, soundDirs, soundPlaces } from './complete-sounds.js';
import { heardOf, type Heard } from './heard.js';
import type { Machine } from './machine.js';
import type { Config } from './schema.js';

/** Everything heard must be there when a caller wants to hear it, and somebody must be able to hear it. */
export const soundChecks = (config: Config, machine: Machine): Problem[] => [
  ...layerProblems(config),
  ...placeProblems(config),
  ...speechProblems(config, machine),
  ...heardOf(config).flatMap((heard) => unheard(config, heard, machine)),
  ...nobodyHears(config),
  ...consentUnheard(config),
];

function layerProblems({ transfer, channels }: Config): Problem[] {
  return [
    ...soundProblems(transfer, ['transfer'], 'configuration'),
    ...Object.entries(channels).flatMap(([id, { transfer: own, recording, bot }]) => [
      ...(own === undefined ? [] : soundProblems(own, ['channels', id, 'transfer'], 'configuration')),
      ...(recording?.consent === undefined
        ? []
        : messageProblems(recording.consent, ['channels', id, 'recording', 'consent'])),
      ...(bot?.kind !== 'webhook' || bot.fallback.message === undefined
        ? []
        : messageProblems(bot.fallback.message, ['channels', id, 'bot', 'fallback', 'message'])),
    ]),
  ];
}

function placeProblems(config: Config): Problem[] {
  const { sounds, media, channels } = config;
  const { dir, cacheDir, mediaDir } = sounds;
  const problems = unseenDirectory(config);
  if (mediaDir !== undefined && cacheDir !== undefined && !isBelow(dir, cacheDir)) {
    const message = `is not below sounds.dir, so mediaDir does not say what the media servers call it; put it below ${dir}`;
    problems.push({ path: ['sounds', 'cacheDir'], message });
  }
  for (const [id, { recording }] of Object.entries(channels)) {
    if (recording === undefined || isAbsolute(recording.dir) || !Array.isArray(media.server)) continue;
    const message = 'is a directory of the media servers; write a full path that begins with /';
    problems.push({ path: ['channels', id, 'recording', 'dir'], message });
  }
  return problems;
}

/** A media server on another machine opens files we tell it of by path: it must see them. */
function unseenDirectory(config: Config): Problem[] {
  const { sounds, media, channels } = config;
  if (sounds.mediaDir !== undefined || typeof media.server === 'string') return [];
  const elsewhere = media.server.find(({ address }) => address !== 'localhost' && !isLoopback(address));
  const speaks = Object.values(channels).some(({ bot }) => bot?.kind === 'webhook');
  if (elsewhere === undefined || (!speaks && heardOf(config).length === 0)) return [];
  const message = `is missing: the media server at ${elsewhere.address} does not see the files here; share a directory with it, and say what sounds.dir is called there`;
  return [{ path: ['sounds', 'mediaDir'], message }];
}

function speechProblems({ sounds: { speech } }: Config, machine: Machine): Problem[] {
  if (typeof speech === 'string' || speech.kind !== 'command') return [];
  const [program = ''] = speech.command;
  if (machine.runs(program)) return [];
  const message = `there is no program "${program}" on the PATH; install it, or name another`;
  return [{ path: ['sounds', 'speech', 'command'], message }];
}

function unheard(config: Config, { said, path }: Heard, machine: Machine): Problem[] {
  const { text, file, audioUri } = said;
  if (text !== undefined && config.sounds.speech === 'none') {
    const message =
      'cannot be spoken: there is no speech on this machine; install espeak-ng, configure sounds.speech, or use a file';
    return [{ path: [...path, 'text'], message }];
  }
  if (file !== undefined) {
    const message = unplayable(config, file, machine);
    return message === undefined
      ? []
      : [{ path: path.at(-1) === 'music' ? path : [...path, 'file'], message }];
  }
  if (audioUri === undefined || allowedHosts(config).includes(hostPortOf(audioUri))) return [];
  const message = `is not fetched: ${hostPortOf(audioUri)} is not among sounds.allowHosts; add it there`;
  return [{ path: [...path, 'audioUri'], message }];
}

function unplayable(config: Config, file: string, machine: Machine): string | undefined {
  const { dir, mediaDir } = config.sounds;
  // A full path outside the shared directory is one of the other machine.
  if (mediaDir !== undefined && isAbsolute(file) && !isBelow(dir, file)) return undefined;
  const found = soundPlaces(config, file).map((path) => machine.unplayable(path));
  if (found.includes(undefined)) return undefined;
  const there = found.find((why) => why?.includes('no such file') === false);
  if (there !== undefined) return `${file} ${there}`;
  const where = isAbsolute(file) ? '' : ` below ${soundDirs(config.sounds)[0]}`;
  return `${file} cannot be read: no such file${where}`;
}

/** Keys that need us in the path of the media, where we are not. */
function nobodyHears({ channels, transfer, media }: Config): Problem[] {
  const all = Object.entries(channels);
  const anchored = all.filter(([, channel]) => channel.media === 'anchored');
  return [
    ...all.flatMap(([id, channel]) => (channel.media === 'direct' ? directProblems(id, channel) : [])),
    ...anchored.flatMap(([id]) => (media.server === 'none' ? [serverless(id)] : [])),
    ...(anchored.length > 0
      ? []
      : soundingKeys(transfer).map((key) => ({
          path: ['transfer', key],
          message: 'is heard by nobody: no channel has media: anchored; set it, or leave this out',
        }))),
  ];
}

function directProblems(
  id: string,
  { bot, recording, transfer = {} }: Config['channels'][string],
): Problem[] {
  const at: Path = ['channels', id];
  const wayOut = 'needs a media server, and media is direct here; set media: anchored, or leave it out';
  const own = soundingKeys(transfer).map((key) => ({ path: [...at, 'transfer', key], message: wayOut }));
  const problems = recording === undefined ? own : [...own, { path: [...at, 'recording'], message: wayOut }];
  if (bot?.kind !== 'webhook') return problems;
  const message = 'must be anchored: a webhook bot speaks through a media server';
  return [{ path: [...at, 'media'], message }, ...problems];
}

/** The caller of a routed call hears its target from the moment it is answered. */
const consentUnheard = ({ channels }: Config): Problem[] =>
  Object.entries(channels).flatMap(([id, { route, recording }]) => {
    if (route === undefined || recording?.consent === undefined) return [];
    const message = 'is told by nobody: calls of this channel are answered by their target; leave it out';
    return [{ path: ['channels', id, 'recording', 'consent'], message }];
  });

const serverless = (id: string): Problem => ({
  path: ['channels', id, 'media'],
  message: 'is anchored, and media.server is none; use embedded, or name FreeSWITCH servers',
});

function soundingKeys(layer: TransferSoundsShape): readonly string[] {
  const { waiting, announce, whisper, confirm, warm, returnKey } = layer;
  const keys = { announce, whisper, confirm, warm, returnKey };
  const named = Object.entries(keys).flatMap(([key, value]) => (value == null ? [] : [key]));
  return waiting === undefined || waiting === 'bot' ? named : ['waiting', ...named];
}
