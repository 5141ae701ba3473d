import type { BotEvent } from '../../src/domain/bot-event.js';
import type { TransferCommand } from '../../src/domain/command.js';
import type { BotReply } from '../../src/domain/reply.js';
import type { ScriptSetup } from '../../src/domain/script-state.js';
import type { Prng } from './prng.js';
import { must } from './violation.js';
import type { World } from './world.js';

const COMMAND: TransferCommand = { targets: [{ sipUri: 'a' }], method: 'auto', headers: [], metadata: {} };

/** Fallbacks as the configuration gives them: something said, then handed over or let go. */
export const SCRIPTS: readonly ScriptSetup[] = (
  [
    [{ kind: 'hangup' }],
    [
      { kind: 'say', message: { text: 'One moment.' } },
      { kind: 'switch', command: COMMAND },
    ],
    [{ kind: 'say', message: { file: 'sorry.wav' } }, { kind: 'hangup' }],
  ] as const
).map((fallback) => ({
  ...{ decisionTimeoutMs: 2000, noInputTimeoutMs: 10_000, digitTimeoutMs: 3000, maxDigits: 3 },
  fallback,
}));

/** Ways a verdict leaves the caller with its bot. */
const STAYS: readonly string[] = ['stay', 'goto', 'play', 'return'];

/** A bot that speaks by replies: what it was asked, and whether anybody still waits for its answer. */
export class ScriptTalk {
  /** What it was asked and has not answered yet. */
  readonly asked: number[] = [];
  private last = 0;
  /** The last question is waited for; or it is not, and a late answer still counts, or counts no more. */
  private state: 'open' | 'answered' | 'void' = 'void';

  /** `first`: no other transfer is open below the one whose verdict this is. */
  told(event: BotEvent, question: number | null, first: boolean): void {
    if ('next' in event.data && event.data.evidence.attempt > 0) {
      const stays = first && STAYS.includes(event.data.next.action);
      must((question !== null) === stays, 'a verdict asks the bot whose caller stays, and no other');
    }
    if (event.type === 'transfer.requested') this.state = 'void';
    if (question === null) return must(event.type !== 'call.started', 'a call begins with a question');
    if (question === this.last) return must(event.type === 'transfer.returned', 'a question is asked once');
    must(question > this.last, 'questions are numbered upwards');
    this.last = question;
    this.state = 'open';
    this.asked.push(question);
  }

  /** It says something. @returns whether anything may come of it */
  says(question: number | null, garbled: boolean): boolean {
    const counts = question === null || (question === this.last && this.state !== 'void');
    if (garbled) {
      if (question === this.last && this.state === 'open') this.state = 'void';
      return true;
    }
    if (counts && this.state === 'open') this.state = 'answered';
    return counts;
  }

  undecided(): void {
    this.state = 'void';
  }

  check(deciding: boolean): void {
    must((this.state === 'open') === deciding, 'every question has its time, and nothing else has');
  }
}

/** The bot answers what it was asked, at last, or speaks up unasked. */
export function scriptActs(world: World, rng: Prng): boolean {
  const { talk } = world;
  if (talk === null) return false;
  if (talk.asked.length === 0 || rng.percent(5)) {
    if (!rng.percent(10)) return false;
    if (rng.percent(85)) world.reply(null, randomReplies(rng));
    else world.garble(null);
    return true;
  }
  const question = rng.percent(80)
    ? talk.asked.shift()
    : talk.asked.splice(rng.below(talk.asked.length), 1)[0];
  const r = rng.below(100);
  if (question === undefined || r >= 92) return true;
  if (r < 82) world.reply(question, randomReplies(rng));
  else world.garble(question);
  return true;
}

function randomReplies(rng: Prng): readonly BotReply[] {
  return Array.from({ length: rng.below(4) }, (): BotReply => {
    const r = rng.below(100);
    if (r < 60)
      return { kind: 'say', message: rng.percent(50) ? { text: 'Hello.' } : { audioUri: 'http://a/b' } };
    return r < 94 ? { kind: 'switch', command: COMMAND } : { kind: 'hangup' };
  });
}
