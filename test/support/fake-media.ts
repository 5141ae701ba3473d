import {
  MediaError,
  type Endpoint,
  type EndpointEvent,
  type EndpointHandle,
  type EndpointListener,
  type Media,
  type MediaInfo,
  type MediaServerState,
  type OpenRequest,
  type PlayableSound,
  type Playing,
  type PlayOptions,
  type RecordRequest,
} from '../../src/ports/media.js';

/** What the engine asked of the media servers. */
export type MediaOperation =
  | { readonly type: 'open'; readonly offer: string | null; readonly server: string | null }
  | { readonly type: 'modify'; readonly sdp: string }
  | { readonly type: 'play'; readonly sounds: readonly PlayableSound[]; readonly loop: boolean }
  | { readonly type: 'whisper'; readonly sounds: readonly PlayableSound[] }
  | { readonly type: 'stop' }
  | { readonly type: 'bridge'; readonly with: string }
  | { readonly type: 'join'; readonly conference: string }
  | { readonly type: 'sendDigits'; readonly digits: string }
  | { readonly type: 'record'; readonly request: RecordRequest }
  | { readonly type: 'recording'; readonly path: string; readonly action: 'pause' | 'resume' | 'stop' }
  | { readonly type: 'close' };

export type OperationType = MediaOperation['type'];

/** `endpoint`: `endpoint-1`, `endpoint-2` in the order they were asked for. */
export type RecordedOperation = MediaOperation & { readonly endpoint: string };

type Ending = 'done' | 'stopped' | 'failed';

/** What happens to the next operation of a type, on one endpoint or any. */
interface Order {
  readonly type: OperationType;
  readonly endpoint: string | null;
  /** Settles when the operation may go on, or rejects in its place. */
  readonly until: Promise<void>;
}

/** Sounds on their way to a far end. */
class FakePlaying implements Playing {
  readonly finished: Promise<Ending>;
  #settle: (ending: Ending) => void = () => undefined;

  constructor(
    readonly sounds: readonly PlayableSound[],
    readonly loop: boolean,
  ) {
    this.finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Only the first one counts. */
  end(ending: Ending): void {
    this.#settle(ending);
  }
}

/** Media servers in the hands of a test: record what is asked, answer at once, and do what the test says. */
export class FakeMedia implements Media {
  readonly operations: RecordedOperation[] = [];
  readonly endpoints: FakeEndpoint[] = [];
  /** Of another engine's. */
  readonly freed: EndpointHandle[] = [];
  readonly #orders: Order[] = [];
  readonly #down = new Set<string>();
  #asked = 0;
  #turn = 0;

  constructor(private readonly names: readonly [string, ...string[]] = ['media-1']) {}

  start(): Promise<MediaInfo> {
    if (!this.connected())
      return Promise.reject(new MediaError('unavailable', `no media server at ${this.names.join()}`));
    return Promise.resolve({ server: this.names.join(',') });
  }

  connected(): boolean {
    return this.names.some((name) => !this.#down.has(name));
  }

  servers(): readonly MediaServerState[] {
    return this.names.map((name) => ({
      name,
      up: !this.#down.has(name),
      endpoints: this.live.filter((endpoint) => endpoint.server === name).length,
    }));
  }

  async open(request: OpenRequest, listener: EndpointListener): Promise<FakeEndpoint> {
    const name = `endpoint-${++this.#asked}`;
    const { offer, server = null } = request;
    await this.obey(name, { type: 'open', offer, server });
    const up = this.names.filter((n) => !this.#down.has(n) && (server === null || n === server));
    const chosen = up[this.#turn++ % up.length];
    if (chosen === undefined) throw new MediaError('unavailable', 'no media server takes endpoints');
    const endpoint = new FakeEndpoint(this, name, chosen, offer, listener);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  free(endpoints: readonly EndpointHandle[]): void {
    this.freed.push(...endpoints);
  }

  stop(): Promise<void> {
    for (const endpoint of this.live) endpoint.lose('stopped');
    return Promise.resolve();
  }

  // --- what a test says

  /** Endpoints that are still there. */
  get live(): readonly FakeEndpoint[] {
    return this.endpoints.filter((endpoint) => !endpoint.gone);
  }

  /** The n-th that was opened, from 1. */
  endpoint(n: number): FakeEndpoint {
    const endpoint = this.endpoints.find(({ name }) => name === `endpoint-${n}`);
    if (endpoint === undefined) throw new Error(`endpoint-${n} was not opened`);
    return endpoint;
  }

  /** Operations in the order they were asked for, all or of one endpoint, without the name. */
  asked(endpoint?: string): readonly MediaOperation[] {
    return this.operations
      .filter((operation) => endpoint === undefined || operation.endpoint === endpoint)
      .map(({ endpoint: _, ...operation }) => operation);
  }

  failNext(
    type: OperationType,
    reason: MediaError['reason'] = 'refused',
    endpoint: string | null = null,
  ): void {
    const failure = Promise.reject(new MediaError(reason, `${type} failed`));
    failure.catch(() => undefined);
    this.#orders.push({ type, endpoint, until: failure });
  }

  /** The next one is not answered. @returns how to let it go on, or (with a reason) fail after all */
  hangNext(type: OperationType, endpoint: string | null = null): (reason?: MediaError['reason']) => void {
    let settle: (reason?: MediaError['reason']) => void = () => undefined;
    const until = new Promise<void>((resolve, reject) => {
      settle = (reason) =>
        reason === undefined ? resolve() : reject(new MediaError(reason, `${type} failed late`));
    });
    this.#orders.push({ type, endpoint, until });
    return settle;
  }

  /** A server dies: what it had is lost, and it takes nothing more until it is back. */
  loseServer(name: string = this.names[0], reason = 'server died'): void {
    this.#down.add(name);
    for (const endpoint of this.live) if (endpoint.server === name) endpoint.lose(reason);
  }

  restoreServer(name: string = this.names[0]): void {
    this.#down.delete(name);
  }

  /** Records an operation and waits for what the test ordered about it. */
  async obey(endpoint: string, operation: MediaOperation): Promise<void> {
    this.operations.push({ endpoint, ...operation });
    const at = this.#orders.findIndex(
      (order) => order.type === operation.type && (order.endpoint === null || order.endpoint === endpoint),
    );
    await this.#orders.splice(at, at < 0 ? 0 : 1)[0]?.until;
  }
}

/** One endpoint in the hands of a test. Its session description names it and counts its versions. */
export class FakeEndpoint implements Endpoint {
  readonly handle: EndpointHandle;
  readonly told: EndpointEvent[] = [];
  /** What the far end hears instead of a partner; `null` = nothing of ours. */
  playing: FakePlaying | null = null;
  whispering: FakePlaying | null = null;
  partner: FakeEndpoint | null = null;
  conference: string | null = null;
  /** Digits that went to the far end. */
  sent = '';
  readonly recordings = new Map<string, 'running' | 'paused'>();
  /** Descriptions of the far end, in order. */
  readonly remotes: string[] = [];
  gone: 'closed' | 'lost' | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #version = 0;
  #lost: (error: MediaError) => void = () => undefined;
  readonly #loss = new Promise<never>((_, reject) => {
    this.#lost = reject;
  });

  constructor(
    private readonly media: FakeMedia,
    readonly name: string,
    readonly server: string,
    offer: string | null,
    private readonly listener: EndpointListener,
  ) {
    this.handle = `${name}@${server}` as EndpointHandle;
    this.#loss.catch(() => undefined);
    if (offer !== null) this.remotes.push(offer);
  }

  get sdp(): string {
    return fakeSdp(this.name, this.#version);
  }

  modify(sdp: string): Promise<string> {
    return this.#run({ type: 'modify', sdp }, () => {
      this.remotes.push(sdp);
      this.#version++;
      return this.sdp;
    });
  }

  play(sounds: readonly PlayableSound[], { loop }: PlayOptions): Promise<Playing> {
    return this.#run({ type: 'play', sounds, loop }, () => {
      this.#silence();
      return (this.playing = new FakePlaying(sounds, loop));
    });
  }

  stop(): Promise<void> {
    return this.#run({ type: 'stop' }, () => this.#silence());
  }

  bridge(other: Endpoint): Promise<void> {
    if (!(other instanceof FakeEndpoint)) throw new Error('not an endpoint of this fake');
    return this.#run({ type: 'bridge', with: other.name }, () => {
      if (other.gone !== null || other.server !== this.server)
        throw new MediaError('refused', `${other.name} is not on ${this.server}`);
      this.#silence();
      other.#silence();
      this.partner = other;
      other.partner = this;
    });
  }

  whisper(sounds: readonly PlayableSound[]): Promise<Playing> {
    return this.#run({ type: 'whisper', sounds }, () => {
      this.whispering?.end('stopped');
      return (this.whispering = new FakePlaying(sounds, false));
    });
  }

  join(conference: string): Promise<void> {
    return this.#run({ type: 'join', conference }, () => {
      this.#silence();
      this.conference = conference;
    });
  }

  sendDigits(digits: string): Promise<void> {
    return this.#run({ type: 'sendDigits', digits }, () => void (this.sent += digits));
  }

  record(request: RecordRequest): Promise<void> {
    return this.#run({ type: 'record', request }, () => void this.recordings.set(request.path, 'running'));
  }

  recording(path: string, action: 'pause' | 'resume' | 'stop'): Promise<void> {
    return this.#run({ type: 'recording', path, action }, () => {
      if (!this.recordings.has(path)) throw new MediaError('refused', `${path} is not being recorded`);
      if (action === 'stop') this.recordings.delete(path);
      else this.recordings.set(path, action === 'pause' ? 'paused' : 'running');
    });
  }

  async close(): Promise<void> {
    await this.media.obey(this.name, { type: 'close' }).catch(() => undefined);
    this.#end('closed', 'closed');
  }

  // --- what a test says

  /** The far end presses keys, one event each. */
  press(digits: string, durationMs = 100): void {
    for (const digit of digits) this.#tell({ type: 'digit', digit, durationMs });
  }

  /** What is played, or whispered, comes to its end. */
  endPlaying(ending: Ending = 'done'): void {
    const sounding = this.whispering ?? this.playing;
    if (sounding === null) throw new Error(`${this.name} plays nothing`);
    if (this.whispering === null) this.playing = null;
    else this.whispering = null;
    sounding.end(ending);
  }

  endRecording(path: string, reason = 'disk full'): void {
    this.recordings.delete(path);
    this.#tell({ type: 'recordingStopped', path, isWhole: false, reason });
  }

  lose(reason = 'no RTP'): void {
    if (this.#end('lost', reason)) this.#tell({ type: 'lost', reason });
  }

  #end(how: 'closed' | 'lost', reason: string): boolean {
    if (this.gone !== null) return false;
    this.#silence();
    this.gone = how;
    this.recordings.clear();
    this.#lost(new MediaError('lost', `${this.name}: ${reason}`));
    return true;
  }

  #tell(event: EndpointEvent): void {
    this.told.push(event);
    this.listener(event);
  }

  #silence(): void {
    this.playing?.end('stopped');
    this.whispering?.end('stopped');
    this.playing = this.whispering = null;
    this.conference = null;
    if (this.partner?.partner === this) this.partner.partner = null;
    this.partner = null;
  }

  /** In order; not at all once the endpoint is gone. */
  #run<T>(operation: MediaOperation, work: () => T): Promise<T> {
    const ordered = this.media.obey(this.name, operation);
    const turn = this.#queue.then(() => ordered).then(() => (this.gone === null ? work() : this.#loss));
    ordered.catch(() => undefined);
    this.#queue = turn.catch(() => undefined);
    return Promise.race([this.#loss, turn]);
  }
}

/** The session description of a fake endpoint, after so many changes. */
export const fakeSdp = (endpoint: string, version = 0): string =>
  `v=0\r\no=- ${endpoint.replace(/\D/g, '')} ${version} IN IP4 127.0.0.1\r\ns=${endpoint}\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n` +
  `m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n`;
