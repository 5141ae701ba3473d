import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { createFreeswitchMedia } from '../../../src/adapters/freeswitch/freeswitch-media.js';
import type { FreeswitchOptions, FreeswitchServer } from '../../../src/adapters/freeswitch/options.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import type { Endpoint, EndpointEvent, Media } from '../../../src/ports/media.js';
import { startEmbedded, type Backend } from '../../support/drachtio-backend.js';
import { attachRealMedia, realMediaGiven } from '../../support/media-backend.js';
import { RtpPhone } from '../../support/media-phone.js';
import { sine } from '../../support/media-tones.js';
import { writeWav } from '../../support/media-wav.js';
import { MediaProcess } from './media-process.js';

/** A phone, the endpoint it talks to, and what the endpoint told. */
export interface Talk {
  readonly phone: RtpPhone;
  readonly endpoint: Endpoint;
  readonly events: EndpointEvent[];
}

/** The adapter on a SIP server and media servers, all real on the wire. */
export class MediaRig {
  signalling!: Backend;
  media!: Media;
  servers!: readonly FreeswitchServer[];
  /** Empty when the server is a real one. */
  processes: MediaProcess[] = [];
  /** What was told of the dependency, in order. */
  readonly told: boolean[] = [];
  private directory = '';
  private readonly phones: RtpPhone[] = [];
  private readonly unhandled: unknown[] = [];
  private readonly note = (error: unknown): void => void this.unhandled.push(error);

  constructor(
    readonly real: boolean,
    private readonly count: number,
    private readonly args: readonly string[],
  ) {}

  async startServers(): Promise<void> {
    process.on('unhandledRejection', this.note);
    this.signalling = await startEmbedded();
    this.directory = mkdtempSync(join(tmpdir(), 'switchhook-port-'));
    if (this.real) {
      const { esl } = attachRealMedia();
      this.servers = [{ ...esl, name: `${esl.address}:${esl.port}` }];
      return;
    }
    for (let n = 0; n < this.count; n++) this.processes.push(await MediaProcess.start(...this.args));
    this.servers = this.processes.map(({ config }) => config);
  }

  async startMedia(): Promise<void> {
    this.told.length = 0;
    this.media = this.create();
    await this.media.start();
  }

  create(options: Partial<FreeswitchOptions> = {}): Media {
    const { host, port, secret } = this.signalling.admin;
    const [first, ...rest] = this.servers;
    if (first === undefined) throw new Error('no media server');
    return createFreeswitchMedia({
      servers: [first, ...rest],
      sip: [{ host, port, secret, tls: false }],
      listen: { address: '127.0.0.1', port: 0 },
      clock: systemClock,
      log: silentLog,
      metrics: { dependencyChanged: (_, up) => void this.told.push(up) },
      ...options,
    });
  }

  /** After each test: nothing of it is left anywhere, and nothing failed where nobody looked. */
  async stopMedia(failed: boolean): Promise<void> {
    await this.media.stop();
    await Promise.all(this.phones.splice(0).map((phone) => phone.close()));
    const unhandled = this.unhandled.splice(0);
    if (failed) return;
    for (const process of this.processes) await process.idle();
    expect(unhandled).toEqual([]);
  }

  async stopServers(): Promise<void> {
    process.off('unhandledRejection', this.note);
    await Promise.all(this.processes.map((process) => process.close()));
    await this.signalling.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The SIP server dies and comes back on the same ports. */
  async restartSignalling(): Promise<void> {
    const { admin } = this.signalling;
    await this.signalling.close();
    this.signalling = await startEmbedded({ admin: { host: admin.host, port: admin.port } });
  }

  async phone(codec: 0 | 8 = 0): Promise<RtpPhone> {
    const phone = await RtpPhone.open(codec);
    this.phones.push(phone);
    return phone;
  }

  /** A phone whose offer the endpoint answered. */
  async talk({ server, codec = 0 }: { server?: string; codec?: 0 | 8 } = {}): Promise<Talk> {
    const phone = await this.phone(codec);
    const events: EndpointEvent[] = [];
    const request = { offer: phone.sdp(), ...(server === undefined ? {} : { server }) };
    const endpoint = await this.media.open(request, (event) => events.push(event));
    phone.follow(endpoint.sdp);
    return { phone, endpoint, events };
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** A WAV file with a tone, played by its full name. */
  tone(frequency: number, milliseconds: number): { file: string } {
    const path = this.path(`tone-${frequency}-${milliseconds}.wav`);
    return { file: writeWav(path, sine(frequency, milliseconds)) };
  }
}

/** The same promises of every media server: the embedded one always, FreeSWITCH when the environment names it. */
export function describeMediaPort(
  name: string,
  body: (rig: MediaRig) => void,
  { only, count = 1, args = [] }: { only?: 'embedded'; count?: number; args?: readonly string[] } = {},
): void {
  const run = (real: boolean, title: string): void => {
    const rig = new MediaRig(real, count, args);
    describe(title, () => {
      beforeAll(() => rig.startServers());
      afterAll(() => rig.stopServers());
      beforeEach(() => rig.startMedia());
      afterEach(({ task }) => rig.stopMedia(task.result?.state === 'fail'));
      body(rig);
    });
  };
  run(false, `${name} [embedded]`);
  if (only === 'embedded') return;
  if (realMediaGiven) run(true, `${name} [FreeSWITCH]`);
  else describe.skip(`${name} [FreeSWITCH: not given]`, () => body(new MediaRig(true, count, args)));
}
