import type { Call } from '../../domain/call.js';
import { withCredentials, type AuthOf } from './credentials.js';
import type { EndpointHandle } from '../../ports/media.js';
import type { DialogHandle } from '../../ports/signalling.js';
import { endpointsOf, handlesOf, type Remains, type Snapshot } from './snapshot.js';

/** One more with every change that makes an older reader, or an older page, misunderstand the other. */
const VERSION = 1;

interface Written extends Remains {
  readonly version: number;
  readonly snapshot: Omit<Snapshot, 'call'> & {
    readonly call: Omit<Call, 'legs' | 'timers'> & {
      readonly legs: readonly (readonly [string, unknown])[];
      readonly timers: readonly string[];
    };
  };
}

/** JSON, without any secret of the configuration's. */
export function encodeSnapshot(snapshot: Snapshot): string {
  const { channel, seq } = snapshot;
  const [handles, endpoints] = [handlesOf(snapshot.legs), endpointsOf(snapshot.legs)];
  const call = withCredentials(snapshot.call, () => null);
  const plain = { ...call, legs: [...call.legs], timers: [...call.timers] };
  const written: Written = {
    ...{ version: VERSION, channel, seq, handles, endpoints },
    snapshot: { ...snapshot, call: plain },
  };
  return JSON.stringify(written);
}

export type Decoded =
  | { readonly readable: true; readonly snapshot: Snapshot }
  /** Of another version, or broken. */
  | { readonly readable: false; readonly remains: Remains };

/** @param authOf gives back what {@link encodeSnapshot} left out */
export function decodeSnapshot(text: string, authOf: AuthOf): Decoded {
  const written = parsed(text);
  if (written?.version !== VERSION) return { readable: false, remains: remainsOf(written) };
  // This version was written by the function above: the version is the proof.
  const { snapshot } = written as unknown as Written;
  const { legs, timers } = snapshot.call;
  const call = { ...snapshot.call, legs: new Map(legs), timers: new Set(timers) } as Call;
  return { readable: true, snapshot: { ...snapshot, call: withCredentials(call, authOf) } };
}

/** What can be had of a page that is not to be trusted. */
export const remainsIn = (text: string): Remains => remainsOf(parsed(text));

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** These have their names, and mean the same, in every version. */
function remainsOf(written: Fields | null): Remains {
  const { channel, seq, handles, endpoints } = written ?? {};
  return {
    channel: typeof channel === 'string' ? channel : null,
    seq: typeof seq === 'number' ? seq : null,
    handles: textsIn(handles) as readonly DialogHandle[],
    endpoints: textsIn(endpoints) as readonly EndpointHandle[],
  };
}

/** Whether they are good ones the adapters find out. */
const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
