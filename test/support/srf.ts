import { createRequire } from 'node:module';
import type { EventEmitter } from 'node:events';

/**
 * What the tests use of drachtio-srf 5.0.29, as it behaves; the declarations the package ships are wrong in
 * ways that compile (a promise typed void, an error argument left out).
 */

export type SrfHeaders = Readonly<Record<string, string>>;

export interface SrfMessage {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  readonly source_address: string;
  readonly source_port: string;
  readonly protocol: string;
  get(name: string): string;
  has(name: string): boolean;
}

export interface SendOptions {
  readonly headers?: SrfHeaders;
  readonly body?: string;
}

export interface SrfRequest extends SrfMessage, EventEmitter {
  readonly receivedOn: string;
  readonly stackTxnId: string;
  cancel(options: SendOptions, callback: (error: Error | null, cancel: SrfRequest) => void): void;
  cancel(callback?: (error: Error | null, cancel: SrfRequest) => void): void;
}

export interface SrfResponse extends SrfMessage, EventEmitter {
  readonly status: number;
  readonly reason: string;
  /** The error is the server's NOK text, not an Error. */
  send(
    status: number,
    options?: SendOptions,
    callback?: (error: string | Error | null, sent: SrfMessage) => void,
    onPrack?: (prack: SrfRequest) => void,
  ): void;
}

export interface SrfDialog extends EventEmitter {
  readonly id: string;
  readonly type: 'uac' | 'uas';
  readonly connected: boolean;
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
  readonly local: { readonly uri: string; readonly sdp: string; readonly contact: string };
  readonly remote: { readonly uri: string; readonly sdp: string };
  destroy(options?: SendOptions): Promise<SrfRequest>;
  request(options: SendOptions & { method: string }): Promise<SrfResponse>;
  request(
    options: SendOptions & { method: string; noAck?: boolean },
    callback: (error: Error | null, response: SrfResponse, ack?: (options: SendOptions) => void) => void,
  ): void;
}

export interface ThirdPartyCall {
  readonly sdp: string;
  ack(localSdp: string): Promise<SrfDialog>;
  destroy(): Promise<void>;
}

export interface UacOptions {
  readonly localSdp?: string;
  readonly headers?: SrfHeaders;
  readonly proxy?: string;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly noAck?: boolean;
  readonly callingNumber?: string;
}

export interface UacProgress {
  readonly cbRequest?: (error: Error | null, request: SrfRequest) => void;
  readonly cbProvisional?: (response: SrfResponse) => void;
}

export type SrfHandler = (req: SrfRequest, res: SrfResponse) => void;

export interface Srf extends EventEmitter {
  connect(options: {
    host: string;
    port: number;
    secret: string;
    enablePing?: boolean;
    pingInterval?: number;
    reconnect?: { maxAttempts?: number; retryMaxDelay?: number };
  }): unknown;
  disconnect(): void;
  use(verb: string, handler: (req: SrfRequest, res: SrfResponse, next: () => void) => void): void;
  createUAC(
    uri: string,
    options: UacOptions & { noAck: true },
    progress?: UacProgress,
  ): Promise<ThirdPartyCall>;
  createUAC(uri: string, options: UacOptions, progress?: UacProgress): Promise<SrfDialog>;
  createUAS(
    req: SrfRequest,
    res: SrfResponse,
    options: { localSdp?: string; headers?: SrfHeaders },
  ): Promise<SrfDialog>;
  request(
    uri: string,
    options: SendOptions & {
      method: string;
      proxy?: string;
      auth?: UacOptions['auth'];
      stackDialogId?: string;
    },
    callback: (error: Error | null, req: SrfRequest) => void,
  ): void;
  findDialogById(id: string): SrfDialog | undefined;
}

/** What a refused createUAC rejects with. */
export interface SipError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly res?: SrfResponse;
  readonly code?: string;
}

const SrfClass = createRequire(import.meta.url)('drachtio-srf') as new (
  tags?: string | readonly string[],
) => Srf;

export const createSrf = (tags: readonly string[] = []): Srf => new SrfClass(tags);
