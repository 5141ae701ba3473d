import type { Channel } from '../channel/channel.js';
import type { Run } from '../channel/runner.js';
import { background, foreground, NO_RESPONSE } from './application.js';

const DEFAULT_DIGIT_MS = 250;
const PAUSE_MS = 500;

/** `123#@125`: digits, `w` and `W` for half a second and a second, and the length of each in ms. */
export function speakDigits(channel: Channel, argument: string): boolean {
  const [digits = '', length = ''] = argument.trim().split('@');
  const milliseconds = length === '' ? DEFAULT_DIGIT_MS : Number(length);
  if (!Number.isInteger(milliseconds) || milliseconds < 20 || milliseconds > 8000) return false;
  if (!/^[0-9a-d*#w]+$/i.test(digits)) return false;
  for (const digit of digits) {
    const pause = digit.toLowerCase() === 'w';
    const length = pause ? PAUSE_MS * (digit === 'W' ? 2 : 1) : milliseconds;
    if (!channel.rtp.speakDigit(pause ? null : digit, length)) return false;
  }
  return true;
}

export const sendDtmf = foreground((channel, argument) =>
  speakDigits(channel, argument) ? NO_RESPONSE : '-ERR',
);

/** `read|write [true|false]`: read is what the far end says, write what it hears. */
export const setMute = foreground((channel, argument) => {
  const [direction, value = 'true'] = argument.trim().split(/\s+/);
  if (direction !== 'read' && direction !== 'write') return '-ERR';
  const muted = value === 'true' || value === 'on' || Number(value) > 0;
  if (direction === 'read') channel.media.readMuted = muted;
  else channel.media.writeMuted = muted;
  return NO_RESPONSE;
});

/** Settles when the application is interrupted, or after a while. */
function interrupted(run: Run, ms: number | null): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === null ? null : setTimeout(resolve, ms);
    run.onInterrupt = () => {
      if (timer !== null) clearTimeout(timer);
      resolve();
    };
  });
}

export const sleep = foreground(async (_channel, argument, run) => {
  const ms = Number(argument);
  if (!Number.isFinite(ms) || ms < 0) return '-ERR';
  await run.during(interrupted(run, ms));
  return NO_RESPONSE;
});

/** The channel waits; it ends when the channel is taken elsewhere. */
export const park = background(async (_channel, _argument, run) => {
  await interrupted(run, null);
  return NO_RESPONSE;
});

/** Calls are answered before any application gets them. */
export const answer = foreground(() => NO_RESPONSE);
