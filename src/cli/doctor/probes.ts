import type { Config } from '../../config/schema.js';
import type { SipServerConfig } from '../../config/sip-servers.js';
import type { Finding } from '../../ports/finding.js';
import type { ListenAddress } from '../../sip/listen-address.js';

export type SipServer = SipServerConfig;
export type MediaServer = Exclude<Config['media']['server'], string>[number];
export type Store = Exclude<Config['store'], 'memory'>;

/** A directory as it is now. */
export interface Place {
  /** Completes "the directory ..."; `null`: it is there, and files can be written into it. */
  readonly problem: string | null;
  /** Bytes left for us on its disk; `null` when that is not known. */
  readonly free: number | null;
}

/** What somebody at a URL said to a request without side effects. */
export type WebAnswer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'untrusted' | 'silent' | 'unreachable'; readonly why: string };

/** What the doctor finds out about the machine and what it can reach. No probe rejects, and none waits long. */
export interface Probes {
  readonly whyNotFree: (address: ListenAddress) => Promise<string | undefined>;
  readonly sipServer: (server: SipServer) => Promise<Finding>;
  readonly mediaServer: (server: MediaServer) => Promise<Finding>;
  readonly store: (store: Store) => Promise<readonly Finding[]>;
  readonly web: (url: string) => Promise<WebAnswer>;
  /** Why a name has no address; `undefined`: it has one. */
  readonly whyNoAddress: (host: string) => Promise<string | undefined>;
  readonly place: (directory: string) => Promise<Place>;
  /** Whether there is such a program. */
  readonly runs: (program: string) => boolean;
}
