import { join } from 'node:path';
import { afterEach, beforeEach, describe } from 'vitest';
import type { MediaServerOptions } from '../../src/embedded/media-server/server.js';
import { startEmbedded, type Backend } from './drachtio-backend.js';
import { attachRealMedia, realMediaGiven, startEmbeddedMedia, type MediaBackend } from './media-backend.js';
import { createMrf, type Endpoint, type EndpointOptions, type MediaServerClient } from './media-fsmrf.js';
import { RtpPhone } from './media-phone.js';
import { sine } from './media-tones.js';
import { writeWav } from './media-wav.js';
import { SipPhone } from './sip-phone/index.js';
import { TestApp } from './test-app.js';

/** A phone in a call: its media, and the endpoint at the media server it talks to. */
export interface Party {
  readonly phone: RtpPhone;
  readonly endpoint: Endpoint;
}

/** What a contract test gets: unmodified drachtio-fsmrf on a SIP server and the media server under test. */
export interface MediaBench {
  readonly real: boolean;
  readonly backend: MediaBackend;
  readonly signalling: Backend;
  readonly app: TestApp;
  readonly ms: MediaServerClient;
  rtpPhone(codec?: 0 | 8, host?: string): Promise<RtpPhone>;
  sipPhone(): Promise<SipPhone>;
  endpoint(options?: EndpointOptions): Promise<Endpoint>;
  /** A phone connected to an endpoint; it sends silence until it is told what to say. */
  party(options?: { codec?: 0 | 8 } & EndpointOptions): Promise<Party>;
  /** Another connection to the media server. */
  connect(secret?: string): Promise<MediaServerClient>;
  /** A file of that name both sides can reach. */
  path(name: string): string;
  /** A WAV file with a tone. */
  toneFile(frequency: number, milliseconds: number, rate?: number): string;
}

class LiveMediaBench implements MediaBench {
  backend!: MediaBackend;
  signalling!: Backend;
  app!: TestApp;
  ms!: MediaServerClient;
  private readonly cleanups: (() => unknown)[] = [];
  private readonly endpoints: Endpoint[] = [];

  constructor(readonly real: boolean) {}

  async start(options: Partial<MediaServerOptions>): Promise<void> {
    this.backend = this.real ? attachRealMedia() : await startEmbeddedMedia(options);
    this.signalling = await startEmbedded();
    this.app = await TestApp.connect(this.signalling.admin);
    this.ms = await this.connect();
  }

  async stop(failed: boolean): Promise<void> {
    try {
      for (const endpoint of this.endpoints.splice(0)) if (endpoint.connected) await endpoint.destroy();
      if (!failed) await this.backend.idle();
    } finally {
      for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
      await this.app.close();
      await this.signalling.close();
      await this.backend.close();
    }
  }

  async connect(secret = this.backend.esl.secret): Promise<MediaServerClient> {
    const mrf = createMrf(this.app.srf);
    const ms = await mrf.connect({ ...this.backend.esl, secret, listenAddress: '127.0.0.1' });
    this.cleanups.push(() => ms.disconnect());
    return ms;
  }

  async rtpPhone(codec: 0 | 8 = 0, host = '127.0.0.1'): Promise<RtpPhone> {
    const phone = await RtpPhone.open(codec, host);
    this.cleanups.push(() => phone.close());
    return phone;
  }

  async sipPhone(): Promise<SipPhone> {
    const phone = await SipPhone.open();
    this.cleanups.push(() => phone.close());
    return phone;
  }

  async endpoint(options: EndpointOptions = {}): Promise<Endpoint> {
    const endpoint = await this.ms.createEndpoint(options);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  async party({ codec = 0, ...options }: { codec?: 0 | 8 } & EndpointOptions = {}): Promise<Party> {
    const phone = await this.rtpPhone(codec, options.family === 'ipv6' ? '::1' : '127.0.0.1');
    const endpoint = await this.endpoint({ remoteSdp: phone.sdp(), ...options });
    phone.follow(endpoint.local.sdp);
    return { phone, endpoint };
  }

  path(name: string): string {
    return join(this.backend.directory, name);
  }

  toneFile(frequency: number, milliseconds: number, rate = 8000): string {
    const path = this.path(`tone-${frequency}-${milliseconds}-${rate}.wav`);
    return writeWav(path, sine(frequency, milliseconds, rate), rate);
  }
}

/**
 * The same tests against every media server: the embedded one always, FreeSWITCH when the environment names it. A
 * missing one is counted as skipped tests, so that a green run says what it did not do.
 */
export function describeMediaServers(
  name: string,
  body: (bench: MediaBench) => void,
  { embedded = {}, only }: { embedded?: Partial<MediaServerOptions>; only?: 'embedded' } = {},
): void {
  const run = (real: boolean, title: string): void => {
    const bench = new LiveMediaBench(real);
    describe(title, () => {
      beforeEach(() => bench.start(embedded));
      afterEach(({ task }) => bench.stop(task.result?.state === 'fail'));
      body(bench);
    });
  };
  run(false, `${name} [embedded]`);
  if (only === 'embedded') return;
  if (realMediaGiven) run(true, `${name} [FreeSWITCH]`);
  else describe.skip(`${name} [FreeSWITCH: not given]`, () => body(new LiveMediaBench(true)));
}
