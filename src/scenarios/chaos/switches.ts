import { UsageError } from '../../errors.js';

/** What the far end does wrong; every switch is off unless named. */
export interface Switches {
  /** The final NOTIFY follows the far end's own BYE, within the second a transferor has to wait for it. */
  readonly lateNotify: boolean;
  /** 202, and then BYE; no NOTIFY ever. */
  readonly byeBeforeNotify: boolean;
  /** 202, and then nothing. */
  readonly silentAfter202: boolean;
  /** 200 instead of 202 to REFER, as stacks older than RFC 3515 do. */
  readonly refer200: boolean;
  /** The subscription ends on `100 Trying`. */
  readonly notifyTerminated100: boolean;
  /** The target is in progress (183), then busy: by NOTIFY, or by response where we are the target. */
  readonly busyAfter183: boolean;
  /** The caller sends a re-INVITE while its transfer is on the way. */
  readonly reinviteDuringTransfer: boolean;
  /** 401 to a REFER without valid credentials. */
  readonly challengeRefer: boolean;
  /** No ACK is ever seen: a 2xx is retransmitted until its dialog ends. */
  readonly dropAck: boolean;
  /** Every nth packet is lost, counted in each direction by itself; 0 = none. */
  readonly dropEvery: number;
}

export const NO_SWITCHES: Switches = {
  lateNotify: false,
  byeBeforeNotify: false,
  silentAfter202: false,
  refer200: false,
  notifyTerminated100: false,
  busyAfter183: false,
  reinviteDuringTransfer: false,
  challengeRefer: false,
  dropAck: false,
  dropEvery: 0,
};

export const SWITCH_NAMES = Object.keys(NO_SWITCHES);

/**
 * Switches as they are written: `lateNotify`, `dropEvery=3`.
 *
 * @throws UsageError that names the word and what is known
 */
export function parseSwitches(words: readonly string[]): Switches {
  return words.reduce<Switches>((given, word) => ({ ...given, ...parseSwitch(word) }), NO_SWITCHES);
}

function parseSwitch(word: string): Partial<Switches> {
  const [name = '', value] = word.split('=');
  if (name === 'dropEvery') {
    const n = Number(value);
    if (Number.isInteger(n) && n >= 2 && n <= 1000) return { dropEvery: n };
    throw new UsageError(`switch "${word}": every how many packets? write dropEvery=3 (2 to 1000)`);
  }
  if (!SWITCH_NAMES.includes(name)) {
    throw new UsageError(`unknown switch "${name}"; known: ${SWITCH_NAMES.join(', ')}`);
  }
  if (value !== undefined) throw new UsageError(`switch "${name}" takes no value`);
  return { [name]: true };
}
