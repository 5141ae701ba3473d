import { BlockList, isIPv6 } from 'node:net';

/**
 * Who may begin something with us. A stranger is heard inside dialogs and transactions that exist, since bots and
 * agents live anywhere; anything new from one gets no answer at all, so that a scanner learns nothing.
 */
export class Sources {
  private readonly allowed = new BlockList();

  /** @throws Error naming the block that is none */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) this.add(block);
  }

  allows(address: string): boolean {
    return this.allowed.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  private add(block: string): void {
    const [address = '', bits] = block.split('/', 2);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) this.allowed.addAddress(address, family);
      else this.allowed.addSubnet(address, Number(bits), family);
    } catch {
      throw new Error(`"${block}" is no address block such as 10.0.0.0/8`);
    }
  }
}
