import { dirname } from 'node:path';
import type { Config } from '../../config/schema.js';
import { bad, good, warn, type Finding } from '../../ports/finding.js';
import { needsMedia } from './check-servers.js';
import type { Probes } from './probes.js';

const MIB = 1024 * 1024;
/** An hour of recorded stereo is 115 MB. */
const SCARCE = { bad: 100 * MIB, warn: 1024 * MIB } as const;

/** Programs and directories on this machine, where anything is heard or recorded. */
export async function checkMachine(config: Config, probes: Probes): Promise<readonly Finding[]> {
  const speech = needsMedia(config) ? speaks(config, probes) : [];
  const places = await Promise.all(
    [...directoriesOf(config)].map(async ([path, key]) => room(path, key, await probes.place(path))),
  );
  return [...speech, ...places];
}

function speaks({ sounds: { speech } }: Config, probes: Probes): readonly Finding[] {
  if (speech === 'none' || speech === 'auto')
    return [
      warn('speech', 'has no program: texts are not spoken', 'install espeak-ng, or set sounds.speech'),
    ];
  if (speech.kind === 'http') return [];
  const [program = ''] = speech.command;
  return probes.runs(program)
    ? [good(`speech ${program}`, 'is installed')]
    : [bad(`speech ${program}`, 'is not installed', 'install it, or change sounds.speech')];
}

/** Directory -> the key that names it. */
function directoriesOf(config: Config): ReadonlyMap<string, string> {
  const { channels, sounds, cdr } = config;
  const recordings = Object.entries(channels).flatMap(([id, { recording }]): [string, string][] =>
    recording === undefined ? [] : [[recording.dir, `channels.${id}.recording.dir`]],
  );
  const cache = needsMedia(config) && sounds.cacheDir !== undefined ? sounds.cacheDir : null;
  const named = [
    [cache, 'sounds.cacheDir'],
    [cdr.file === undefined ? null : dirname(cdr.file), 'cdr.file'],
  ] as const;
  const own = named.flatMap(([path, key]): [string, string][] => (path === null ? [] : [[path, key]]));
  return new Map([...own, ...recordings]);
}

function room(path: string, key: string, { problem, free }: Awaited<ReturnType<Probes['place']>>): Finding {
  const about = `directory ${path}`;
  if (problem !== null) return bad(about, problem, `make it, let the engine write there, or change ${key}`);
  if (free === null) return good(about, 'can be written');
  const left = `${Math.floor(free / MIB).toLocaleString('en')} MiB left`;
  if (free < SCARCE.bad) return bad(about, `is full (${left})`, `make room, or change ${key}`);
  return free < SCARCE.warn
    ? warn(about, `is nearly full (${left})`, `make room, or change ${key}`)
    : good(about, `can be written (${left})`);
}
