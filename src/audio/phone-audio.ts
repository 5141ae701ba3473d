import { resample } from './resample.js';
import { readWavFormat, samplesOf, WavError, wavOf } from './wav.js';

/** What goes over the wire in the end (G.711): more would be thrown away. */
const PHONE_RATE = 8000;
const MAX_RATE = 48_000;

/**
 * Speech or audio from elsewhere as every media server plays it: WAV, 16 bit PCM, 8 kHz, one channel.
 *
 * @throws WavError when it is no WAV file of 16 bit PCM, 8 to 48 kHz, one or two channels
 */
export async function phoneAudio(bytes: Buffer): Promise<Buffer> {
  const format = readWavFormat(bytes);
  const { encoding, bits, channels, rate } = format;
  if (encoding !== 'pcm' || bits !== 16) throw new WavError('is not 16 bit PCM');
  if (channels !== 1 && channels !== 2) throw new WavError(`has ${channels} channels, not one or two`);
  if (rate < PHONE_RATE || rate > MAX_RATE)
    throw new WavError(`has ${rate} samples a second, not ${PHONE_RATE} to ${MAX_RATE}`);
  const samples = samplesOf(bytes, format);
  if (samples.length === 0) throw new WavError('holds no audio');
  return wavOf(await resample(samples, rate, PHONE_RATE), PHONE_RATE);
}
