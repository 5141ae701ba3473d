import { describe, expect, it } from 'vitest';
import { MediaError } from '../../ports/media.js';
import { conferenceName, digitsToSend, recordingPath, soundName, soundWord } from './names.js';

describe('names on the event socket', () => {
  it.each([
    [{ file: '/sounds/sorry.wav' }, '/sounds/sorry.wav'],
    [{ file: '/my sounds/sorry!.wav' }, '/my sounds/sorry!.wav'],
    [{ tone: '%(2000,4000,440,480)' }, 'tone_stream://%(2000,4000,440,480)'],
    [{ tone: 'tone_stream://%(100,0,700);loops=-1' }, 'tone_stream://%(100,0,700);loops=-1'],
  ])('%j is said as %s', (sound, name) => {
    expect(soundName(sound)).toBe(name);
  });

  it.each([
    ['empty', () => soundName({ file: '' })],
    ['a second line', () => soundName({ file: '/x\nhangup' })],
    ['NUL', () => soundName({ file: '/x\0' })],
    ['a variable', () => soundName({ file: '/${caller}.wav' })],
    ['a space in front', () => soundName({ file: ' /x.wav' })],
    ['a whispered sound of two words', () => soundWord({ file: '/x 0 m' })],
    ['a quoted recording', () => recordingPath("/'x'.wav")],
    ['a recording of two words', () => recordingPath('/x.wav 10')],
    ['a conference with flags', () => conferenceName('room+flags{mute}')],
    ['a digit that is none', () => digitsToSend('12x')],
    ['no digits', () => digitsToSend('')],
  ])('%s is refused', (_, say) => {
    expect(say).toThrow(MediaError);
  });
});
