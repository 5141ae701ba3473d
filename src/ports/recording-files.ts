/** Where recordings are written, by the media server, and what they are called when they are whole. */
export interface RecordingFiles {
  /** Makes room for a recording. Never rejects: a directory that only the media server can see is left to it. */
  begin(dir: string, name: string): Promise<RecordingFile>;
  /** The recording is closed: it gets its name, so that nobody ever finds half of one under it. Resolves with its path. */
  complete(file: RecordingFile): Promise<string>;
  /** The recording never began: what is left of it is taken away, where it can be. Never rejects. */
  discard(file: RecordingFile): Promise<void>;
}

export interface RecordingFile {
  /** What the media server writes. */
  readonly writing: string;
  readonly path: string;
}
