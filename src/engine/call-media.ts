import type { BotEvent } from '../domain/bot-event.js';
import type { Call } from '../domain/call.js';
import type { CallEvent } from '../domain/call-event.js';
import type { RecordingSettings } from '../domain/settings.js';
import type { AnchorEvent } from './anchor/anchored-ears.js';
import { Switchboard, type SoundEffect, type SwitchboardParts } from './anchor/switchboard.js';
import type { LegSlots, Slot } from './leg-slots.js';
import type { EngineParts } from './parts.js';
import { RecordingKeeper } from './recording-keeper.js';

/** What of the call's runner its media needs. */
export interface CallMediaOwner {
  readonly legs: LegSlots;
  readonly post: (event: CallEvent) => void;
  readonly tell: (event: BotEvent) => void;
}

/** Everything that happens at media servers for one call: who hears whom, and what is recorded of it. */
export class CallMedia {
  private readonly switchboard: Switchboard;
  private readonly recording: RecordingKeeper | null;

  constructor(
    call: Call,
    recording: RecordingSettings | null,
    parts: Pick<EngineParts, 'sounds' | 'recordings' | 'log'>,
    private readonly owner: CallMediaOwner,
  ) {
    const { legs, post, tell } = owner;
    const { sounds, recordings: files, log } = parts;
    const leg: SwitchboardParts['leg'] = (name) => legs.get(name)?.anchor;
    this.switchboard = new Switchboard({ sounds, log, post, leg, callId: call.id });
    const isRecorded = recording !== null && call.setup.media === 'anchored';
    this.recording = isRecorded
      ? new RecordingKeeper({
          callId: call.id,
          settings: recording,
          files,
          log,
          tell,
          caller: () => leg('caller'),
        })
      : null;
  }

  perform(effect: SoundEffect): void {
    this.switchboard.perform(effect);
  }

  /** After each step of the call. */
  follow(call: Call): void {
    this.recording?.follow(call);
  }

  heard(slot: Slot, event: AnchorEvent): void {
    if (event.type === 'recordingStopped') {
      this.recording?.ended(event.path, event);
      return;
    }
    if (event.type === 'mediaReset' && slot.name === 'caller') this.recording?.restart();
    this.owner.post({ ...event, leg: slot.name });
  }

  /** @returns false when nothing is being recorded */
  record(action: 'pause' | 'resume' | 'stop'): boolean {
    return this.recording?.request(action) ?? false;
  }

  /** Runs `done` once what was recorded has been told: at once when nothing was. */
  whenTold(done: () => void): void {
    if (this.recording === null) done();
    else void this.recording.finished().finally(done);
  }
}
