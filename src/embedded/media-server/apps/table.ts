import type { Application } from './application.js';
import { playAndGetDigits } from './play-and-get-digits.js';
import { endlessPlayback, loopPlayback, playback } from './playback.js';
import { record, recordSession, stopRecordSession } from './record.js';
import { answer, park, sendDtmf, setMute, sleep } from './simple.js';
import { exportVariable, multiset, set, unset } from './variables.js';

/** Applications by name; `conference` belongs to the rooms, `hangup` to the channel itself. */
export const APPLICATIONS: ReadonlyMap<string, Application> = new Map([
  ['set', set],
  ['unset', unset],
  ['multiset', multiset],
  ['export', exportVariable],
  ['answer', answer],
  ['park', park],
  ['sleep', sleep],
  ['playback', playback],
  ['loop_playback', loopPlayback],
  ['endless_playback', endlessPlayback],
  ['play_and_get_digits', playAndGetDigits],
  ['record', record],
  ['record_session', recordSession],
  ['stop_record_session', stopRecordSession],
  ['send_dtmf', sendDtmf],
  ['set_mute', setMute],
]);
