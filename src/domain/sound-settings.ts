/** What the configuration says about sounds, resolved: every path is a full one. */
export interface SoundSettings {
  /** Where sound files are looked for by name; the first that has it counts. */
  readonly dirs: readonly [string, ...string[]];
  /** Keeps what was spoken or fetched. */
  readonly cacheDir: string;
  readonly cacheMaxMb: number;
  /** What the first of {@link dirs} is called on the media servers' machine; `null`: the same. */
  readonly mediaDir: string | null;
  /** Full paths the configuration itself names: a bot may name no other. */
  readonly files: readonly string[];
  /** Texts the configuration lets callers and agents hear. */
  readonly texts: readonly string[];
  /** Ringback in FreeSWITCH's `tone_stream` notation. */
  readonly ringback: string;
  /** `host:port` audio may be fetched from. */
  readonly allowHosts: readonly string[];
  readonly speech: SpeechSettings | null;
}

/** `host:port` a request for this http(s) URL goes to, as {@link SoundSettings.allowHosts} has it. */
export function hostPortOf(text: string): string {
  const url = new URL(text);
  const usual = url.protocol === 'https:' ? '443' : '80';
  return `${url.hostname}:${url.port === '' ? usual : url.port}`;
}

export type SpeechSettings = CommandSpeechSettings | HttpSpeechSettings;

/** A program that reads the text on stdin and writes a WAV file to stdout. */
export interface CommandSpeechSettings {
  readonly kind: 'command';
  /** Program and arguments; `{voice}` stands for the voice. */
  readonly command: readonly [string, ...string[]];
  readonly voice: string;
  readonly timeoutMs: number;
}

/** A service that is POSTed the text and answers with a WAV file. */
export interface HttpSpeechSettings {
  readonly kind: 'http';
  readonly url: string;
  /** JSON with `{text}` and `{voice}` in its texts; `null`: the bare text. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Bearer token. */
  readonly secret: string | null;
  readonly voice: string;
  readonly timeoutMs: number;
}
