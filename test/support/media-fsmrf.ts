import { createRequire } from 'node:module';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Srf, SrfDialog, SrfRequest, SrfResponse } from './srf.js';

/** What the tests use of drachtio-fsmrf 4.1.2, as it behaves. It ships no declarations. */

export interface EslEvent {
  getHeader(name: string): string | null;
  getBody(): string;
  readonly body: string;
}

export interface PlayResult {
  readonly playbackSeconds: string;
  readonly playbackMilliseconds: string;
  readonly playbackLastOffsetPos: string;
}

export interface Endpoint extends EventEmitter {
  readonly uuid: string;
  readonly connected: boolean;
  readonly local: { readonly sdp: string; readonly mediaIp: string; readonly mediaPort: string };
  readonly remote: { readonly sdp: string; readonly mediaIp: string; readonly mediaPort: string };
  readonly sip: { readonly callId: string };
  readonly dtmfType: string;
  readonly dialog: SrfDialog;
  readonly conf: { readonly memberId?: number };
  readonly conn: {
    readonly socket: Socket;
    on(event: string, listener: (event: EslEvent) => void): void;
    subscribe(events: string): void;
  };
  play(
    file: string | readonly string[] | { file: string; seekOffset?: number; timeoutSecs?: number },
  ): Promise<PlayResult>;
  playCollect(options: Readonly<Record<string, string | number>>): Promise<{
    readonly digits: string | null;
    readonly invalidDigits: string | null;
    readonly terminatorUsed: string | null;
  }>;
  record(
    file: string,
    options?: { timeLimitSecs?: number; silenceThresh?: number; silenceHits?: number },
  ): Promise<{
    readonly terminatorUsed: string | null;
    readonly recordMilliseconds: string;
    readonly recordSamples: string;
  }>;
  recordSession(file: string): Promise<EslEvent>;
  set(values: Readonly<Record<string, string>>): Promise<void>;
  set(name: string, value: string): Promise<void>;
  export(name: string, value: string): Promise<void>;
  execute(app: string, argument?: string): Promise<EslEvent>;
  api(command: string, argument?: string | readonly string[]): Promise<EslEvent>;
  getChannelVariables(includeMedia?: boolean): Promise<Readonly<Record<string, string | number>>>;
  modify(sdp: string): Promise<string>;
  bridge(other: Endpoint | string): Promise<void>;
  unbridge(): Promise<void>;
  mute(): Promise<EslEvent>;
  unmute(): Promise<EslEvent>;
  join(
    conference: string | Conference,
    options?: { pin?: string; flags?: Readonly<Record<string, boolean>> },
  ): Promise<{ readonly memberId: number; readonly confUuid: string }>;
  unjoin(): Promise<string>;
  confMute(): Promise<string>;
  confUnmute(): Promise<string>;
  confDeaf(): Promise<string>;
  confUndeaf(): Promise<string>;
  confHup(): Promise<EslEvent>;
  confPlay(file: string): Promise<EslEvent>;
  transfer(conference: string): Promise<string>;
  destroy(): Promise<void>;
}

export interface Conference extends EventEmitter {
  readonly name: string;
  readonly uuid: string;
  readonly memberId: number;
  readonly endpoint: Endpoint;
  getSize(): Promise<number>;
  list(): Promise<EslEvent>;
  get(name: string): Promise<number | string>;
  set(name: string, value: string | number): Promise<string>;
  lock(): Promise<string>;
  unlock(): Promise<string>;
  mute(who: string): Promise<string>;
  unmute(who: string): Promise<string>;
  play(file: string | readonly string[]): Promise<{ seconds: number; milliseconds: number; samples: number }>;
  startRecording(file: string): Promise<string>;
  pauseRecording(file: string): Promise<string>;
  resumeRecording(file: string): Promise<string>;
  stopRecording(file: string): Promise<string>;
  destroy(): Promise<void>;
}

export interface EndpointOptions {
  readonly remoteSdp?: string;
  readonly codecs?: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly srtp?: boolean;
  /** Which of the media server's addresses the call goes to. */
  readonly family?: 'ipv4' | 'ipv6';
}

export interface MediaServerClient extends EventEmitter {
  readonly sip: Readonly<Record<'ipv4' | 'ipv6', { readonly udp: { readonly address?: string } }>>;
  readonly maxSessions: number;
  readonly currentSessions: number;
  readonly cpuIdle: number;
  readonly fsVersion: string;
  api(command: string): Promise<string>;
  connected(): boolean;
  createEndpoint(options?: EndpointOptions): Promise<Endpoint>;
  connectCaller(
    req: SrfRequest,
    res: SrfResponse,
    options?: { readonly codecs?: readonly string[] },
  ): Promise<{ readonly endpoint: Endpoint; readonly dialog: SrfDialog }>;
  createConference(name: string, options?: { maxMembers?: number; pin?: string }): Promise<Conference>;
  disconnect(): void;
}

export interface Mrf {
  connect(options: {
    address: string;
    port: number;
    secret: string;
    listenAddress?: string;
    profile?: string;
  }): Promise<MediaServerClient>;
}

const MrfClass = createRequire(import.meta.url)('drachtio-fsmrf') as new (
  srf: Srf,
  options?: { customEvents?: readonly string[] },
) => Mrf;

export const createMrf = (srf: Srf): Mrf => new MrfClass(srf);
