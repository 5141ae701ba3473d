import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;

/** How late timers fire: the 99th percentile since it was last read, in seconds. */
export function watchEventLoop(): { readonly read: () => number; readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    read: () => {
      // The histogram holds whole intervals between two samples; what exceeds the resolution is the lag.
      const late = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e9 - RESOLUTION_MS / 1000;
      histogram.reset();
      return Math.max(0, late);
    },
    stop: () => void histogram.disable(),
  };
}
