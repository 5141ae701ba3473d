import { basename } from 'node:path';
import { HOLD_MUSIC } from './demo-voice.js';
import { channelsOf, fileIn, msOf, soundIn, toneIn, type Stretch } from './hearing.js';
import { matches, phone, type Observation } from './journal.js';
import { memberOf, textOf } from './mismatch.js';

/** What the phones and the recording of a call hold: lines for people, and what was not as told. */
export interface Heard {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

/** Voices of the phones, in Hz: `examples/phones`. */
const VOICE = { caller: 440, agent: 620 } as const;
const LEAST_MS = { words: 500, music: 1000, talk: 500 } as const;
/** A switch that takes longer is heard. Far above what it takes, for the machine may have other things to do. */
const LATEST_MS = 1000;

interface Tape {
  readonly samples: Int16Array;
  /** ms since 1970. */
  readonly began: number;
}

/** What was heard in a call that went from a bot's words to hold music, to the colleague, and back. */
export function voiceHeard(seen: readonly Observation[], voice: string): Heard {
  const caller = tapeOf(seen, 'caller');
  const agent = tapeOf(seen, 'colleague');
  const answered = seen.find((o) => matches(o, phone('colleague', 'answered')));
  const spoke = Number(memberOf(answered?.fields, 'at'));
  const recorded = recordings(seen);
  if (caller === undefined || agent === undefined)
    return { lines: [], problems: ['a phone kept no tape of what it heard'] };
  const atCaller = callerHeard(caller.samples, spoke - caller.began, voice);
  const atAgent = toneIn(agent.samples, VOICE.caller);
  return {
    lines: [
      ...atCaller.lines,
      `the agent heard the caller for ${seconds(lengthOf(atAgent))}`,
      ...recorded.lines,
    ],
    problems: [
      ...atCaller.problems,
      ...least('the agent heard the caller', lengthOf(atAgent), LEAST_MS.talk),
      ...recorded.problems,
    ],
  };
}

/** @param spoke when the agent began to speak, ms from the beginning of the caller's tape */
function callerHeard(samples: Int16Array, spoke: number, voice: string): Heard {
  const end = msOf(samples);
  const music = fileIn(samples, readSound(HOLD_MUSIC));
  const musicEnd = music?.to ?? 0;
  const agent = toneIn(samples, VOICE.agent, musicEnd);
  const agentFrom = agent?.from ?? end;
  const words = soundIn(samples, { from: 0, to: music?.from ?? end });
  const back = soundIn(samples, { from: (agent?.to ?? end) + 100, to: end });
  const silence = agentFrom - musicEnd - soundIn(samples, { from: musicEnd, to: agentFrom });
  const delay = Math.max(0, agentFrom - spoke);
  return {
    lines: [
      `the caller heard the bot's words, ${voice}, for ${seconds(words)}`,
      `           hold music (config/sounds/${basename(HOLD_MUSIC)}) for ${seconds(lengthOf(music))}`,
      `           the agent for ${seconds(lengthOf(agent))}, ${Math.round(delay)} ms after it began to speak; ` +
        `${Math.round(silence)} ms of silence in between`,
      `           the bot again for ${seconds(back)}`,
    ],
    problems: [
      ...least("the caller heard the bot's words", words, LEAST_MS.words),
      ...least('the caller heard hold music', lengthOf(music), LEAST_MS.music),
      ...least('the caller heard the agent', lengthOf(agent), LEAST_MS.talk),
      ...(delay > LATEST_MS ? [`the caller heard the agent ${Math.round(delay)} ms too late`] : []),
      ...least('the caller heard the bot again', back, LEAST_MS.words),
    ],
  };
}

/** The files the bot was told of; left is the caller, right what it hears. */
function recordings(seen: readonly Observation[]): Heard {
  const paths = seen.flatMap(({ fields }) => {
    const event = fields['event'];
    const stopped =
      textOf(event, 'type') === 'call.recording' && textOf(event, 'data', 'state') === 'stopped';
    return stopped ? [textOf(event, 'data', 'path')] : [];
  });
  const files = paths.map((path) => ({ path, channels: channelsOf(path) }));
  const both = files.some(
    ({ channels: [left, right] }) =>
      left !== undefined &&
      right !== undefined &&
      lengthOf(toneIn(left, VOICE.caller)) > LEAST_MS.talk &&
      lengthOf(toneIn(right, VOICE.agent)) > LEAST_MS.talk,
  );
  const music = files.some(
    ({ channels: [, right] }) => right !== undefined && fileIn(right, readSound(HOLD_MUSIC)) !== undefined,
  );
  return {
    lines: files.map(
      ({ path, channels: [left] }) =>
        `recorded   ${basename(path)}, ${seconds(left === undefined ? 0 : msOf(left))}`,
    ),
    problems: [
      ...(both ? [] : ['no recording holds both the caller and the agent']),
      ...(music ? [] : ['no recording holds the hold music']),
    ],
  };
}

function tapeOf(seen: readonly Observation[], who: string): Tape | undefined {
  const fields = seen.find((o) => matches(o, phone(who, 'ended')))?.fields;
  const file = textOf(fields, 'tape');
  if (file === '') return undefined;
  return { samples: readSound(file), began: Number(memberOf(fields, 'began')) };
}

const readSound = (file: string): Int16Array => channelsOf(file)[0] ?? new Int16Array();

const lengthOf = (stretch: Stretch | undefined): number =>
  stretch === undefined ? 0 : stretch.to - stretch.from;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const least = (what: string, ms: number, wanted: number): readonly string[] =>
  ms >= wanted ? [] : [`${what} for ${Math.round(ms)} ms, not for ${wanted} ms or more`];
