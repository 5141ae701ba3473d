import { connect } from 'node:net';
import type { EslCommand } from './command-reader.js';
import { CommandTable, type Commands } from './commands.js';
import { EslConnection } from './connection.js';
import type { EventHub } from './event.js';
import { channelData, disconnectNotice } from './frames.js';

export interface OutboundOwner {
  readonly uuid: string;
  /** Headers of the answer to `connect`. */
  describe(): Readonly<Record<string, string>>;
  /** The application is gone, or was never reached. */
  linkLost(): void;
}

/** Longer than any application on the same network takes to accept. */
const CONNECT_MS = 3000;

/** The connection a call opens to its application; the application speaks first. */
export class OutboundLink {
  private readonly connection: EslConnection;

  constructor(
    address: { readonly host: string; readonly port: number },
    private readonly owner: OutboundOwner,
    commands: Commands,
    hub: EventHub,
  ) {
    const socket = connect(address.port, address.host);
    const late = setTimeout(() => socket.destroy(), CONNECT_MS);
    socket.once('connect', () => clearTimeout(late));
    const table = new CommandTable(commands, () => this.connection, owner.uuid);
    this.connection = new EslConnection(
      socket,
      (command) => this.run(table, command),
      () => {
        clearTimeout(late);
        hub.remove(this.connection);
        owner.linkLost();
      },
    );
    hub.add(this.connection);
  }

  /** The channel is gone: says so and closes. */
  end(): void {
    this.connection.end(disconnectNotice(this.owner.uuid));
  }

  private run(table: CommandTable, command: EslCommand): string | Promise<string> {
    if (command.line !== 'connect') return table.run(command);
    this.connection.listening = true;
    return channelData(this.owner.describe());
  }
}
