import { join } from 'node:path';
import { SHIPPED_SOUNDS } from '../config/complete-sounds.js';
import { thisMachine } from '../config/machine.js';

/** How texts become audio in the demo. */
export interface DemoVoice {
  /** `sounds.speech` of the configuration. */
  readonly speech: 'auto' | { readonly kind: 'command'; readonly command: readonly string[] };
  /** For people; ends the sentence "the bot's words ...". */
  readonly words: string;
}

const CHIME = 'sorry.wav';

/** espeak-ng where it is installed; elsewhere a sound file of ours stands for every text. */
export function demoVoice(path: string): DemoVoice {
  if (thisMachine(path).runs('espeak-ng')) return { speech: 'auto', words: 'spoken by espeak-ng' };
  return {
    speech: { kind: 'command', command: ['cat', join(SHIPPED_SOUNDS, CHIME)] },
    words: `as the chime config/sounds/${CHIME}, for want of espeak-ng`,
  };
}

export const HOLD_MUSIC = join(SHIPPED_SOUNDS, 'moh.wav');
