/** Speaks texts: a program, or a service. */
export interface Speech {
  /** Everything beside the text that decides what is heard: voice, program. */
  readonly identity: string;
  /**
   * A WAV file, of any sampling rate.
   *
   * @param signal ends the work at its deadline; what it was doing is stopped
   * @throws SoundError
   */
  speak(text: string, signal: AbortSignal): Promise<Buffer>;
}
