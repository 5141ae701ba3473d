import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sine } from './media-tones.js';
import { wavBytes } from './media-wav.js';

/** Tones of spoken texts, in Hz: none of a party's, of a sound file's, or of ringback. */
const FIRST_TEXT_HZ = 1700;
const STEP_HZ = 150;
const LAST_TEXT_HZ = 3350;

/** Stands for a speech service and for a host of sound files: what is spoken or fetched is heard as a tone. */
export class ToneServer {
  /** Texts that were to be spoken, as they came. */
  readonly spoken: string[] = [];
  /** Length of what is spoken. */
  spokenMs = 400;
  private readonly tones = new Map<string, number>();
  private readonly server = createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<ToneServer> {
    const server = new ToneServer();
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Where texts are spoken. */
  get speech(): string {
    return `http://${this.host}/speech`;
  }

  /** Address of a sound file with this tone. */
  audio(hz: number, ms = 400): string {
    return `http://${this.host}/${hz}-${ms}.wav`;
  }

  /** The tone a text is spoken in, one of its own for each. */
  toneOf(text: string): number {
    const known = this.tones.get(text);
    if (known !== undefined) return known;
    const hz = FIRST_TEXT_HZ + this.tones.size * STEP_HZ;
    if (hz > LAST_TEXT_HZ) throw new Error('no tone is left for another text');
    this.tones.set(text, hz);
    return hz;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const [, hz, ms] = /^\/(\d+)-(\d+)\.wav$/.exec(request.url ?? '') ?? [];
    if (hz !== undefined) return void response.end(wavBytes(sine(Number(hz), Number(ms))));
    if (request.url !== '/speech') return void response.writeHead(404).end();
    this.spoken.push(body);
    response.end(wavBytes(sine(this.toneOf(body), this.spokenMs)));
  }
}
