import type { DryRun, DryRunWay } from '../ports/control.js';

/** A dry run to be read in a terminal: every way in the order in which it would be tried, then who decided what. */
export function dryRunText({ refusal, targets, layers }: DryRun): string {
  const now = refusal === null ? '' : `# refused at this moment, ${refusal.code}: ${refusal.detail}\n\n`;
  const ways = targets.flatMap(({ target, ways: all }, i) =>
    all.map(
      (way) => `# target ${i + 1}, ${target}: ${headline(way)}\n\n${way.requests.map(request).join('')}`,
    ),
  );
  const widest = Math.max(0, ...layers.map(({ field }) => field.length));
  const rows = layers.map(
    ({ field, value, layer }) => `${field.padEnd(widest)}  ${layer.padEnd(8)}  ${shown(value)}\n`,
  );
  return `${now}${ways.join('')}${rows.join('')}`;
}

function headline({ method, trunk, after, headerBudget }: DryRunWay): string {
  const words = [method.toUpperCase(), ...(trunk === null ? [] : [`to trunk ${trunk}`])];
  if (after !== null) words.push(`after ${after}`);
  if (headerBudget === null) return words.join(' ');
  const { count, bytes, maxCount, maxBytes } = headerBudget;
  return `${words.join(' ')}, own headers ${count} of ${maxCount}, ${bytes} of ${maxBytes} bytes`;
}

function request({ sip, postDial }: DryRunWay['requests'][number]): string {
  const message = `${sip.replaceAll('\r\n', '\n').trimEnd()}\n\n`;
  return postDial === null ? message : `${message}# once answered: ${postDial}\n\n`;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
