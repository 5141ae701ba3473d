import type { BotEvent } from './bot-event.js';
import type { BotReply } from './reply.js';
import type { Script, ScriptSetup } from './script-state.js';
import { answerWith } from './unanswered.js';
import type { Turn } from './turn.js';
import { hearSound, spoken } from './waiting.js';

/**
 * The dialogue of a caller with a bot that speaks by replies: it is asked, what it answers is done in order, and when
 * it does not answer in time its fallback is done in its place. The caller is never left with a bot that is silent.
 */

/** Silences of a caller, in a row, after which the bot's fallback is done. */
const MAX_SILENCES = 3;

const IDLE = { kind: 'held' } as const;

/** The caller is answered, for the bot speaks by what we play. */
export function startScript(turn: Turn): void {
  answerWith(turn, 'caller', 'caller');
  turn.state = { phase: 'withBot' };
}

/** The event that is about to be told asks the bot what to do. @returns the number of the question */
export function ask(turn: Turn): number | null {
  const { script } = turn;
  const setup = turn.call.setup.script;
  if (script === null || setup === null) return null;
  const question = script.question + 1;
  const playing = script.playing === COMMANDING ? null : script.playing;
  turn.script = { ...script, question, asked: true, playing };
  turn.stop('noInput');
  turn.stop('decision');
  turn.start('decision', setup.decisionTimeoutMs);
  return question;
}

/**
 * The caller goes to somebody else: what the bot was asked, what it was saying and what was being typed is over. The
 * rest of its replies waits for the caller to come back.
 */
export function suspendScript(turn: Turn): void {
  const { script } = turn;
  if (script === null) return;
  for (const timer of ['decision', 'digits', 'noInput'] as const) turn.stop(timer);
  turn.script = { ...script, question: script.question + 1, asked: false, digits: '', playing: null };
}

/** Its wish for a transfer came when none could be made: it goes on as if it had not been uttered. */
export function overlookSwitch(turn: Turn): void {
  if (turn.script?.playing === COMMANDING) turn.script = { ...turn.script, playing: null };
}

/** Number of the question that is still open, for an event that tells more about it. */
export const openQuestion = ({ script }: Turn): number | null =>
  script?.asked === true ? script.question : null;

export function onReplied(turn: Turn, question: number | null, replies: readonly BotReply[]): boolean {
  const { script } = turn;
  if (script === null || isOver(turn)) return false;
  // Its fallback has been done, or something else has happened since: a late answer would undo that.
  if (question !== null && question !== script.question) return false;
  turn.stop('decision');
  turn.stop('noInput');
  turn.script = { ...script, asked: false, fallbacks: 0, queue: [...script.queue, ...replies] };
  return true;
}

export function onGarbled(turn: Turn, question: number | null, problem: string): boolean {
  const { script } = turn;
  if (script === null || isOver(turn)) return false;
  turn.tell({ type: 'call.warning', data: { problem: 'bot_answer_garbled', detail: problem } });
  if (question !== null && question === script.question && script.asked) failSafe(turn);
  return true;
}

/** One of the script's timers. */
export function onScriptTimer(turn: Turn, timer: 'decision' | 'digits' | 'noInput'): boolean {
  const { script } = turn;
  if (script === null || isOver(turn)) return false;
  switch (timer) {
    case 'decision':
      turn.tell({ type: 'call.warning', data: { problem: 'bot_undecided', detail: UNDECIDED } });
      failSafe(turn);
      return true;
    case 'digits':
      inputDone(turn, script);
      return true;
    case 'noInput':
      silent(turn, script);
      return true;
  }
}

const UNDECIDED = 'the bot did not answer in time; its fallback was done in its place';

/** A key of the caller: it cuts short what is being said, and what was to be said after it. */
export function onScriptDigit(turn: Turn, digit: string): boolean {
  const { script } = turn;
  const setup = turn.call.setup.script;
  if (script === null || setup === null || turn.state.phase !== 'withBot') return false;
  // What must be heard before a recording is heard to its end.
  if (turn.consent === 'due') return true;
  if (script.playing !== null) turn.want('caller', IDLE);
  turn.stop('noInput');
  turn.stop('digits');
  const digits = digit === '#' ? script.digits : script.digits + digit;
  const queue = script.queue.filter(({ kind }) => kind !== 'say');
  const next: Script = { ...script, digits, queue, playing: null, silences: 0 };
  turn.script = next;
  if (digit === '#' || digits.length >= setup.maxDigits) inputDone(turn, next);
  else turn.start('digits', setup.digitTimeoutMs);
  return true;
}

/** What the script played is over. */
export function onScriptPlayed(turn: Turn, n: number, ok: boolean): boolean {
  const { script } = turn;
  if (script?.playing !== n) return false;
  // It comes before anything else is said.
  if (turn.consent === 'due') turn.consent = ok ? 'heard' : 'missed';
  turn.script = { ...script, playing: null };
  turn.want('caller', IDLE);
  if (!ok) turn.tell({ type: 'call.warning', data: { problem: 'not_played', detail: NOT_PLAYED } });
  return true;
}

const NOT_PLAYED = 'a message of the bot could not be played; the next reply was done';

/** Does what the bot has said, one thing at a time, for as long as the caller is with it. */
export function continueScript(turn: Turn): void {
  const setup = turn.call.setup.script;
  if (turn.script === null || setup === null || turn.state.phase !== 'withBot') return;
  while (isFreeToSpeak(turn)) {
    const reply = nextReply(turn);
    if (reply === undefined) break;
    if (carryOut(turn, reply)) return;
  }
  const { asked, playing, digits, queue } = turn.script;
  const idle = !asked && playing === null && digits === '' && queue.length === 0;
  if (idle && turn.anchored('caller')?.open === true && !turn.timers.has('noInput'))
    turn.start('noInput', setup.noInputTimeoutMs);
}

/** What the caller must be told about recording comes before all else. */
function nextReply(turn: Turn): BotReply | undefined {
  const { consent } = turn.call.setup;
  if (turn.consent === 'due' && consent !== null) return { kind: 'say', message: consent };
  if (turn.script === null) return undefined;
  const [reply, ...queue] = turn.script.queue;
  turn.script = { ...turn.script, queue };
  return reply;
}

function isFreeToSpeak(turn: Turn): boolean {
  const { script } = turn;
  if (script === null || turn.state.phase !== 'withBot') return false;
  return script.playing === null && script.digits === '' && turn.anchored('caller')?.open === true;
}

/** No playing has this number. */
const COMMANDING = 0;

/** @returns whether the script has to wait now */
function carryOut(turn: Turn, reply: BotReply): boolean {
  turn.stop('noInput');
  switch (reply.kind) {
    case 'say': {
      const playing = hearSound(turn, 'caller', spoken(reply.message));
      if (turn.script !== null) turn.script = { ...turn.script, playing };
      return true;
    }
    case 'hangup':
      turn.fact({ type: 'hangupRequested', by: 'bot', reason: 'the bot hung up' });
      return true;
    case 'switch':
      // Until it is planned, and the caller on its way, nothing else is done.
      if (turn.script !== null) turn.script = { ...turn.script, playing: COMMANDING };
      turn.effect({ type: 'command', command: reply.command });
      return true;
  }
}

/** The keys pressed so far are one input, and the bot is asked what to make of it. */
function inputDone(turn: Turn, script: Script): void {
  turn.stop('digits');
  turn.script = { ...script, digits: '' };
  tellInput(turn, { input: 'dtmf', digits: script.digits, from: 'caller' });
}

function silent(turn: Turn, script: Script): void {
  const silences = script.silences + 1;
  turn.script = { ...script, silences };
  if (silences >= MAX_SILENCES) return failSafe(turn);
  tellInput(turn, { input: 'none', digits: '', from: 'caller' });
}

function tellInput(turn: Turn, data: Extract<BotEvent, { type: 'call.input' }>['data']): void {
  turn.tell({ type: 'call.input', data }, ask(turn));
}

/** The bot does not decide: what the configuration says for that, and the second time the end. */
function failSafe(turn: Turn): void {
  const { script } = turn;
  const setup: ScriptSetup | null = turn.call.setup.script;
  if (script === null || setup === null) return;
  turn.stop('decision');
  const fallbacks = script.fallbacks + 1;
  const queue: readonly BotReply[] = fallbacks > 1 ? [{ kind: 'hangup' }] : setup.fallback;
  turn.script = { ...script, question: script.question + 1, asked: false, fallbacks, silences: 0, queue };
}

const isOver = ({ state }: Turn): boolean => state.phase === 'ending' || state.phase === 'ended';
