/** Channels of engines that are gone, on one server: ended as soon as it can be told, and as often as it takes. */
export class LeftChannels {
  private readonly uuids = new Set<string>();

  /** @param kill rejects when the server does not answer; that it knows no such channel is an answer */
  constructor(private readonly kill: (uuid: string) => Promise<unknown>) {}

  add(uuid: string): void {
    this.uuids.add(uuid);
  }

  /** Now that the server can be reached. */
  end(): void {
    for (const uuid of this.uuids) {
      this.kill(uuid).then(
        () => this.uuids.delete(uuid),
        // A server that does not answer is lost, and told again when it is back.
        () => undefined,
      );
    }
  }
}
