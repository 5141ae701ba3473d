import type { HttpSpeechSettings } from '../../domain/sound-settings.js';
import type { Speech } from '../../ports/speech.js';
import type { Fetcher } from './fetcher.js';

/** As of a program: see `command-speech.ts`. */
const MAX_ANSWER_BYTES = 20_000_000;

/** Speech by a service: the text, or JSON with the text in it, is POSTed, and the answer is a WAV file. */
export function createHttpSpeech(settings: HttpSpeechSettings, fetcher: Fetcher): Speech {
  const { url, body, voice, secret, headers } = settings;
  const type = body === null ? 'text/plain; charset=utf-8' : 'application/json';
  const sent = {
    'content-type': type,
    ...(secret !== null && { authorization: `Bearer ${secret}` }),
    ...headers,
  };
  return {
    identity: JSON.stringify([url, body, voice]),
    speak: (text, signal) =>
      fetcher.fetch(
        {
          method: 'POST',
          url,
          headers: sent,
          body: body === null ? text : JSON.stringify(filled(body, text, voice)),
          maxBytes: MAX_ANSWER_BYTES,
        },
        signal,
      ),
  };
}

/** The template with text and voice in place; what the text itself contains is never looked at again. */
function filled(template: unknown, text: string, voice: string): unknown {
  if (Array.isArray(template)) return template.map((item) => filled(item, text, voice));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(
      Object.entries(template).map(([key, item]) => [key, filled(item, text, voice)]),
    );
  }
  if (typeof template !== 'string') return template;
  return template.replaceAll(/\{(text|voice)\}/g, (_, name) => (name === 'text' ? text : voice));
}
