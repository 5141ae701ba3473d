import type { DialRequest, LegEvent, LegListener, LegPort } from '../../ports/signalling.js';
import { LegVoice } from './leg-voice.js';
import type { DrachtioLog } from './options.js';

const nothing = (): void => undefined;

/** A leg that is over before anything was sent: it only tells why, after whoever made it has returned. */
export function undialledLeg(
  request: Pick<DialRequest, 'tap'>,
  listener: LegListener,
  lastWord: Extract<LegEvent, { type: 'refused' | 'lost' }>,
  log: DrachtioLog,
): LegPort {
  const voice = new LegVoice(log, nothing);
  voice.attach(listener, request.tap);
  voice.tellSoon(lastWord);
  return {
    sipCallId: null,
    dialog: null,
    handle: null,
    ring: nothing,
    answer: nothing,
    reject: nothing,
    cancel: nothing,
    ack: nothing,
    bye: nothing,
    reoffer: nothing,
    acceptOffer: nothing,
    refuseOffer: nothing,
    refer: nothing,
    abandonRefer: nothing,
    acceptRefer: nothing,
    refuseRefer: nothing,
    notifyRefer: nothing,
    info: nothing,
    speaksFrom: () => false,
    rebind: (heir, tap) => voice.rebind(heir, tap),
    abandon: () => voice.end(),
  };
}
