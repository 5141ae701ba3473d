import type { Channel } from '../channel/channel.js';
import type { Run } from '../channel/runner.js';
import { foreground, NO_RESPONSE } from './application.js';
import { playFile } from './play-file.js';

interface Question {
  readonly min: number;
  readonly max: number;
  readonly tries: number;
  /** How long to wait for the first digit behind the prompt. */
  readonly timeoutMs: number;
  readonly terminators: string;
  readonly prompt: string;
  readonly invalid: string;
  readonly variable: string;
  readonly pattern: RegExp;
  readonly digitTimeoutMs: number;
}

interface Collected {
  readonly digits: string;
  readonly terminator: string | null;
}

/** Words separated by spaces; quotes hold one together. Null when it is not a question. */
export function readQuestion(argument: string): Question | null {
  const parts = [...argument.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '');
  const [min, max, tries, timeout, terminators = '', prompt, invalid = '', variable = '', pattern = ''] =
    parts;
  if (prompt === undefined) return null;
  const timeoutMs = Number(timeout);
  const numbers = [Number(min), Number(max), Number(tries), timeoutMs, Number(parts[9] ?? timeoutMs)];
  if (numbers.some((n) => !Number.isFinite(n) || n < 0)) return null;
  try {
    return {
      min: Number(min),
      max: Math.max(1, Number(max)),
      tries: Math.max(1, Number(tries)),
      timeoutMs,
      terminators: terminators === 'none' ? '' : terminators,
      prompt,
      invalid,
      variable,
      pattern: new RegExp(pattern),
      digitTimeoutMs: numbers[4] ?? timeoutMs,
    };
  } catch {
    return null;
  }
}

/** Digits as they come, with whoever waits for the next one. */
class Collector {
  digits = '';
  terminator: string | null = null;
  private wake: () => void = () => undefined;

  constructor(private readonly question: Question) {}

  get complete(): boolean {
    return this.terminator !== null || this.digits.length >= this.question.max;
  }

  take(digit: string): void {
    if (this.complete) return;
    if (this.question.terminators.includes(digit)) this.terminator = digit;
    else this.digits += digit;
    this.wake();
  }

  /** Settles at the next digit, the interrupt, or after a while; true unless it was the while. */
  next(ms: number, run: Run): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
      run.onInterrupt = () => this.wake();
    });
  }
}

/** One try: the prompt, cut short by the first digit, then the rest of the digits. */
async function ask(channel: Channel, question: Question, run: Run): Promise<Collected> {
  const collector = new Collector(question);
  run.onDigit = (digit) => {
    collector.take(digit);
    run.onInterrupt('break');
  };
  await playPrompt(channel, question.prompt, run, () => collector.digits !== '' || collector.complete);
  run.onDigit = (digit) => collector.take(digit);
  while (!collector.complete && !run.isStopped()) {
    const patience = collector.digits === '' ? question.timeoutMs : question.digitTimeoutMs;
    if (!(await run.during(collector.next(patience, run)))) break;
  }
  run.onDigit = () => undefined;
  run.onInterrupt = () => undefined;
  return collector;
}

async function playPrompt(
  channel: Channel,
  prompt: string,
  run: Run,
  answered: () => boolean,
): Promise<void> {
  for (const name of channel.host.sounds.split(prompt, channel.variables.get('playback_delimiter'))) {
    await playFile(channel, name, run, answered);
    if (answered() || run.over !== null) return;
  }
}

const valid = ({ digits }: Collected, { min, pattern }: Question): boolean =>
  digits.length >= min && pattern.test(digits);

async function collect(channel: Channel, question: Question, run: Run): Promise<void> {
  const { variables } = channel;
  const { variable, tries, invalid } = question;
  variables.delete(variable);
  variables.delete(`${variable}_invalid`);
  variables.delete('read_terminator_used');
  for (let n = 0; n < tries && !run.isStopped(); n++) {
    const answer = await ask(channel, question, run);
    if (answer.terminator !== null) variables.set('read_terminator_used', answer.terminator);
    if (valid(answer, question)) {
      variables.set(variable, answer.digits);
      variables.delete(`${variable}_invalid`);
      return;
    }
    if (answer.digits !== '') variables.set(`${variable}_invalid`, answer.digits);
    if (invalid !== '' && !run.isStopped()) await playPrompt(channel, invalid, run, () => false);
  }
}

export const playAndGetDigits = foreground(async (channel, argument, run) => {
  const question = readQuestion(argument);
  if (question === null) return '-ERR usage';
  // The prompt's own rule for keys would end it, and say so, before the question has had its digit.
  const terminators = channel.variables.get('playback_terminators');
  channel.variables.set('playback_terminators', 'none');
  await collect(channel, question, run);
  if (terminators === undefined) channel.variables.delete('playback_terminators');
  else channel.variables.set('playback_terminators', terminators);
  return NO_RESPONSE;
});
