import { RATE } from '../audio/frame.js';
import type { AudioSource } from '../audio/source.js';
import type { Channel } from '../channel/channel.js';
import { Playback, type PlayEnd } from '../channel/media.js';
import type { Run } from '../channel/runner.js';

export type FileEnd = PlayEnd | 'not found';

/** Plays one sound to the channel, with the events and variables of a playback. */
export async function playFile(
  channel: Channel,
  name: string,
  run: Run,
  unwanted: () => boolean = () => false,
): Promise<FileEnd> {
  const sound = await channel.host.sounds.open(name);
  if (sound === null) return 'not found';
  // Reading a file takes its time, in which what it was for may have passed.
  if (run.over !== null || channel.ended || unwanted()) return 'break';
  const file = { 'Playback-File-Path': sound.path };
  channel.publish('PLAYBACK_START', file, true);
  const start = sound.source.position;
  const end = await play(channel, sound.source, run);
  describePlay(channel, sound.source, sound.source.position - start);
  channel.publish('PLAYBACK_STOP', { ...file, 'Playback-Status': end }, true);
  return end;
}

/** Ends early when the application is interrupted, a terminator is pressed, or its time is up. */
async function play(channel: Channel, source: AudioSource, run: Run): Promise<PlayEnd> {
  const playback = new Playback(source, limitOf(channel, source));
  const { onDigit, onInterrupt } = run;
  run.onInterrupt = (why) => {
    playback.end('break');
    onInterrupt(why);
  };
  run.onDigit = (digit) => {
    onDigit(digit);
    if (!isTerminator(channel, digit)) return;
    channel.variables.set('playback_terminator_used', digit);
    playback.end('break');
  };
  channel.variables.delete('playback_terminator_used');
  // What stands still below goes on from where it was.
  const below = channel.media.foreground;
  channel.media.foreground = playback;
  const end = await run.during(playback.finished);
  channel.media.foreground = below;
  run.onDigit = onDigit;
  run.onInterrupt = onInterrupt;
  return end;
}

/** Where it is broken off; FreeSWITCH takes no limit below two seconds. */
function limitOf(channel: Channel, source: AudioSource): number | null {
  const seconds = Number(channel.variables.get('playback_timeout_sec') ?? 0);
  return seconds > 1 ? source.position + seconds * RATE : null;
}

/** `playback_terminators`: digits, `any` or `none`. */
export function isTerminator(channel: Channel, digit: string): boolean {
  const terminators = channel.variables.get('playback_terminators') ?? '*';
  return terminators !== 'none' && (terminators === 'any' || terminators.includes(digit));
}

function describePlay(channel: Channel, source: AudioSource, samples: number): void {
  const { variables } = channel;
  const ms = Math.round((samples * 1000) / RATE);
  variables.set('playback_seconds', String(Math.floor(ms / 1000)));
  variables.set('playback_ms', String(ms));
  variables.set('playback_samples', String(samples));
  variables.set('playback_last_offset_pos', String(source.position));
}
