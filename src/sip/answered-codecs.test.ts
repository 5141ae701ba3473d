import { describe, expect, it } from 'vitest';
import { takesAudio } from './answered-codecs.js';

const sdp = (...media: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', ...media, ''].join('\r\n');

const OFFER = sdp('m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000');

describe('an answer to an offer of audio', () => {
  it.each([
    ['one of the codecs', sdp('m=audio 5000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000'), true],
    ['another number for it', sdp('m=audio 5000 RTP/AVP 96', 'a=rtpmap:96 pcmu/8000'), true],
    ['more than was offered', sdp('m=audio 5000 RTP/AVP 9 0'), true],
    ['on hold', sdp('m=audio 5000 RTP/AVP 0', 'a=inactive'), true],
    ['a codec that was not offered', sdp('m=audio 5000 RTP/AVP 9', 'a=rtpmap:9 G722/8000'), false],
    ['keys and no voice', sdp('m=audio 5000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'), false],
    ['a number with another meaning', sdp('m=audio 5000 RTP/AVP 101', 'a=rtpmap:101 opus/48000/2'), false],
    ['no audio', sdp('m=audio 0 RTP/AVP 0'), false],
    ['no stream', sdp(), false],
    ['only video', sdp('m=video 5000 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'), false],
    ['nothing of the kind', 'hello', false],
  ])('%s: %#', (_, answer, taken) => {
    expect(takesAudio(answer, OFFER)).toBe(taken);
  });
});
