import { open, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RATE } from './frame.js';
import { WAV_HEADER_BYTES, wavHeader } from './wav.js';

/** Audio goes to the disk this often; what a crash can cost is no more. */
const FLUSH_SAMPLES = RATE / 2;

/** What a recorder needs of a file handle. */
export interface RecordFile {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  close(): Promise<void>;
}

/** Node's own recursive mkdir never returns below /proc (it tries again for ever); this one ends at the root. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      if ((again as NodeJS.ErrnoException).code !== 'EEXIST') throw again;
    });
  }
}

/**
 * Writes a WAV file whose header is true at every moment: each piece of audio is followed by the header that counts
 * it. So a recording that ends with the process is still a recording.
 */
export class WavRecorder {
  /** Samples per channel taken so far. */
  samples = 0;
  private pending: Int16Array[] = [];
  private pendingSamples = 0;
  private written = 0;
  private chain: Promise<void> = Promise.resolve();
  private failure: Error | null = null;
  private closed = false;

  private constructor(
    readonly path: string,
    private readonly channels: 1 | 2,
    private readonly file: RecordFile,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /**
   * @param onFailure called once when the disk does not take any more; the recorder then drops what it is given
   * @throws the error of the file system when the file cannot be made
   */
  static async open(path: string, channels: 1 | 2, onFailure: (error: Error) => void): Promise<WavRecorder> {
    await makeDirectory(dirname(path));
    return WavRecorder.into(await open(path, 'w'), path, channels, onFailure);
  }

  /** Into a file that is open already. */
  static async into(
    file: RecordFile,
    path: string,
    channels: 1 | 2,
    onFailure: (error: Error) => void,
  ): Promise<WavRecorder> {
    try {
      await file.write(wavHeader(RATE, channels, 0), 0, WAV_HEADER_BYTES, 0);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new WavRecorder(path, channels, file, onFailure);
  }

  get milliseconds(): number {
    return Math.round((this.samples * 1000) / RATE);
  }

  /** Takes a frame per channel, interleaved when there are two; the frame is copied. */
  write(frame: Int16Array): void {
    if (this.closed || this.failure !== null) return;
    this.samples += frame.length / this.channels;
    this.pending.push(frame.slice());
    this.pendingSamples += frame.length / this.channels;
    if (this.pendingSamples >= FLUSH_SAMPLES) this.flush();
  }

  /** Everything is on the disk and the file closed when this settles; never rejects. */
  async close(): Promise<void> {
    if (!this.closed) {
      this.flush();
      this.closed = true;
      this.chain = this.chain.then(() => this.file.close()).catch(() => undefined);
    }
    await this.chain;
  }

  private flush(): void {
    const frames = this.pending;
    if (frames.length === 0) return;
    this.pending = [];
    this.pendingSamples = 0;
    const bytes = Buffer.concat(frames.map((f) => Buffer.from(f.buffer, f.byteOffset, f.byteLength)));
    this.chain = this.chain.then(() => this.append(bytes)).catch((error: unknown) => this.fail(error));
  }

  private async append(bytes: Buffer): Promise<void> {
    if (this.failure !== null) return;
    const at = WAV_HEADER_BYTES + this.written;
    const { bytesWritten } = await this.file.write(bytes, 0, bytes.length, at);
    this.written += bytesWritten - (bytesWritten % (2 * this.channels));
    await this.file.write(wavHeader(RATE, this.channels, this.written), 0, WAV_HEADER_BYTES, 0);
    if (bytesWritten < bytes.length) throw new Error('the disk took only a part');
  }

  private fail(error: unknown): void {
    if (this.failure !== null) return;
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.onFailure(this.failure);
  }
}
