/** A process whose cost counts. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
  /** How its garbage can be collected from outside: see collect-garbage.ts. `undefined`: it is no Node process. */
  readonly inspector: { readonly log: string } | { readonly port: number } | undefined;
}

export type Server = 'embedded' | 'drachtio';

/** Something that connects callers to the bot, running. */
export interface Running {
  readonly sipPort: number;
  readonly processes: readonly Watched[];
  /** Base URL of the HTTP API, where it has one. */
  readonly api: string | undefined;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly botPort: number;
  /** RFC 3261 T1 of the embedded server; a drachtio-server has its own. */
  readonly t1Ms?: number;
}

/** Something that is measured. */
export interface Subject {
  /** Unique, and what the tables say. */
  readonly name: string;
  readonly kind: 'engine' | 'bare';
  readonly server: Server;
  start(options: StartOptions): Promise<Running>;
}

/** Where a drachtio-server takes applications. */
export interface DrachtioAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}
