import type { Request } from 'drachtio-srf';

/**
 * Who may speak in a dialog (S-2): the address its far end has spoken from, and those the engine allows. Call-ID and
 * tags are no secret, they pass through every proxy and log; the source of a packet is harder to come by.
 */
export class FarEnd {
  readonly #heard = new Set<string>();

  constructor(private allows: (address: string) => boolean = () => false) {}

  /** Addresses it has spoken from. */
  get addresses(): readonly string[] {
    return [...this.#heard];
  }

  /** As another process has heard it. */
  restore(addresses: readonly string[]): void {
    for (const address of addresses) this.#heard.add(address);
  }

  /** What the engine says of a caller, which comes with its verdict. */
  allow(allows: (address: string) => boolean): void {
    this.allows = allows;
  }

  /** The INVITE of the dialog, or a response to it; what the server made up itself has no source. */
  heard({ source_address: address }: { readonly source_address: string }): void {
    if (address !== '') this.#heard.add(address);
  }

  speaks({ source, source_address: address }: Request): boolean {
    // The server's own BYE (no ACK, session expired).
    if (source === 'application') return true;
    return this.speaksFrom(address);
  }

  speaksFrom(address: string): boolean {
    return this.#heard.has(address) || this.allows(address);
  }
}
