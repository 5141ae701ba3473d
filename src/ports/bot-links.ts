/**
 * Bots that connect to us instead of being called: the far side of `GET /v1/bot`. Whoever speaks the wire's protocol
 * (WebSocket frames, pings) gives each connection in as a {@link BotLink} and passes on what comes.
 */
export interface BotLinks {
  /** Whether there is anything to connect for: the channel is there, and its bot is told events. */
  serves(channel: string): boolean;
  /** A bot has connected for a channel that is served; it is sent what it may have missed at once. */
  attach(channel: string, link: BotLink): AttachedBot;
}

/** One connection, as its user sees it. */
export interface BotLink {
  /** Text of one message, in order; never throws, and does nothing once the connection is gone. */
  send(text: string): void;
  /** Bytes taken by {@link send} that have not left yet. */
  backlog(): number;
  /** Ends the connection. {@link AttachedBot.detached} follows. */
  close(why: 'stopping' | 'notReading'): void;
}

/** What is told about a connection. */
export interface AttachedBot {
  /** Text of one message of the bot. */
  received(text: string): void;
  /** The connection is gone, however it ended. */
  detached(): void;
}
