import type { TransferCommand } from '../domain/command.js';
import type { TransferId } from '../domain/ids.js';

/** A command is planned and told of in one breath; only one that came too late for its call is never asked for. */
const MAX_KEPT = 1000;

/** Commands between their planning and the event that tells of them, by the transfer they became. */
export class CommandMemory {
  private readonly commands = new Map<TransferId, TransferCommand>();

  keep(id: TransferId, command: TransferCommand): void {
    // An attended transfer is about one dialog: by the time it could be given again, that is gone.
    if (command.replaces !== undefined) return;
    this.commands.set(id, command);
    for (const oldest of this.commands.keys()) {
      if (this.commands.size <= MAX_KEPT) return;
      this.commands.delete(oldest);
    }
  }

  /** `null`: it was none that could be given again. */
  take(id: TransferId): TransferCommand | null {
    const command = this.commands.get(id) ?? null;
    this.commands.delete(id);
    return command;
  }
}
