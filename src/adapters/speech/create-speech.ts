import type { SpeechSettings } from '../../domain/sound-settings.js';
import type { Speech } from '../../ports/speech.js';
import { createCommandSpeech } from './command-speech.js';
import type { Fetcher } from './fetcher.js';
import { createHttpSpeech } from './http-speech.js';

/** The speech a configuration asks for; `null`: none. */
export const createSpeech = (settings: SpeechSettings | null, fetcher: Fetcher): Speech | null => {
  if (settings === null) return null;
  return settings.kind === 'command' ? createCommandSpeech(settings) : createHttpSpeech(settings, fetcher);
};
