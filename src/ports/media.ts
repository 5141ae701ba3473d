/**
 * Media servers as the engine sees them: endpoints that far ends are connected to (RTP), and what is heard there.
 *
 * Every promise settles: an adapter gives each its own deadline and rejects with a {@link MediaError} when it passes.
 * After `lost` an endpoint is gone; everything asked of it then, or still open, rejects.
 */
export interface Media {
  /** Connects to the media servers. Rejects when none can be reached, naming the addresses. */
  start(): Promise<MediaInfo>;
  /** True while at least one server takes endpoints. */
  connected(): boolean;
  /** One row per server, for health and metrics. */
  servers(): readonly MediaServerState[];
  open(request: OpenRequest, listener: EndpointListener): Promise<Endpoint>;
  /**
   * Ends endpoints another engine has opened and, being gone, cannot close: each as soon as its server can be told.
   * One that is gone already, or at a server nobody here knows, does no harm.
   */
  free(endpoints: readonly EndpointHandle[]): void;
  stop(): Promise<void>;
}

export interface MediaInfo {
  /** `embedded`, or `host:port` of each server joined by commas. */
  readonly server: string;
}

export interface MediaServerState {
  /** `host:port` of its event socket, or `embedded`. */
  readonly name: string;
  readonly up: boolean;
  /** Endpoints of ours on it. */
  readonly endpoints: number;
}

export interface OpenRequest {
  /** The far end's offer; `null`: the endpoint makes one (RFC 3261 13.2.1 late offer, or a call of our own). */
  readonly offer: string | null;
  /** Only on this server: two endpoints can be bridged only there. Rejects when it is down. */
  readonly server?: string;
}

/** Says to another engine which endpoint is meant. Of the adapter's own making; safe to be written down. */
export type EndpointHandle = string & { readonly __brand: 'EndpointHandle' };

/** One RTP session at a media server. Operations on one endpoint run in the order they are asked for. */
export interface Endpoint {
  /** Name of its server, see {@link MediaServerState}. */
  readonly server: string;
  readonly handle: EndpointHandle;
  /** The endpoint's own session description: the answer to the offer, or its offer. */
  readonly sdp: string;
  /** The far end's new offer or answer; resolves with the endpoint's session description after it. */
  modify(sdp: string): Promise<string>;
  /**
   * Plays sounds one after the other to the far end; resolves when they began. `finished` tells how they ended:
   * `done`, `stopped` (by {@link stop}, a new `play`, a bridge) or `failed` (a file the server cannot play).
   */
  play(sounds: readonly PlayableSound[], options: PlayOptions): Promise<Playing>;
  /** Ends playing and leaves a bridge or conference: the far end hears nothing. */
  stop(): Promise<void>;
  /** Far ends of both endpoints hear each other. They must be on one server. What either played before is stopped. */
  bridge(other: Endpoint): Promise<void>;
  /** Plays to this far end only while it stays bridged (a whisper); its partner's voice goes on. */
  whisper(sounds: readonly PlayableSound[]): Promise<Playing>;
  /** Joins a conference of this name on its server; leaves bridge and playing. */
  join(conference: string): Promise<void>;
  /** Keys as RFC 4733 events towards the far end: `0-9*#A-D`, `w` = a pause of 500 ms. */
  sendDigits(digits: string): Promise<void>;
  /** Records both directions into this WAV file (a path on the media server's machine) until stopped. */
  record(request: RecordRequest): Promise<void>;
  /** `pause`: silence is written; `resume`; `stop` closes the file. */
  recording(path: string, action: 'pause' | 'resume' | 'stop'): Promise<void>;
  /** Lets the endpoint go. Never rejects; harmless when it is gone already. */
  close(): Promise<void>;
}

export interface RecordRequest {
  readonly path: string;
  /** Both directions in one channel, or the far end left and what it hears right. */
  readonly channels: 'mixed' | 'stereo';
  /** The server stops by itself after this; `null` = never. */
  readonly maxSeconds: number | null;
}

/** A WAV file by path on the media server's machine, or a tone in FreeSWITCH's `tone_stream` notation. */
export type PlayableSound = { readonly file: string } | { readonly tone: string };

export interface PlayOptions {
  /** Begins again after the last sound until stopped. */
  readonly loop: boolean;
}

export interface Playing {
  readonly finished: Promise<'done' | 'stopped' | 'failed'>;
}

export type EndpointListener = (event: EndpointEvent) => void;

export type EndpointEvent =
  /** A key pressed by the far end (RFC 4733), also while it is bridged. */
  | { readonly type: 'digit'; readonly digit: string; readonly durationMs: number }
  /** Recording of this file ended by itself, and the file is closed; see {@link RecordingEnd}. */
  | ({ readonly type: 'recordingStopped'; readonly path: string } & RecordingEnd)
  /** The endpoint is gone: its server died, was restarted, or gave it up for want of RTP. */
  | { readonly type: 'lost'; readonly reason: string };

/** Why a recording ended by itself: `isWhole` when it reached its limit, not when it broke off (disk full). */
export interface RecordingEnd {
  readonly isWhole: boolean;
  readonly reason: string;
}

/** What a media server could not do, or did not do in time. */
export class MediaError extends Error {
  constructor(
    readonly reason: 'unavailable' | 'timeout' | 'refused' | 'lost',
    message: string,
  ) {
    super(message);
    this.name = 'MediaError';
  }
}
