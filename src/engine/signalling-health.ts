import type { Signalling } from '../ports/signalling.js';

/** One word for all SIP servers and, when it is not `up`, which of them is not. */
export function signallingHealth(signalling: Pick<Signalling, 'servers'>): {
  readonly word: 'up' | 'degraded' | 'down';
  readonly detail: string | null;
} {
  const servers = signalling.servers();
  const down = servers.filter(({ up }) => !up).map(({ name }) => name);
  if (down.length === 0) return { word: 'up', detail: null };
  const named = `no link to the SIP server ${down.join(', ')}`;
  if (down.length === servers.length) return { word: 'down', detail: named };
  return { word: 'degraded', detail: `${named}; new calls go on by the others` };
}
