/** What a command may touch; tests and `main.ts` give it. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** The part of `fetch` the client commands use. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface ClientIo extends Io {
  readonly fetch: Fetch;
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal;
}

/** 0 = done, 1 = refused or failed; 2, bad usage, is thrown as a UsageError. */
export type ExitCode = 0 | 1;

export function complain(io: Io, line: string): ExitCode {
  io.stderr.write(`switchhook: ${line}\n`);
  return 1;
}

/** What others wrote, fit for one line of a terminal: no line ends, no escape sequences. */
export const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
