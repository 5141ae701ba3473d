/** RFC 3261 table 4, in milliseconds. */
export const T1_MS = 500;
export const T2_MS = 4000;
export const T1X64_MS = 64 * T1_MS;

/** Sends again and again, slower each time up to T2, until stopped or 64*T1 have passed. */
export class Repeater {
  private timer: NodeJS.Timeout;
  private readonly end: NodeJS.Timeout;

  constructor(send: () => void, whenOver: () => void, repeat = true) {
    let delay = T1_MS;
    const again = (): void => {
      send();
      delay = Math.min(2 * delay, T2_MS);
      this.timer = setTimeout(again, delay);
    };
    this.timer = setTimeout(() => {
      if (repeat) again();
    }, delay);
    this.end = setTimeout(() => {
      this.stop();
      whenOver();
    }, T1X64_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.end);
  }
}
