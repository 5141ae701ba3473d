/** What this adapter uses of drachtio-fsmrf 4.1.2, as the code behaves. It ships no declarations. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  /** An event or answer of the event socket. */
  export interface EslEvent {
    getHeader(name: string): string | null;
    getBody(): string;
  }

  /** modesl's connection. Never throws on a name nobody listens to, `error` included. */
  export interface EslConnection {
    /** `null` once it is closed. */
    readonly socket: Socket | null;
    on(event: string, listener: (event: EslEvent) => void): void;
    once(event: string, listener: () => void): void;
    prependListener(event: string, listener: () => void): void;
    removeAllListeners(event?: string): void;
    subscribe(events: readonly string[]): void;
    disconnect(): void;
  }

  export interface InDialogResponse {
    readonly status: number;
    readonly reason: string;
    readonly body: string | undefined;
  }

  /** drachtio-srf's dialog with the media server. */
  export interface MediaDialog extends EventEmitter {
    readonly connected: boolean;
    readonly local: { sdp: string; readonly contact: string };
    readonly remote: { sdp: string };
    /** Sends the ACK by itself; rejects only when the request could not be sent. May never settle. */
    request(options: {
      method: string;
      headers: Readonly<Record<string, string>>;
      body: string;
    }): Promise<InDialogResponse>;
    /** BYE; settles with its response, of whatever status. May never settle. */
    destroy(): Promise<unknown>;
  }

  export interface FsmrfEndpoint extends EventEmitter {
    readonly uuid: string;
    readonly connected: boolean;
    readonly dialog: MediaDialog;
    /** `null` after its end. */
    readonly conn: EslConnection | null;
    readonly local: { readonly sdp: string };
    /** Resolves with CHANNEL_EXECUTE_COMPLETE; never, when the connection is lost before. */
    execute(app: string, argument: string): Promise<EslEvent>;
    /** Resolves with the answer; never, when the connection is lost before. */
    api(command: string, args: readonly string[]): Promise<EslEvent>;
    bridge(other: FsmrfEndpoint): Promise<void>;
    unbridge(): Promise<void>;
    join(conference: string): Promise<unknown>;
    unjoin(): Promise<unknown>;
    on(event: 'destroy', listener: (details?: { readonly reason?: string | null }) => void): this;
    on(event: 'dtmf', listener: (key: { readonly dtmf: string; readonly duration: string }) => void): this;
    on(event: 'playback-start', listener: (sound: { readonly file?: string }) => void): this;
  }

  export interface FsmrfServer extends EventEmitter {
    readonly conn: EslConnection;
    /** Never settles when the connection is lost before the answer. */
    api(command: string): Promise<string>;
    /** Throws at once for SRTP; may never settle. */
    createEndpoint(options: { remoteSdp?: string }): Promise<FsmrfEndpoint>;
    /** Closes the connection and the listener for the servers' own connections, not those connections. */
    disconnect(): void;
  }

  /** What fsmrf asks of drachtio-srf. */
  export interface UacSide {
    createUAC(
      uri: string,
      options: { readonly headers: Readonly<Record<string, string>>; readonly localSdp?: string },
    ): Promise<MediaDialog>;
  }

  export interface ConnectOptions {
    readonly address: string;
    readonly port: number;
    readonly secret: string;
    readonly profile: string;
    readonly listenAddress: string;
    /** 0: a free one. */
    readonly listenPort: number;
    readonly advertisedAddress?: string;
  }

  export default class Mrf {
    constructor(srf: UacSide);
    /** With a callback: called more than once, as modesl tries again by itself after an error. */
    connect(options: ConnectOptions, callback: (error: Error | null, server?: FsmrfServer) => void): void;
  }
}
