import type { Refusal } from '../../domain/outcome.js';
import type { DialRequest, LegListener, LegPort } from '../../ports/signalling.js';
import { LegVoice } from './leg-voice.js';
import type { DrachtioLog } from './options.js';

const nothing = (): void => undefined;

/** A call that is over before anything was sent: it only tells why, after `dial` has returned. */
export function undialledLeg(
  request: DialRequest,
  listener: LegListener,
  refusal: Refusal,
  log: DrachtioLog,
): LegPort {
  const voice = new LegVoice(log, nothing);
  voice.attach(listener, request.tap);
  voice.tellSoon({ type: 'refused', refusal });
  return {
    sipCallId: null,
    dialog: null,
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
  };
}
